"""The judge's fixtures with a worker in the judge's own process."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from autograding.assignments.one_process.worker import ForgetfulWorker, LocalSession
from autograding.grader.judge.in_process import like_a_fresh_process
from autograding.grader.judge.plugin import TestPlugin, package_behind
from autograding.grader.judge.proxy import Package
from autograding.grader.worker.server import SEED


class OneProcessPlugin(TestPlugin):
    """Gives each test the package imported anew, from wherever `sys.path` finds it."""

    def __init__(self, seed: str, call_seconds: float = 0) -> None:
        super().__init__(seed)
        self._call_seconds = call_seconds

    @pytest.fixture
    def tt(self, request: pytest.FixtureRequest) -> Iterator[Package]:
        worker = ForgetfulWorker()
        with like_a_fresh_process():
            random.seed(SEED)
            np.random.seed(SEED)
            yield package_behind(LocalSession(worker, "tinytorch", self._call_seconds), request.node)
            worker.forget()


class EnteredPlugin(OneProcessPlugin):
    """Notes which functions of `package` each test enters, by file and first line."""

    def __init__(self, seed: str, package: Path) -> None:
        super().__init__(seed)
        self._package = f"{package}{os.sep}"
        self.entered: dict[str, list[tuple[str, int]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        entered: set[tuple[str, int]] = set()

        def note(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(self._package):
                entered.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

        # A tracer that returns nothing is called when a frame is entered, and a profiler far more often.
        sys.settrace(note)
        threading.settrace(note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.entered[item.nodeid] = [
                (file.removeprefix(self._package), line) for file, line in sorted(entered)
            ]


class OnlyPlugin:
    """Runs the tests `only`, of all that were collected."""

    def __init__(self, only: Sequence[str]) -> None:
        self._only = frozenset(only)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._only]
