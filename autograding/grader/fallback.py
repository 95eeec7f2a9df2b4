"""A second chance for code that stands on something else which does not work.

With `prerequisites: own` an exercise runs on the student's own earlier modules. A
mistake in one of those must not cost points here, so whatever fails is repeated
with the reference of the earlier modules, and the better result counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograding.grader.grade import CheckpointResult, Flag
from autograding.grader.judge.run_tests import TestOutcome
from autograding.grader.stage import Stage, with_reference

Outcomes = tuple[TestOutcome, ...]
USED = "earlier_module"


def judge_twice(
    judge: Callable[[Stage], Outcomes], stage: Stage, reference: Mapping[str, bytes], folder: Path
) -> tuple[Outcomes, tuple[Flag, ...]]:
    """The better outcome of each test, with what was brought and with the reference of it."""
    first = judge(stage)
    if not reference or all(outcome.outcome == "passed" for outcome in first):
        return first, ()
    merged = better_outcomes(first, judge(with_reference(stage, reference, folder)))
    rescued = _passed(merged) - _passed(first)
    detail = f"{len(rescued)} of {len(merged)} tests pass only with our version of the modules brought along"
    return merged, (Flag(USED, detail),) if rescued else ()


def check_twice(
    check: Callable[[Stage], CheckpointResult],
    stage: Stage,
    reference: Mapping[str, bytes],
    folder: Path,
) -> CheckpointResult:
    """The checkpoint, repeated with the reference where it fails."""
    first = check(stage)
    if first.passed or not reference:
        return first
    return check(with_reference(stage, reference, folder))


def better_outcomes(first: Sequence[TestOutcome], second: Sequence[TestOutcome]) -> Outcomes:
    """`second`, but for the tests that passed in `first`.

    Where a test failed both times the second message counts: that failure is not
    due to an earlier module.
    """
    passed = _passed(first)
    kept = [outcome for outcome in first if outcome.id in passed]
    return (*kept, *(outcome for outcome in second if outcome.id not in passed))


def _passed(outcomes: Sequence[TestOutcome]) -> set[str]:
    """The tests that ran once, and passed."""
    times = Counter(outcome.id for outcome in outcomes)
    return {outcome.id for outcome in outcomes if outcome.outcome == "passed" and times[outcome.id] == 1}
