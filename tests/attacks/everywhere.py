"""Judge payloads that fit any module against every test of an assignment, in one judge.

A test gets a fresh worker for each payload, which is told the payload before it
imports the package. So one judge and one fork server try all of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from unittest import mock

import pytest

from autograding.course import Assignment
from autograding.grader.judge.plugin import ExerciseMark, JudgePlugin, package_behind
from autograding.grader.judge.process import pytest_options
from autograding.grader.judge.proxy import Package
from autograding.grader.manifest import Limits
from autograding.lesson import export_lesson, parse_lesson, strip_solutions
from tests.attacks.case import FOLDER, Case
from tests.conftest import ROOT

LIMITS = Limits(call_seconds=20.0, test_seconds=60.0, total_seconds=1200.0)
EACH = 1


def stage(assignment: Assignment, folder: Path) -> Path:
    """The reference package in `folder`, with this assignment's module a starter that attacks."""
    shutil.copytree(ROOT / "tinytorch", folder / "tinytorch")
    lesson = parse_lesson(assignment.lesson.read_text(encoding="utf-8"), str(assignment.lesson))
    starter = export_lesson(strip_solutions(lesson, assignment.number))
    attack = (FOLDER / "replace.py").read_text(encoding="utf-8")
    target = folder / (assignment.package.replace(".", "/") + ".py")
    target.write_text(f"{starter}\n\n{attack}", encoding="utf-8")
    return folder


def choose(test: str, payloads: Sequence[Case], each: int) -> list[Case]:
    """`each` payloads for a test, by name: what is added elsewhere changes no choice made here."""
    return sorted(payloads, key=lambda case: sha256(f"{test}\n{case.name}".encode()).digest())[:each]


class EveryPayload(JudgePlugin):
    """A judge that runs every test with several payloads, a worker each."""

    def __init__(self, package: Path, payloads: Sequence[Case], each: int) -> None:
        super().__init__(package, LIMITS, seed="")
        self._payloads = payloads
        self._each = each
        self.ran = 0
        self.passed: list[str] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "payload" in metafunc.fixturenames:
            chosen = choose(metafunc.definition.name, self._payloads, self._each)
            metafunc.parametrize("payload", chosen, ids=[case.name for case in chosen])

    @pytest.fixture
    def tt(self, request: pytest.FixtureRequest, payload: Case) -> Iterator[Package]:
        session = self._server.session()
        builtins = session.request("module", "builtins")["ok"]
        source = (payload.folder / "payload.py").read_text(encoding="utf-8")
        session.request("setattr", builtins, "ATTACK", source)
        try:
            yield package_behind(session, request.node)
        finally:
            session.close()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.ran += 1
            if report.passed:
                self.passed.append(report.nodeid)


def try_payloads(
    package: Path, assignment: Assignment, payloads: Sequence[Case], each: int = EACH
) -> EveryPayload:
    """Run all tests of the assignment, visible and hidden, each with `each` payloads."""
    plugin = EveryPayload(package, payloads, each)
    files = sorted((assignment.folder / "tests").glob("test_*.py"))
    options = [*pytest_options(assignment.folder), "--no-summary", "--tb=no", *map(str, files)]
    with mock.patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}):
        pytest.main(options, plugins=[ExerciseMark(), plugin])
    return plugin
