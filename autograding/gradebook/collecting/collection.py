"""One collection: read the organization, record what is there, compute the grades, write the CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from autograding.github.client import GITHUB_API, GitHub, RetryPolicy
from autograding.github.collect import Observation
from autograding.github.expected import Expected
from autograding.github.queries import PAGE_SIZE
from autograding.gradebook.collecting.reading import collect
from autograding.gradebook.collecting.report import Duplicate, Report, Shared, Undecided
from autograding.gradebook.events import GradeObserved, RecordDecided
from autograding.gradebook.export import ListedStudent, grades_csv, write_atomically
from autograding.gradebook.policy import FLAGGED, AssignmentGrade, GradedAssignment, Policy, grade_everyone
from autograding.gradebook.store import Gradebook, Stored


class CollectedAssignment(GradedAssignment, Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def slug(self) -> str: ...


class CollectedStudent(ListedStudent, Protocol):
    """The part of a roster's student that is needed here."""

    @property
    def github_id(self) -> int | None: ...


@dataclass(frozen=True)
class Setting:
    """What a collection needs to know of the course."""

    organization: str
    students: tuple[CollectedStudent, ...]
    assignments: tuple[CollectedAssignment, ...]
    expected: tuple[Expected, ...]
    policy: Policy
    zone: tzinfo


@dataclass(frozen=True)
class Collected:
    """The result of a collection: what was seen, and every student's grades from the whole gradebook."""

    report: Report
    grades: dict[tuple[str, str], AssignmentGrade]


def collect_grades(
    setting: Setting,
    *,
    token: str,
    gradebook: Path,
    output: Path,
    api_url: str = GITHUB_API,
    retry: RetryPolicy | None = None,
    page_size: int = PAGE_SIZE,
    budget: int | None = None,
    full: bool = False,
    on_step: Callable[[Report], None] = lambda _: None,
) -> Collected:
    """Collect into the gradebook and write the CSV.

    Reads what changed since the last collection, or everything with `full`, and
    spends at most `budget` points. Every answer of GitHub is recorded in one
    transaction, so an interruption loses nothing, and repeating a collection
    changes nothing. Raises ClassroomError where nothing can be collected at all.
    """

    async def run(book: Gradebook, before: tuple[Stored, ...]) -> Report:
        async with GitHub(token, api_url=api_url, retry=retry) as github:
            return await collect(
                github, book, setting, before, page_size=page_size, budget=budget, full=full, on_step=on_step
            )

    with Gradebook(gradebook) as book:
        before = book.events()
        report = asyncio.run(run(book, before))
        events = before + book.events(since=before[-1].id if before else 0)
    report.duplicates = find_duplicates(events)
    report.shared = find_shared(events)
    grades = _export(setting, events, output)
    report.undecided = find_undecided(grades, report.observations)
    return Collected(report, grades)


def export_grades(setting: Setting, gradebook: Path, output: Path) -> dict[tuple[str, str], AssignmentGrade]:
    """Write the CSV from the gradebook as it is, without asking GitHub."""
    with Gradebook(gradebook) as book:
        events = book.events()
    return _export(setting, events, output)


def _export(
    setting: Setting, events: Iterable[Stored], output: Path
) -> dict[tuple[str, str], AssignmentGrade]:
    grades = grade_setting(setting, events)
    write_atomically(
        output, grades_csv(setting.students, [item.id for item in setting.assignments], grades, setting.zone)
    )
    return grades


def grade_setting(setting: Setting, events: Iterable[Stored]) -> dict[tuple[str, str], AssignmentGrade]:
    """The grade of each student of the roster in each assignment of the course."""
    students = [student.identifier for student in setting.students]
    return grade_everyone(events, students, setting.assignments, setting.policy)


def find_undecided(
    grades: Mapping[tuple[str, str], AssignmentGrade], seen: Iterable[Observation]
) -> list[Undecided]:
    """Flagged records that nobody has decided about: those just seen, and those that hold up a grade.

    A flagged commit that a later one has replaced holds nothing up.
    """
    just_seen = {(item.repository_id, item.commit) for item in seen}
    return [
        Undecided(known.repository, known.commit, known.observed.flags)
        for grade in grades.values()
        for known in grade.facts.commits
        if known.observed is not None
        and known.waits_for_a_person
        and (
            (known.repository_id, known.commit) in just_seen
            or (grade.state == FLAGGED and known.commit == grade.newest_commit)
        )
    ]


def find_duplicates(events: Iterable[Stored]) -> list[Duplicate]:
    """Students whose records for one assignment come from several repositories (told apart by id).

    A repository of which somebody has let a commit count, or not count, needs nobody any more.
    """
    decided = _decided(events)
    repositories: dict[tuple[str, str], dict[int, str]] = {}
    looked_at: set[int] = set()
    for item in events:
        event = item.event
        if not isinstance(event, GradeObserved):
            continue
        known = repositories.setdefault((event.student, event.assignment), {})
        known[event.repository_id] = f"{event.repository} (id {event.repository_id})"
        if (event.assignment, event.commit, event.student) in decided:
            looked_at.add(event.repository_id)
    return [
        Duplicate(student, assignment, tuple(names.values()))
        for (student, assignment), names in repositories.items()
        if len(names.keys() - looked_at) > 1
    ]


def find_shared(events: Iterable[Stored]) -> list[Shared]:
    """Commits that several students handed in, each in a repository of their own: git ids do not repeat.

    Where somebody has decided about all but one of them, nobody is needed any more.
    """
    decided = _decided(events)
    seen: dict[tuple[str, str], dict[int, str]] = {}
    for item in events:
        event = item.event
        if isinstance(event, GradeObserved) and not event.starter:
            seen.setdefault((event.assignment, event.commit), {})[event.repository_id] = event.student
    return [
        Shared(assignment, commit, tuple(sorted(set(owners.values()))))
        for (assignment, commit), owners in seen.items()
        if len({owner for owner in owners.values() if (assignment, commit, owner) not in decided}) > 1
    ]


def _decided(events: Iterable[Stored]) -> set[tuple[str, str, str]]:
    """Assignment, commit and student of each record that a person has decided about."""
    newest = {item.event.subject: item.event for item in events if isinstance(item.event, RecordDecided)}
    return {
        (event.assignment, event.commit, event.student)
        for event in newest.values()
        if event.counts is not None
    }
