"""The regrade of a class: at once on one machine, or planned on one, graded on many, gathered on one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograding.assignments.final import render_pristine
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.worker import sandbox
from autograding.regrade.check import check_result
from autograding.regrade.fetch import Access
from autograding.regrade.files import PLAN, Folder, UnreadableResult, read, write
from autograding.regrade.grade import Bench, earlier_result, grade_prepared
from autograding.regrade.model import Chosen, FinalResult, Origin, Plan, Prepared, Problem
from autograding.regrade.origin import course_state
from autograding.regrade.prepare import prepare
from autograding.regrade.run import run_all

OnDone = Callable[[Chosen, object], None]


@dataclass(frozen=True)
class Options:
    """How a regrade works. `notebook` and `checkpoint` can leave out what gives no points of exercises."""

    jobs: int = 1
    notebook: bool = True
    checkpoint: bool = True


@dataclass(frozen=True)
class Report:
    """What came of a regrade. `kept`: how many of the results are those of an earlier run."""

    origin: Origin
    results: tuple[FinalResult, ...]
    problems: tuple[Problem, ...]
    kept: int = 0


def require_sandbox(allowed_without: bool) -> None:
    """Refuse to run the code of a class where it could read hidden tests, or what others handed in."""
    if sandbox.kind() == "none" and not allowed_without:
        raise ConfigurationError(
            "this machine has no sandbox: student code could read the hidden tests and change other results",
            mend="run `uv run tito system sandbox` to see what is missing, or grade in GitHub Actions; "
            "--without-sandbox grades all the same, and the grades say so",
        )


def regrade_class(
    course: Course,
    assignment: Assignment,
    chosen: Sequence[Chosen],
    origin: Origin,
    secret: str,
    access: Access,
    folder: Folder,
    options: Options,
    on_done: OnDone = lambda _chosen, _result: None,
) -> Report:
    """Fetch and grade all that is chosen, but for what an earlier run with this origin has graded."""
    known = _known(chosen, origin, folder, on_done)
    bench = _bench(course, assignment, folder, options)

    def work(item: Chosen) -> FinalResult:
        return grade_prepared(bench, prepare(course, assignment, item, origin, secret, access, folder))

    todo = [item for item in chosen if item.key not in known]
    outcome = run_all(todo, work, jobs=options.jobs, folder=folder, on_done=on_done)
    return _report(origin, chosen, [*known.values(), *outcome.done], outcome.problems, len(known))


def plan_class(
    course: Course,
    assignment: Assignment,
    chosen: Sequence[Chosen],
    origin: Origin,
    secret: str,
    access: Access,
    folder: Folder,
    jobs: int,
    on_done: OnDone = lambda _chosen, _result: None,
) -> Plan:
    """Fetch all that is chosen and draw the seeds, so that who grades needs neither secret nor token."""
    outcome = run_all(
        chosen,
        lambda item: prepare(course, assignment, item, origin, secret, access, folder),
        jobs=jobs,
        folder=folder,
        on_done=on_done,
    )
    problems = _in_order(chosen, outcome.problems)
    plan = Plan(origin=origin, chosen=tuple(chosen), problems=problems)
    write(folder.path / PLAN, plan)
    return plan


def grade_shard(
    course: Course,
    planned: Folder,
    shard: tuple[int, int],
    folder: Folder,
    options: Options,
    on_done: OnDone = lambda _chosen, _result: None,
) -> Report:
    """Grade one machine's share (its number from 0, and how many there are) of a plan into `folder`."""
    plan = read(planned.path / PLAN, Plan)
    commit, changes = course_state(course)
    if commit != plan.origin.course_commit or bool(changes) != plan.origin.dirty:
        raise ConfigurationError(
            f"the plan was made with the course at {plan.origin.course_commit[:12]}, and this is another",
            where=str(planned.path / PLAN),
            mend="check out that commit, or plan anew",
        )
    assignment = course.resolve(plan.origin.assignment)
    bench = _bench(course, assignment, folder, options)
    share = plan.shard(*shard)
    known = _known(share, plan.origin, folder, on_done)

    def work(item: Chosen) -> FinalResult:
        prepared = read(planned.prepared(item.key), Prepared)
        if prepared.chosen != item or prepared.origin != plan.origin:
            raise ClassroomError("what was prepared belongs to another plan")
        return grade_prepared(bench, prepared)

    todo = [item for item in share if item.key not in known]
    outcome = run_all(todo, work, jobs=options.jobs, folder=folder, on_done=on_done)
    return _report(plan.origin, share, [*known.values(), *outcome.done], outcome.problems, len(known))


def gather(course: Course, planned: Folder, folder: Folder) -> Report:
    """Put together what the shards left in `folder`: every planned commit has a result or a problem."""
    plan = read(planned.path / PLAN, Plan)
    assignment = course.resolve(plan.origin.assignment)
    failed = {problem.chosen.key: problem for problem in plan.problems}
    results: list[FinalResult] = []
    problems: list[Problem] = []
    for item in plan.chosen:
        found = failed.get(item.key) or _gathered(plan, assignment, item, folder)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            results.append(found)
    return Report(plan.origin, tuple(results), tuple(problems))


def _gathered(plan: Plan, assignment: Assignment, item: Chosen, folder: Folder) -> FinalResult | Problem:
    try:
        result = read(folder.result(item.key), FinalResult)
        check_result(result, assignment, item, plan.origin)
        return result
    except FileNotFoundError:
        pass
    except UnreadableResult as error:
        return Problem(chosen=item, why=error.what)
    try:
        problem = read(folder.problem(item.key), Problem)
    except (FileNotFoundError, UnreadableResult):
        problem = None
    unfinished = Problem(chosen=item, why="the machine that was to grade it did not come to it")
    return problem if problem is not None and problem.chosen == item else unfinished


def _known(
    chosen: Sequence[Chosen], origin: Origin, folder: Folder, on_done: OnDone
) -> dict[str, FinalResult]:
    """What an earlier run with this origin has graded, by key."""
    known: dict[str, FinalResult] = {}
    for item in chosen:
        result = earlier_result(folder, item, origin)
        if result is not None:
            known[item.key] = result
            on_done(item, result)
    return known


def _bench(course: Course, assignment: Assignment, folder: Folder, options: Options) -> Bench:
    pristine: Path = render_pristine(course, assignment)
    return Bench(course, assignment, pristine, folder, options.notebook, options.checkpoint)


def _report(
    origin: Origin,
    chosen: Sequence[Chosen],
    results: Sequence[FinalResult],
    problems: Sequence[Problem],
    kept: int,
) -> Report:
    place = {item.key: number for number, item in enumerate(chosen)}
    ordered = sorted(results, key=lambda result: place[result.chosen.key])
    return Report(origin, tuple(ordered), _in_order(chosen, problems), kept)


def _in_order(chosen: Sequence[Chosen], problems: Sequence[Problem]) -> tuple[Problem, ...]:
    place = {item.key: number for number, item in enumerate(chosen)}
    return tuple(sorted(problems, key=lambda problem: place[problem.chosen.key]))
