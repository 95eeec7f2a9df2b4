"""Grade the cases in the folders beside this file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograding.course import Course
from autograding.grader.grade import Grade
from autograding.grader.run import grade_repository
from tests.attacks.case import Case
from tests.attacks.submission import submit
from tests.conftest import Checkout

# The submissions: some are tests, configuration of pytest, or modules named like real ones.
collect_ignore_glob = ["[AH][0-9][0-9]*"]

Graded = tuple[Grade, str]


@pytest.fixture
def grade_case(course: Course, checkout: Checkout, tmp_path: Path) -> Callable[[Case], Graded]:
    """Grade the submission of a case as the workflow does; the grade and the summary."""

    def grade(case: Case) -> Graded:
        repository = checkout(case.assignment)
        submit(case, course.resolve(case.assignment), repository)
        output = tmp_path / "output"
        given = grade_repository(repository, output, notebook=case.run_notebook, checkpoint=case.run_notebook)
        return given, (output / "summary.md").read_text(encoding="utf-8")

    return grade
