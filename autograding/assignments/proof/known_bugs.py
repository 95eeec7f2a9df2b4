"""Every known bug costs points in its own exercise, in no other, and shows its hint.

There are some thirty in an assignment, so each is tried in one process. What does not
hold there counts only if it does not hold in a grade either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial

from autograding.assignments.one_process.judge import OneProcessJudge
from autograding.assignments.proof.bench import Bench
from autograding.assignments.proof.check import Check
from autograding.course import KnownBug, bugs_of
from autograding.grader.errors import ClassroomError
from autograding.grader.grade import ExerciseGrade
from autograding.grader.judge.run_tests import Judge


def start_known_bugs(bench: Bench, pool: Executor, judge: OneProcessJudge, every: int) -> Callable[[], Check]:
    """Start trying each `every`-th known bug of an assignment; what is returned waits for the outcome."""
    try:
        bugs = bugs_of(bench.assignment)[::every]
    except ClassroomError as error:
        unreadable = Check("known bugs", "error", (str(error),))
        return lambda: unreadable
    learned = pool.submit(lambda: bench.exercises(bench.reference(), judge.learn))

    def problems_with(bug: KnownBug) -> list[str]:
        learned.result()
        return _problems(bench, bug, judge)

    started = [(bug, pool.submit(partial(problems_with, bug))) for bug in bugs]
    return lambda: _outcome([(bug, trial.result()) for bug, trial in started])


def _outcome(found: Sequence[tuple[KnownBug, list[str]]]) -> Check:
    caught = sum(not problems for _, problems in found)
    problems = [f"{bug.path.name}: {problem}" for bug, problems in found for problem in problems]
    return Check("known bugs", f"{caught}/{len(found)}", tuple(problems or _no_bugs(found)))


def _no_bugs(found: Sequence[object]) -> list[str]:
    return [] if found else ["there are no known bugs"]


def _problems(bench: Bench, bug: KnownBug, judge: Judge) -> list[str]:
    try:
        notebook = bench.with_bug(bug)
        return _problems_in(bench.exercises(notebook, judge), bug) and _problems_in(
            bench.grade(notebook, hidden=True).exercises, bug
        )
    except ClassroomError as error:
        return [str(error)]


def _problems_in(exercises: Iterable[ExerciseGrade], bug: KnownBug) -> list[str]:
    problems = []
    for exercise in exercises:
        if exercise.id.partition(".")[2] == bug.exercise:
            problems += _costs(exercise, bug)
        elif exercise.score != exercise.max_score:
            tests = ", ".join(test.id for test in exercise.tests if test.outcome != "passed")
            problems.append(f"it costs points in {exercise.id} too: {tests}")
    return problems


def _costs(exercise: ExerciseGrade, bug: KnownBug) -> list[str]:
    """Why a student would not learn of this bug from a push, which runs the visible tests only."""
    failed = [test for test in exercise.tests if test.outcome != "passed"]
    visible = [test for test in failed if not test.id.partition("::")[0].endswith("_hidden.py")]
    if not failed:
        return [f"no test of {exercise.id} catches it"]
    if not visible:
        return [f"only hidden tests of {exercise.id} catch it, so no student sees its hint in time"]
    if not any(bug.hint.casefold() in test.hint.casefold() for test in visible):
        hints = "; ".join(dict.fromkeys(test.hint for test in visible))
        return [f"its hint {bug.hint!r} does not appear. Shown: {hints}"]
    return []
