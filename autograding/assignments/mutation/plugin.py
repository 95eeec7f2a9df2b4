"""The pytest plugin that mutmut's runs load: the judge's fixtures with a worker in this process."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator

import numpy as np
import pytest

from autograding.assignments.mutation.worker import ForgetfulWorker, LocalSession
from autograding.grader.judge.in_process import like_a_fresh_process
from autograding.grader.judge.plugin import ExerciseMark, seeded
from autograding.grader.judge.proxy import Border, Package

MEMORY_VARIABLE = "MUTATION_MEMORY_MB"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks, and bound what a mutant that never stops growing may take."""
    ExerciseMark().pytest_configure(config)
    bytes_allowed = int(os.environ.get(MEMORY_VARIABLE, "0")) * 2**20
    if bytes_allowed:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (bytes_allowed, hard))


@pytest.fixture
def tt() -> Iterator[Package]:
    worker = ForgetfulWorker()
    with like_a_fresh_process():
        yield Package(Border(LocalSession(worker, "tinytorch")))
        worker.forget()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return seeded("", request.node.nodeid)
