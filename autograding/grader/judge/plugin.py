"""Our pytest plugin: the `tt` and `rng` fixtures, the `exercise` mark, and messages for students.

JudgePlugin judges with a worker a test. The tests are also collected without any
worker (`process.py`) and run in one interpreter for a debugger (`in_process.py`); whoever
has another worker for them starts from TestPlugin.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograding.grader.judge.proxy import Asked, Border, Package, StudentError
from autograding.grader.manifest import Limits
from autograding.grader.report.text import steady
from autograding.grader.testing import Mismatch, NotPlain
from autograding.grader.worker.session import ForkServer, WorkerLost

BORDER = pytest.StashKey[Border]()
MESSAGE_LIMIT = 1200


class TestPlugin:
    """What tests get apart from `tt`, and in `report` what came of them.

    `seed` is empty for a push; in the final run it is derived from a secret, so
    that the inputs of `rng` cannot be known beforehand.
    """

    __test__ = False

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.report: dict[str, Any] = {}

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return seeded(self._seed, request.node.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_runtest_metadata(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> dict[str, str]:
        """What pytest-json-report keeps of a failed test: the message a student reads."""
        if call.excinfo is None:
            return {}
        border = item.stash.get(BORDER, None)
        return {"message": failure_message(call.excinfo.value, border.called if border else "")}

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Keep the report of pytest-json-report in memory."""
        self.report = dict(json_report)


class JudgePlugin(TestPlugin):
    """Judges against a worker started from `package` (the folder that holds `tinytorch/`)."""

    def __init__(self, package: Path, limits: Limits, seed: str) -> None:
        super().__init__(seed)
        self._server = ForkServer(package, limits)

    @pytest.fixture
    def tt(self, request: pytest.FixtureRequest) -> Iterator[Package]:
        session = self._server.session()
        try:
            yield package_behind(session, request.node)
        finally:
            session.close()

    def pytest_unconfigure(self) -> None:
        self._server.close()


def package_behind(session: Asked, item: pytest.Item) -> Package:
    """`tt` for one test. What the test calls is remembered, for the message when it fails."""
    border = Border(session)
    item.stash[BORDER] = border
    return Package(border)


class ExerciseMark:
    """Declares the `exercise` mark."""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "exercise(id, hint, weight): the exercise this test scores")


def seeded(seed: str, test: str) -> np.random.Generator:
    """The generator of one test: the same for the same seed and test on every machine."""
    digest = hashlib.sha256(f"{seed}\n{test}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def failure_message(error: BaseException, called: str) -> str:
    """Up to three lines: what was called, what was expected, what came out."""
    lines = [f"called: {called}"] if called else []
    if isinstance(error, (Mismatch, NotPlain)):
        lines += [f"expected: {error.expected}", f"got: {error.got}"]
    elif isinstance(error, StudentError):
        lines += ["expected: no error", f"got: {error.type_name}: {error.message}".rstrip(": ")]
        lines += [f"at: {frame}" for frame in error.frames[-1:]]
    elif isinstance(error, WorkerLost):
        lines += ["expected: a result", f"got: {error}"]
    elif isinstance(error, AssertionError):
        lines += [f"expected: {str(error).splitlines()[0] if str(error) else 'the check to hold'}"]
    else:
        lines += ["expected: a value the check can use", f"got: {type(error).__name__}: {error}"]
    return steady("\n".join(" ".join(line.split()) for line in lines))[:MESSAGE_LIMIT]
