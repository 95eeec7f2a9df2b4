"""Judging in one process: the same outcomes as in a grade, and only the tests that can notice a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograding.assignments.one_process.judge import OneProcessJudge
from autograding.assignments.one_process.limits import cpu_seconds
from autograding.assignments.one_process.processes import Processes
from autograding.grader.judge.run_tests import Judge, judge_package
from autograding.grader.manifest import Limits

pytestmark = pytest.mark.slow

TESTS = """
from pathlib import Path

from autograding.grader.testing import assert_equal, exercise


def note(name):
    with Path(__file__).with_name("ran").open("a") as file:
        file.write(name + " ")


@exercise("double", hint="twice")
def test_double(tt):
    note("double")
    assert_equal(tt.double(2), 4)


@exercise("half", hint="one of two")
def test_half(tt):
    note("half")
    assert_equal(tt.half(4), 2)


@exercise("half", hint="the same number comes out", weight=2)
def test_half_of_the_double(tt, rng):
    note("both")
    number = int(rng.integers(1, 9))
    assert_equal(tt.half(tt.double(number)), number)
"""
PACKAGE = """
import os

STEP = 2


def double(number):
    return number * STEP


def half(number):
    return number // STEP
"""
DOUBLE, HALF = "return number * STEP", "return number // STEP"
STUBBORN = """
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""
LIMITS = Limits(call_seconds=1.0, test_seconds=4.0)


@dataclass(frozen=True)
class Court:
    """A package with its tests, and the judge."""

    folder: Path
    judge: OneProcessJudge

    def package(self, old: str = "", new: str = "") -> Path:
        file = self.folder / "package" / "tinytorch" / "__init__.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PACKAGE.replace(old, new) if old else PACKAGE)
        return file.parent.parent

    def learn(self) -> None:
        self.judge.learn(self.folder, ["test_numbers.py"], self.package(), LIMITS)

    def outcomes(self, judge: Judge, old: str, new: str) -> dict[str, tuple[str, str]]:
        """Outcome and message of each test on a package in which `old` is `new`."""
        (self.folder / "ran").unlink(missing_ok=True)
        judged = judge(self.folder, ["test_numbers.py"], self.package(old, new), LIMITS)
        return {
            outcome.id.partition("::")[2]: (outcome.outcome, outcome.message) for outcome in judged.outcomes
        }

    @property
    def ran(self) -> set[str]:
        return set((self.folder / "ran").read_text().split())


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with closing(Processes(1)) as processes:
        yield processes


@pytest.fixture
def court(tmp_path: Path, processes: Processes) -> Court:
    (tmp_path / "test_numbers.py").write_text(TESTS)
    return Court(tmp_path, OneProcessJudge(processes))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DOUBLE, "return number + STEP + 1"),
        (HALF, "raise ValueError('no halves')"),
        (HALF, "return number / STEP"),
        ("STEP = 2", "STEP = 3"),
        ("import os", "import nothing"),
        ("def half(number):", "def half(number:"),
        (DOUBLE, "os._exit(3)"),
        (DOUBLE, "os.abort()"),
    ],
    ids=["result", "error", "type", "constant", "import", "syntax", "exit", "crash"],
)
def test_outcomes_and_messages_are_those_of_a_grade(court: Court, old: str, new: str) -> None:
    court.learn()
    assert court.outcomes(court.judge, old, new) == court.outcomes(judge_package, old, new)


def test_a_test_that_enters_no_changed_function_does_not_run(court: Court) -> None:
    court.learn()
    outcomes = court.outcomes(court.judge, DOUBLE, "return 0")
    assert {name: outcome for name, (outcome, _) in outcomes.items()} == {
        "test_double": "failed",
        "test_half": "passed",
        "test_half_of_the_double": "failed",
    }
    assert court.ran == {"double", "both"}


def test_every_test_runs_when_something_outside_functions_changed(court: Court) -> None:
    court.learn()
    court.outcomes(court.judge, "STEP = 2", "STEP = 1 + 1")
    assert court.ran == {"double", "half", "both"}


def test_nothing_runs_on_the_same_package_again(court: Court) -> None:
    court.learn()
    outcomes = court.outcomes(court.judge, "", "")
    assert {outcome for outcome, _ in outcomes.values()} == {"passed"}
    assert not (court.folder / "ran").exists()


def test_code_that_loops_is_stopped_at_the_limit_of_a_call(court: Court) -> None:
    court.learn()
    outcomes = court.outcomes(court.judge, HALF, "while True: pass")
    outcome, message = outcomes["test_half"]
    assert outcome == "failed"
    assert "took too long: stopped after 1 seconds for one call" in message
    assert outcomes["test_double"] == ("passed", "")


def test_code_that_loops_and_does_not_let_itself_be_stopped_goes_to_a_sandbox(court: Court) -> None:
    court.learn()
    outcomes = court.outcomes(court.judge, HALF, STUBBORN)
    assert [outcome for outcome, _ in outcomes.values()] == ["passed", "failed", "failed"]


def test_a_package_may_compute_several_times_as_long_as_the_one_that_was_learned() -> None:
    assert cpu_seconds(0.4) == 6
    assert cpu_seconds(20) == 85


def test_what_does_not_pass_its_tests_teaches_nothing(court: Court) -> None:
    broken = court.package(DOUBLE, "return 0")
    court.judge.learn(court.folder, ["test_numbers.py"], broken, LIMITS)
    outcomes = court.outcomes(court.judge, "", "")
    assert {outcome for outcome, _ in outcomes.values()} == {"passed"}
    assert court.ran == {"double", "half", "both"}
