"""One collection: read the organization, record what is there, compute the grades, write the CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol

from autograding.github.client import GITHUB_API, GitHub, RetryPolicy
from autograding.github.collect import (
    PAGE_SIZE,
    Empty,
    Index,
    Observation,
    Page,
    Seen,
    Unmatched,
    Unreadable,
    look_closer,
    observe,
    read_pages,
)
from autograding.github.expected import Expected
from autograding.gradebook.events import GradeObserved, grade_observed
from autograding.gradebook.export import ListedStudent, grades_csv, write_atomically
from autograding.gradebook.policy import AssignmentGrade, GradedAssignment, Policy, grade_everyone
from autograding.gradebook.store import Gradebook, Stored


class CollectedAssignment(GradedAssignment, Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def slug(self) -> str: ...


@dataclass(frozen=True)
class Setting:
    """What a collection needs to know of the course."""

    organization: str
    students: tuple[ListedStudent, ...]
    assignments: tuple[CollectedAssignment, ...]
    expected: tuple[Expected, ...]
    policy: Policy
    zone: tzinfo


@dataclass(frozen=True)
class Duplicate:
    """A student with records from more than one repository for one assignment."""

    student: str
    assignment: str
    repositories: tuple[str, ...]


@dataclass
class Report:
    """What one collection saw. `recorded` counts events that said something new."""

    repositories: int = 0
    requests: int = 0
    points: int = 0
    remaining: int | None = None
    recorded: int = 0
    observations: list[Observation] = field(default_factory=list)
    empty: list[Empty] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)

    @property
    def flagged(self) -> list[Observation]:
        """Commits whose grade does not count until a person has looked."""
        return [item for item in self.observations if item.flags and not grade_observed(item).not_run]

    @property
    def strays(self) -> list[Unmatched]:
        """Repositories named like a submission that belong to nobody."""
        return [item for item in self.unmatched if item.looks_like_a_submission]

    @property
    def needs_a_person(self) -> bool:
        return bool(self.flagged or self.strays or self.unreadable or self.duplicates)


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
    on_page: Callable[[Report, Page], None] | None = None,
) -> Collected:
    """Collect into the gradebook and write the CSV.

    Each page of repositories is recorded in one transaction, so an interruption
    loses nothing, and repeating a collection changes nothing. Raises
    ClassroomError where nothing can be collected at all.
    """

    async def run(book: Gradebook) -> Report:
        async with GitHub(token, api_url=api_url, retry=retry) as github:
            return await collect(github, book, setting, page_size=page_size, on_page=on_page)

    with Gradebook(gradebook) as book:
        report = asyncio.run(run(book))
        events = book.events()
    report.duplicates = find_duplicates(events)
    grades = grade_setting(setting, events)
    write_atomically(
        output, grades_csv(setting.students, [item.id for item in setting.assignments], grades, setting.zone)
    )
    return Collected(report, grades)


async def collect(
    github: GitHub,
    book: Gradebook,
    setting: Setting,
    *,
    page_size: int = PAGE_SIZE,
    on_page: Callable[[Report, Page], None] | None = None,
) -> Report:
    """Read all repositories of the organization into an open gradebook."""
    index = Index.of(setting.expected, setting.students, (item.slug for item in setting.assignments))
    report = Report()
    async for page in read_pages(github, setting.organization, size=page_size):
        seen = [observe(node, index, page.faults.get(place)) for place, node in enumerate(page.nodes)]
        for place, item in enumerate(seen):
            if isinstance(item, Observation) and item.hidden_suites:
                seen[place], points = await look_closer(github, item, index)
                report.requests += 1
                report.points += points
        observations = [item for item in seen if isinstance(item, Observation)]
        report.recorded += book.append([grade_observed(item) for item in observations], datetime.now(UTC))
        _add_page(report, page, seen)
        if on_page is not None:
            on_page(report, page)
    return report


def grade_setting(setting: Setting, events: Iterable[Stored]) -> dict[tuple[str, str], AssignmentGrade]:
    """The grade of each student of the roster in each assignment of the course."""
    students = [student.identifier for student in setting.students]
    return grade_everyone(events, students, setting.assignments, setting.policy)


def find_duplicates(events: Iterable[Stored]) -> list[Duplicate]:
    """Students whose records for one assignment come from several repositories (told apart by id)."""
    repositories: dict[tuple[str, str], dict[int, str]] = {}
    for item in events:
        event = item.event
        if not isinstance(event, GradeObserved):
            continue
        known = repositories.setdefault((event.student, event.assignment), {})
        known[event.repository_id] = f"{event.repository} (id {event.repository_id})"
    return [
        Duplicate(student, assignment, tuple(names.values()))
        for (student, assignment), names in repositories.items()
        if len(names) > 1
    ]


def _add_page(report: Report, page: Page, seen: Iterable[Seen]) -> None:
    report.requests += 1
    report.points += page.cost
    report.remaining = page.remaining
    for item in seen:
        report.repositories += 1
        if isinstance(item, Observation):
            report.observations.append(item)
        elif isinstance(item, Empty):
            report.empty.append(item)
        elif isinstance(item, Unmatched):
            report.unmatched.append(item)
        else:
            report.unreadable.append(item)
