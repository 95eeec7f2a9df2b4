"""Points, as a pure function of the manifest and of what the judge saw."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from autograding.grader.grade import ExerciseGrade, TestGrade, plain_number
from autograding.grader.judge.run_tests import TestOutcome
from autograding.grader.manifest import Exercise, ExpectedTest, Manifest

MISSING = "expected: this test to run\ngot: it did not; the test file was changed or could not be loaded"


def score_exercises(
    manifest: Manifest, expected: tuple[ExpectedTest, ...], outcomes: tuple[TestOutcome, ...]
) -> tuple[ExerciseGrade, ...]:
    """One grade an exercise: points × passed weight ÷ weight of the tests expected in this run.

    Only expected tests count; one that ran twice or not at all earns nothing.
    """
    seen: dict[str, TestOutcome | None] = {}
    for outcome in outcomes:
        seen[outcome.id] = None if outcome.id in seen else outcome
    return tuple(
        _score_exercise(exercise, [test for test in expected if test.exercise == exercise.id], seen)
        for exercise in manifest.exercises
    )


def _score_exercise(
    exercise: Exercise, tests: list[ExpectedTest], seen: Mapping[str, TestOutcome | None]
) -> ExerciseGrade:
    total = sum((Fraction(test.weight) for test in tests), Fraction(0))
    grades = []
    earned = Fraction(0)
    for test in tests:
        points = Fraction(exercise.points) * Fraction(test.weight) / total
        outcome = seen.get(test.id)
        passed = outcome is not None and outcome.outcome == "passed"
        earned += points if passed else 0
        grades.append(
            TestGrade(
                id=test.id,
                outcome=outcome.outcome if outcome else "missing",
                points=_rounded(points if passed else Fraction(0)),
                message="" if passed else (outcome.message if outcome else MISSING),
                hint="" if passed else test.hint,
            )
        )
    return ExerciseGrade(
        exercise.id, exercise.title, _rounded(earned), plain_number(exercise.points), tuple(grades)
    )


def total_score(exercises: tuple[ExerciseGrade, ...]) -> float:
    """The sum, as the exercises show it."""
    return _rounded(sum((Fraction(str(item.score)) for item in exercises), Fraction(0)))


def _rounded(value: Fraction) -> float:
    return plain_number(float(round(value, 2)))
