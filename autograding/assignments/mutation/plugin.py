"""The pytest plugin that mutmut's runs load: the judge's fixtures with a worker in this process.

It also bounds what a mutant may take. mutmut's own limit counts seconds on the
clock, and on a busy machine that kills mutants which only wait for their turn; the
limit here counts computing time.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Generator, Iterator

import numpy as np
import pytest

from autograding.assignments.mutation.worker import ForgetfulWorker, LocalSession
from autograding.grader.judge.in_process import like_a_fresh_process
from autograding.grader.judge.plugin import ExerciseMark, seeded
from autograding.grader.judge.proxy import Border, Package

MEMORY_VARIABLE = "MUTATION_MEMORY_MB"
# Set here after mutmut's first run of all tests, for the processes forked for the mutants.
SUITE_VARIABLE = "MUTATION_SUITE_SECONDS"
MUTANT_VARIABLE = "MUTANT_UNDER_TEST"
STATS = "stats"
SECONDS_AT_LEAST = 5
TIMES_THE_SUITE = 4


def cpu_seconds(suite_seconds: float) -> int:
    """How long a mutant may compute when the whole suite takes this long without one."""
    return SECONDS_AT_LEAST + int(TIMES_THE_SUITE * suite_seconds)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks, and bound memory and computing time."""
    ExerciseMark().pytest_configure(config)
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


@pytest.fixture
def tt() -> Iterator[Package]:
    worker = ForgetfulWorker()
    with like_a_fresh_process():
        yield Package(Border(LocalSession(worker, "tinytorch")))
        worker.forget()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return seeded("", request.node.nodeid)
