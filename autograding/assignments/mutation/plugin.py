"""The pytest plugin that mutmut's runs load: the judge's fixtures with a worker in this process.

It also bounds what a mutant may take. mutmut's own limit counts seconds on the
clock, and on a busy machine that kills mutants which only wait for their turn; the
limit here counts computing time.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Generator

import pytest

from autograding.assignments.one_process.limits import cpu_seconds
from autograding.assignments.one_process.plugin import OneProcessPlugin
from autograding.grader.judge.plugin import ExerciseMark

MEMORY_VARIABLE = "MUTATION_MEMORY_MB"
# Set here after mutmut's first run of all tests, for the processes forked for the mutants.
SUITE_VARIABLE = "MUTATION_SUITE_SECONDS"
MUTANT_VARIABLE = "MUTANT_UNDER_TEST"
STATS = "stats"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks and the fixtures, and bound memory and computing time."""
    ExerciseMark().pytest_configure(config)
    config.pluginmanager.register(OneProcessPlugin(seed=""))
    memory_mb = int(os.environ.get(MEMORY_VARIABLE, "0"))
    if memory_mb:
        _bound(resource.RLIMIT_AS, memory_mb * 2**20)
    if "__mutmut_" in os.environ.get(MUTANT_VARIABLE, ""):
        allowed = cpu_seconds(float(os.environ.get(SUITE_VARIABLE, "60")))
        _bound(resource.RLIMIT_CPU, int(time.process_time()) + allowed)


def _bound(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value, hard))


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Note how long all tests compute when there is no mutant."""
    before = time.process_time()
    result = yield
    if os.environ.get(MUTANT_VARIABLE) == STATS:
        os.environ[SUITE_VARIABLE] = str(time.process_time() - before)
    return result
