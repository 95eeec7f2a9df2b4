"""`regrade_submissions.py` and `regrade_shards.py`: the final grade of a class."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograding.assignments.commands.shared import DONE, LOOK, report
from autograding.assignments.final import SECRET_VARIABLE
from autograding.course import Assignment, Course, load_course, load_roster
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.publish import OUTPUT_VARIABLE, SUMMARY_VARIABLE
from autograding.grader.worker import sandbox
from autograding.regrade import progress
from autograding.regrade.fetch import GITHUB, Access, check_server
from autograding.regrade.files import Folder, locked
from autograding.regrade.listing import load_list
from autograding.regrade.model import Chosen, Origin, Problem
from autograding.regrade.origin import origin_of
from autograding.regrade.record import chosen_by_policy, record
from autograding.regrade.stages import (
    Options,
    Report,
    gather,
    grade_shard,
    plan_class,
    regrade_class,
    require_sandbox,
)

TOKEN_VARIABLE = "GITHUB_TOKEN"  # noqa: S105  (the name of a variable, not a token)
FINAL = Path("build", "final")


@dataclass(frozen=True)
class Source:
    """Where the commits to grade come from: a gradebook, or a list in a file. Exactly one is given.

    `again` takes from a gradebook also the commits that have a final grade.
    """

    gradebook: Path | None = None
    listing: Path | None = None
    again: bool = False


def take_secrets() -> tuple[str, str]:
    """The secret of the course and the token for repositories, which then no process we start inherits."""
    return os.environ.pop(SECRET_VARIABLE, ""), os.environ.pop(TOKEN_VARIABLE, "").strip()


def regrade(
    console: Console,
    root: Path,
    name: str,
    source: Source,
    output: Path | None,
    gradebook: Path,
    options: Options,
    *,
    server: str = GITHUB,
    allow_dirty: bool = False,
    without_sandbox: bool = False,
) -> int:
    """Grade the chosen commits of a class finally, on this machine, and record the grades."""
    secret, token = take_secrets()
    try:
        require_sandbox(without_sandbox)
        course = load_course(root)
        assignment = course.resolve(name)
        access = Access(check_server(server), token)
        origin = origin_of(course, assignment, secret, allow_dirty=allow_dirty)
        folder = Folder((output or root / FINAL) / assignment.id)
        problems: list[Problem] = []
        tried: set[str] = set()
        with locked(folder):
            while todo := [
                item for item in choose(course, assignment, source, server) if item.key not in tried
            ]:
                progress.say(console, _opening(assignment, origin, len(todo), options))
                with progress.shown(console, "graded", len(todo), progress.by_repository) as on_done:
                    done = regrade_class(
                        course, assignment, todo, origin, secret, access, folder, options, on_done
                    )
                _record(console, done, gradebook)
                problems += done.problems
                tried |= {item.key for item in todo}
        return _conclude(console, problems, folder, progress.by_repository, nothing=not tried)
    except ClassroomError as error:
        return report(console, [error])
    except KeyboardInterrupt:
        progress.say(console, "interrupted; what is graded is kept, run the same command again to go on")
        return LOOK


def plan(
    console: Console,
    root: Path,
    name: str,
    source: Source,
    output: Path,
    shards: int,
    jobs: int,
    *,
    server: str = GITHUB,
    allow_dirty: bool = False,
) -> int:
    """Choose, fetch, and draw seeds; the numbers of the shards become an output of the workflow's step."""
    secret, token = take_secrets()
    try:
        course = load_course(root)
        assignment = course.resolve(name)
        access = Access(check_server(server), token)
        origin = origin_of(course, assignment, secret, allow_dirty=allow_dirty)
        chosen = choose(course, assignment, source, access.server)
        folder = Folder(output)
        with progress.shown(console, "fetched", len(chosen), progress.by_commit) as on_done:
            made = plan_class(course, assignment, chosen, origin, secret, access, folder, jobs, on_done)
    except ClassroomError as error:
        return report(console, [error])
    ready = len(chosen) - len(made.problems)
    numbers = list(range(min(shards, ready)))
    _append(OUTPUT_VARIABLE, f"shards={json.dumps(numbers)}\ncount={len(numbers)}\n")
    progress.say(console, f"{ready} of {len(chosen)} submissions for {len(numbers)} machines")
    _attention(console, made.problems, progress.by_commit)
    # Problems fail the run when everything is gathered; the others are graded first.
    return DONE


def shard(
    console: Console,
    root: Path,
    planned: Path,
    share: tuple[int, int],
    output: Path,
    options: Options,
    *,
    without_sandbox: bool = False,
) -> int:
    """Grade one share of a plan. Problems are kept beside the results and reported by `collect`."""
    take_secrets()
    try:
        require_sandbox(without_sandbox)
        course, folder = load_course(root), Folder(output)
        with locked(folder), progress.shown(console, "graded", None, progress.by_commit) as on_done:
            done = grade_shard(course, Folder(planned), share, folder, options, on_done)
    except ClassroomError as error:
        return report(console, [error])
    progress.say(console, progress.summary(done))
    _attention(console, done.problems, progress.by_commit)
    return DONE


def collect(console: Console, root: Path, planned: Path, results: Path, gradebook: Path | None) -> int:
    """Put together what the shards did and record it; say what has no grade."""
    try:
        folder = Folder(results)
        done = gather(load_course(root), Folder(planned), folder)
        if gradebook is None:
            progress.say(console, progress.summary(done))
        else:
            _record(console, done, gradebook)
        _append(SUMMARY_VARIABLE, progress.step_summary(done))
        return _conclude(console, done.problems, folder, progress.by_commit)
    except ClassroomError as error:
        return report(console, [error])


def choose(course: Course, assignment: Assignment, source: Source, server: str) -> tuple[Chosen, ...]:
    """The commits to grade. Raises ConfigurationError where a source is wrong."""
    students = load_roster(course.roster) if course.roster is not None else ()
    if source.listing is not None:
        return load_list(source.listing, students, server)
    if source.gradebook is None:
        raise ConfigurationError("there is no source of commits", mend="name a gradebook or a list")
    return chosen_by_policy(course, assignment, students, source.gradebook, again=source.again)


def _opening(assignment: Assignment, origin: Origin, count: int, options: Options) -> str:
    return (
        f"{assignment.id}: {count} to grade, course {origin.course_commit[:12]}, "
        f"sandbox {sandbox.kind()}, {options.jobs} at a time"
    )


def _record(console: Console, done: Report, gradebook: Path) -> None:
    progress.say(console, progress.summary(done))
    if done.origin.dirty:
        progress.say(console, "not recorded: the course had changes that are in no commit")
        return
    progress.say(console, f"new in {gradebook}: {record(gradebook, done.results)}")


def _conclude(
    console: Console,
    problems: Sequence[Problem],
    folder: Folder,
    name: progress.Name,
    *,
    nothing: bool = False,
) -> int:
    progress.say(
        console,
        "nothing to grade: every commit that counts has its final grade"
        if nothing
        else f"results: {folder.path}",
    )
    return _attention(console, problems, name)


def _attention(console: Console, problems: Sequence[Problem], name: progress.Name) -> int:
    if not problems:
        return DONE
    progress.say(console, "\nA person must look:")
    for line in progress.attention(problems, name):
        progress.say(console, f"  {line}")
    return LOOK


def _append(variable: str, text: str) -> None:
    """Append to a file that Actions names in a variable; elsewhere nobody reads it."""
    place = os.environ.get(variable)
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text)
