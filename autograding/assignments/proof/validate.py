"""Prove an assignment: what a student can earn with it is what its author meant.

The reference gets full marks and the starter nothing, with the visible tests alone
and with the hidden ones. Every known bug costs points in its own exercise, in no
other, and shows its hint. Points add up, nothing leaks, and a second render gives
the same commit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograding.assignments.expected import expected_tests
from autograding.assignments.one_process.judge import OneProcessJudge
from autograding.assignments.one_process.processes import Processes
from autograding.assignments.proof.bench import Bench
from autograding.assignments.proof.check import Check, attempt
from autograding.assignments.proof.known_bugs import start_known_bugs
from autograding.assignments.render import Built, build_repository, leaks_in
from autograding.assignments.sources import hidden_tests
from autograding.course import Assignment, Course, rubric_of
from autograding.grader.errors import ClassroomError
from autograding.grader.grade import Grade

AUTOMATIC_POINTS = 70
WRITTEN_POINTS = 30
WORKERS = 2
# While the last parts of one assignment are graded, the next one is rendered and begun.
AT_A_TIME = 2
# The reference must pass whatever the secret seed is; two are tried.
SEEDS = ("validation one", "validation two")


@dataclass(frozen=True)
class Validation:
    """All checks of one assignment."""

    assignment: Assignment
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def validate_assignments(
    course: Course, assignments: Sequence[Assignment], *, workers: int = WORKERS, every: int = 1
) -> list[Validation]:
    """Prove assignments. What does not hold is in the results; only a defect of ours raises.

    Of the known bugs each `every`-th one is tried: more than 1 is a sample, not a proof.
    """
    with (
        closing(Processes(workers)) as processes,
        ThreadPoolExecutor(workers) as pool,
        ThreadPoolExecutor(AT_A_TIME) as provers,
    ):
        started = [
            provers.submit(_validate, course, assignment, pool, OneProcessJudge(processes), every)
            for assignment in assignments
        ]
        return [validation.result() for validation in started]


def _validate(
    course: Course, assignment: Assignment, pool: Executor, judge: OneProcessJudge, every: int
) -> Validation:
    checks = [
        attempt("points", lambda: _points(assignment)),
        attempt("rubric", lambda: _rubric(assignment)),
    ]
    with tempfile.TemporaryDirectory(prefix="validate-") as name:
        try:
            bench = Bench(course, assignment, Path(name))
            again = _built(course, assignment, Path(name) / "again")
        except ClassroomError as error:
            checks.append(Check("renders", "error", (str(error),)))
        else:
            checks += _proofs(bench, again, pool, judge, every)
    return Validation(assignment, tuple(checks))


def _built(course: Course, assignment: Assignment, folder: Path) -> Built:
    folder.mkdir()
    return build_repository(course, assignment, folder)


def _points(assignment: Assignment) -> Check:
    automatic = sum(exercise.points for exercise in assignment.exercises)
    written = sum(question.points for question in assignment.questions)
    problems = [
        f"the {what} add up to {found:g}, not {wanted}"
        for what, found, wanted in (
            ("exercises", automatic, AUTOMATIC_POINTS),
            ("questions", written, WRITTEN_POINTS),
        )
        if found != wanted
    ]
    return Check("points", f"{automatic:g}+{written:g}", tuple(problems))


def _rubric(assignment: Assignment) -> Check:
    rubric = rubric_of(assignment)
    return Check("rubric", f"{len(rubric.questions)} questions")


def _renders(first: Built, second: Built) -> Check:
    if first.commit != second.commit:
        problem = f"two renders gave two commits: {first.commit}, {second.commit}"
        return Check("renders", "two commits", (problem,))
    return Check("renders", first.commit[:10])


def _proofs(bench: Bench, again: Built, pool: Executor, judge: OneProcessJudge, every: int) -> list[Check]:
    reference, starter = bench.reference(), bench.starter()
    visible = pool.submit(lambda: bench.grade(reference, hidden=False, run=True, checkpoint=True))
    final = [pool.submit(partial(bench.grade, reference, hidden=True, seed=seed)) for seed in SEEDS]
    nothing = pool.submit(lambda: bench.grade(starter, hidden=True, checkpoint=True))
    bugs = start_known_bugs(bench, pool, judge, every)
    return [
        _renders(bench.built, again),
        attempt("leaks", lambda: _leaks(bench)),
        attempt("hidden tests", lambda: _hidden_tests(bench.assignment)),
        attempt("reference", lambda: _full_marks([visible.result(), *(item.result() for item in final)])),
        attempt("checkpoint", lambda: _checkpoint(visible.result(), bench.built)),
        attempt("notebook", lambda: _notebook(visible.result())),
        attempt("starter", lambda: _nothing(nothing.result())),
        attempt("known bugs", bugs),
    ]


def _leaks(bench: Bench) -> Check:
    leaks = leaks_in(bench.course, bench.assignment, bench.repository, bench.built.shipped)
    return Check("leaks", "none" if not leaks else str(len(leaks)), tuple(str(leak) for leak in leaks))


def _hidden_tests(assignment: Assignment) -> Check:
    tests = expected_tests(assignment, hidden_tests(assignment.tests), hidden=True)
    untested = {exercise.id for exercise in assignment.exercises} - {test.exercise for test in tests}
    problems = [f"no hidden test for the exercise {name}" for name in sorted(untested)]
    return Check("hidden tests", str(len(tests)), tuple(problems))


def _full_marks(grades: list[Grade]) -> Check:
    problems = [
        f"{_run(grade)}: {test.id} {test.outcome}: {' | '.join(test.message.splitlines())}"
        for grade in grades
        for exercise in grade.exercises
        for test in exercise.tests
        if test.outcome != "passed"
    ]
    problems += [
        f"{_run(grade)}: {grade.score:g} of {grade.max_score:g} points"
        for grade in grades
        if grade.score != grade.max_score
    ]
    problems += [
        f"{_run(grade)}: flag {flag.kind}: {flag.detail}"
        for grade in grades
        for flag in grade.flags
        if flag.kind != "no_commit"
    ]
    summary = ", ".join(f"{grade.score:g}" for grade in grades[:2])
    return Check("reference", summary, tuple(dict.fromkeys(problems)))


def _run(grade: Grade) -> str:
    return "visible and hidden tests" if grade.final else "visible tests"


def _checkpoint(grade: Grade, built: Built) -> Check:
    if built.manifest.checkpoint is None:
        return Check("checkpoint", "none")
    if grade.checkpoint.passed:
        return Check("checkpoint", "passed")
    return Check("checkpoint", "failed", (grade.checkpoint.message or "it did not pass",))


def _notebook(grade: Grade) -> Check:
    run = grade.notebook
    failures = [*([run.failure] if run.failure else []), *run.checks, *run.broken]
    problems = [f"cell {item.position} ({item.cell}): {item.message}" for item in failures]
    if not run.ran and not problems:
        problems = ["the notebook did not run to its end"]
    return Check("notebook", "runs" if not problems else "fails", tuple(problems))


def _nothing(grade: Grade) -> Check:
    problems = [
        f"{test.id} passes on the starter"
        for exercise in grade.exercises
        for test in exercise.tests
        if test.outcome == "passed"
    ]
    problems += [
        f"the answer {question.id} counts as answered" for question in grade.questions if question.answered
    ]
    if grade.checkpoint.passed:
        problems.append("the checkpoint passes on the starter")
    return Check("starter", f"{grade.score:g}", tuple(problems))
