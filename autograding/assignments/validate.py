"""Prove an assignment: what a student can earn with it is what its author meant.

The reference gets full marks and the starter nothing, with the visible tests alone
and with the hidden ones. Every known bug costs points in its own exercise, in no
other, and shows its hint. Points add up, nothing leaks, and a second render gives
the same commit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autograding.assignments.contents import notebook_name, reference_of_brought
from autograding.assignments.expected import expected_tests
from autograding.assignments.final import lay_over
from autograding.assignments.render import Built, build_repository, leaks_in
from autograding.assignments.sources import hidden_test, hidden_tests
from autograding.course import Assignment, Course, KnownBug, bugs_of, rubric_of
from autograding.grader.errors import ClassroomError
from autograding.grader.grade import ExerciseGrade, Grade
from autograding.grader.run import grade_repository
from autograding.lesson import apply_edits, notebook_json, parse_lesson

AUTOMATIC_POINTS = 70
WRITTEN_POINTS = 30
WORKERS = 2
# The reference must pass whatever the secret seed is; two are tried.
SEEDS = ("validation one", "validation two")


@dataclass(frozen=True)
class Check:
    """One thing that was proved, or why it could not be. `problems` is empty where it holds."""

    name: str
    summary: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Validation:
    """All checks of one assignment."""

    assignment: Assignment
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def validate_assignment(
    course: Course, assignment: Assignment, *, workers: int = WORKERS, every: int = 1
) -> Validation:
    """Prove one assignment. What does not hold is in the result; only a defect of ours raises.

    Of the known bugs each `every`-th one is tried: more than 1 is a sample, not a proof.
    """
    checks = [
        _attempt("points", lambda: _points(assignment)),
        _attempt("rubric", lambda: _rubric(assignment)),
    ]
    with tempfile.TemporaryDirectory(prefix="validate-") as name, ThreadPoolExecutor(workers) as pool:
        try:
            built = [_build(course, assignment, Path(name) / number) for number in ("one", "two")]
        except ClassroomError as error:
            checks.append(Check("renders", "error", (str(error),)))
        else:
            checks += _proofs(_Bench(course, assignment, Path(name), pool), built, every)
    return Validation(assignment, tuple(checks))


def _build(course: Course, assignment: Assignment, folder: Path) -> Built:
    folder.mkdir()
    return build_repository(course, assignment, folder)


def _attempt(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except ClassroomError as error:
        return Check(name, "error", (str(error),))


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


def _renders(built: list[Built]) -> Check:
    commits = [item.commit for item in built]
    if len(set(commits)) > 1:
        return Check("renders", "two commits", (f"two renders gave two commits: {', '.join(commits)}",))
    return Check("renders", commits[0][:10])


class _Bench:
    """Grades variants of one assignment's notebook on copies of its rendered repository."""

    def __init__(self, course: Course, assignment: Assignment, folder: Path, pool: Executor) -> None:
        self.course = course
        self.assignment = assignment
        self.repository = folder / "one"
        self._folder = folder
        self._pool = pool
        self._brought = reference_of_brought(course, assignment)
        self._lesson = assignment.lesson.read_text(encoding="utf-8")

    def reference(self) -> bytes:
        return self._notebook(self._lesson, str(self.assignment.lesson))

    def starter(self) -> bytes:
        return (self.repository / notebook_name(self.assignment)).read_bytes()

    def grade(
        self,
        notebook: bytes,
        *,
        hidden: bool,
        seed: str = "",
        run: bool = False,
        checkpoint: bool = False,
    ) -> Future[Grade]:
        """Start grading a notebook; with `run`, run the notebook itself too."""
        return self._pool.submit(self._grade, notebook, hidden, seed, run, checkpoint)

    def grade_bug(self, bug: KnownBug) -> Future[Grade]:
        """Start grading the reference with a known bug in it. Fails where the bug does not fit the lesson."""
        return self._pool.submit(lambda: self._grade(self._with_bug(bug), True, SEEDS[0], False, False))

    def _with_bug(self, bug: KnownBug) -> bytes:
        text = apply_edits(self._lesson, bug.edits, str(bug.path))
        return self._notebook(text, f"{self.assignment.lesson} with {bug.path.name}")

    def _grade(self, notebook: bytes, hidden: bool, seed: str, run: bool, checkpoint: bool) -> Grade:
        with tempfile.TemporaryDirectory(prefix="variant-", dir=self._folder) as name:
            return grade_repository(
                lay_over(self.repository, notebook, Path(name) / "repository", self._brought),
                Path(name) / "output",
                hidden_tests=hidden_test(self.assignment) if hidden else None,
                seed=seed,
                notebook=run,
                checkpoint=checkpoint,
            )

    def _notebook(self, text: str, where: str) -> bytes:
        return notebook_json(parse_lesson(text, where), self.assignment).encode()


def _proofs(bench: _Bench, built: list[Built], every: int) -> list[Check]:
    reference = bench.reference()
    visible = bench.grade(reference, hidden=False, run=True, checkpoint=True)
    final = [bench.grade(reference, hidden=True, seed=seed) for seed in SEEDS]
    starter = [bench.grade(bench.starter(), hidden=hidden, checkpoint=not hidden) for hidden in (False, True)]
    return [
        _renders(built),
        _attempt("leaks", lambda: _leaks(bench, built[0])),
        _attempt("hidden tests", lambda: _hidden_tests(bench.assignment)),
        _attempt("reference", lambda: _full_marks([visible.result(), *(item.result() for item in final)])),
        _attempt("checkpoint", lambda: _checkpoint(visible.result(), built[0])),
        _attempt("notebook", lambda: _notebook(visible.result())),
        _attempt("starter", lambda: _nothing([item.result() for item in starter])),
        _attempt("known bugs", lambda: _bugs(bench, every)),
    ]


def _leaks(bench: _Bench, built: Built) -> Check:
    leaks = leaks_in(bench.course, bench.assignment, bench.repository, built.shipped)
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


def _nothing(grades: list[Grade]) -> Check:
    problems = [
        f"{_run(grade)}: {test.id} passes on the starter"
        for grade in grades
        for exercise in grade.exercises
        for test in exercise.tests
        if test.outcome == "passed"
    ]
    problems += [
        f"{_run(grade)}: the answer {question.id} counts as answered"
        for grade in grades
        for question in grade.questions
        if question.answered
    ]
    if any(grade.checkpoint.passed for grade in grades):
        problems.append("the checkpoint passes on the starter")
    return Check("starter", ", ".join(f"{grade.score:g}" for grade in grades), tuple(problems))


def _bugs(bench: _Bench, every: int) -> Check:
    started = [(bug, bench.grade_bug(bug)) for bug in bugs_of(bench.assignment)[::every]]
    found = [(bug, _problems_with(bug, run, bench.assignment.number)) for bug, run in started]
    caught = sum(not problems for _, problems in found)
    problems = [f"{bug.path.name}: {problem}" for bug, problems in found for problem in problems]
    return Check("known bugs", f"{caught}/{len(found)}", tuple(problems or _no_bugs(found)))


def _no_bugs(found: Sequence[object]) -> list[str]:
    return [] if found else ["there are no known bugs"]


def _problems_with(bug: KnownBug, run: Future[Grade], number: str) -> list[str]:
    try:
        grade = run.result()
    except ClassroomError as error:
        return [str(error)]
    problems = []
    for exercise in grade.exercises:
        if exercise.id == f"{number}.{bug.exercise}":
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
