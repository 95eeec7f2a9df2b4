"""Points are a function of the manifest and of tests that ran once, to their end, and passed."""

from __future__ import annotations

import pytest

from autograding.grader.judge.run_tests import TestOutcome
from autograding.grader.manifest import Exercise, ExpectedTest, Manifest
from autograding.grader.score import score_exercises

EXPECTED = (ExpectedTest("t.py::test_a", "01.a", "hint"), ExpectedTest("t.py::test_b", "01.a", "hint"))
MANIFEST = Manifest(
    "01_a", "01", "A", "a.ipynb", "tinytorch.core.a", (Exercise("01.a", "A", 10),), (), EXPECTED, ()
)


def score(*outcomes: tuple[str, str]) -> float:
    ran = tuple(TestOutcome(name, outcome, "", 0.0) for name, outcome in outcomes)
    return score_exercises(MANIFEST, EXPECTED, ran)[0].score


def test_each_test_that_passed_earns_its_share() -> None:
    assert score(("t.py::test_a", "passed"), ("t.py::test_b", "failed")) == 5


def test_a_test_that_ran_twice_earns_nothing() -> None:
    assert score(("t.py::test_a", "passed"), ("t.py::test_a", "passed"), ("t.py::test_b", "passed")) == 5


def test_a_test_that_is_not_expected_earns_nothing() -> None:
    assert score(("t.py::test_a", "passed"), ("t.py::test_c", "passed"), ("u.py::test_b", "passed")) == 5


@pytest.mark.parametrize("outcome", ["failed", "error", "skipped", "xpassed", "xfailed", ""])
def test_only_a_test_that_passed_earns_points(outcome: str) -> None:
    assert score(("t.py::test_a", outcome), ("t.py::test_b", outcome)) == 0
