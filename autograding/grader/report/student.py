"""The copy of a final grade that a student may have.

The full record names every hidden test with what it called and expected; it stays
with the instructor. A student learns of hidden tests how many of each exercise passed.
"""

from __future__ import annotations

from dataclasses import replace

from autograding.grader.grade import ExerciseGrade, Grade, TestGrade
from autograding.grader.manifest import Manifest
from autograding.grader.report.wording import by_visibility, counted

GROUP = "hidden tests"


def students_copy(grade: Grade, manifest: Manifest) -> Grade:
    """The same grade with the hidden tests of each exercise as one entry, which has no words of theirs."""
    return replace(
        grade, exercises=tuple(_with_hidden_as_a_group(item, manifest) for item in grade.exercises)
    )


def _with_hidden_as_a_group(exercise: ExerciseGrade, manifest: Manifest) -> ExerciseGrade:
    visible, hidden = by_visibility(exercise, manifest)
    if not hidden.tests:
        return exercise
    passed = [test for test in hidden.tests if test.outcome == "passed"]
    group = TestGrade(
        id=GROUP,
        outcome="passed" if len(passed) == len(hidden.tests) else "failed",
        points=round(sum(test.points for test in hidden.tests), 2),
        message=f"{len(passed)} of {counted(len(hidden.tests), 'hidden test')} passed",
    )
    return replace(exercise, tests=(*visible.tests, group))
