"""The tests that a manifest expects, checked against the exercises of the assignment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograding.course import Assignment
from autograding.grader.errors import ConfigurationError, LessonError
from autograding.grader.judge.collect import collect_tests
from autograding.grader.manifest import ExpectedTest


def expected_tests(
    assignment: Assignment, files: Sequence[Path], *, hidden: bool = False
) -> tuple[ExpectedTest, ...]:
    """The tests in these files of the assignment, as pytest itself collects them.

    Ids are relative to the assignment's folder, which is where they stand in a
    student repository too. Raises LessonError for a test without a declared
    exercise and for an exercise without a visible test.
    """
    try:
        collected = collect_tests(files, assignment.folder)
    except ConfigurationError as error:
        where = f"{assignment.folder}/{error.where}"
        raise LessonError(error.what, where=where, mend=error.mend) from error
    declared = {exercise.id for exercise in assignment.exercises}
    tests = tuple(
        replace(test, exercise=f"{assignment.number}.{test.exercise}", hidden=hidden) for test in collected
    )
    for test in tests:
        if test.exercise not in declared:
            raise LessonError(
                f"{test.id} scores {test.exercise}, which is no exercise of this assignment",
                where=_place(assignment, test),
                mend=f"the exercises are {', '.join(sorted(declared))}",
            )
    if not hidden:
        _refuse_untested(assignment, tests)
    return tests


def _refuse_untested(assignment: Assignment, tests: tuple[ExpectedTest, ...]) -> None:
    tested = {test.exercise for test in tests}
    for exercise in assignment.exercises:
        if exercise.id not in tested:
            short = exercise.id.partition(".")[2]
            raise LessonError(
                f"the exercise {short} has no visible test, so nobody could earn its points",
                where=_line_with(assignment.configuration, rf"\bid:\s*[\"']?{re.escape(short)}\b"),
                mend=f'write a test with @exercise("{short}", hint="…")',
            )


def _place(assignment: Assignment, test: ExpectedTest) -> str:
    file, _, name = test.id.partition("::")
    function = name.partition("[")[0].split("::")[-1]
    return _line_with(assignment.folder / file, rf"^\s*def {re.escape(function)}\b")


def _line_with(path: Path, pattern: str) -> str:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(pattern, line):
            return f"{path}:{number}"
    return str(path)
