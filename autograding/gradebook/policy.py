"""From events to grades: a pure function of the events, the due dates and the late policy.

Of the records that count, the last one before the due date counts in full and
each later one less the penalty of its days; the best of these is the grade.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from autograding.gradebook.events import GradeObserved
from autograding.gradebook.store import Stored

GRADED = "graded"
LATE = "late"
FLAGGED = "flagged"
NOT_GRADED = "not graded yet"
MISSING = "missing"


class DueAssignment(Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def id(self) -> str: ...
    @property
    def due(self) -> datetime | None: ...


@dataclass(frozen=True)
class LateRule:
    """What lateness costs. Shares are between 0 and 1.

    Up to `grace` after the due date is not late. From then on each day begun
    since the due date costs `penalty_per_day` of the score, but at least `floor`
    of it is kept.
    """

    grace: timedelta = timedelta(0)
    penalty_per_day: float = 0.0
    floor: float = 0.0

    def days(self, submitted: datetime, due: datetime | None) -> int:
        """The days that are charged: 0 up to the end of the grace period."""
        if due is None or submitted <= due + self.grace:
            return 0
        return math.ceil((submitted - due) / timedelta(days=1))

    def kept(self, days: int) -> float:
        """The share of the score that is kept."""
        return 1.0 if days == 0 else max(self.floor, 1.0 - days * self.penalty_per_day)


@dataclass(frozen=True)
class Considered:
    """One record in the choice: the evidence, and what it is worth after the penalty."""

    event_id: int
    repository: str
    commit: str
    run_id: int | None
    submitted: datetime
    score: float
    days_late: int
    kept: float

    @property
    def worth(self) -> float:
        return self.score * self.kept


@dataclass(frozen=True)
class AssignmentGrade:
    """A student's grade for an assignment, with everything it was derived from.

    `score` is None where nothing counts. `chosen` is the record that counts,
    `considered` all that could have; `flags` says what a person must look at in
    the newest commit.
    """

    student: str
    assignment: str
    state: str
    score: float | None
    max_score: float | None
    due: datetime | None
    chosen: Considered | None
    considered: tuple[Considered, ...]
    flags: tuple[str, ...]
    newest_commit: str | None


@dataclass(frozen=True)
class _Dated:
    id: int
    event: GradeObserved


def grade_everyone(
    events: Iterable[Stored],
    students: Sequence[str],
    assignments: Sequence[DueAssignment],
    late: LateRule,
) -> dict[tuple[str, str], AssignmentGrade]:
    """The grade of each student (by identifier) in each assignment (by id)."""
    by_pair: dict[tuple[str, str], list[_Dated]] = {}
    for item in newest_revisions(events):
        by_pair.setdefault((item.event.student, item.event.assignment), []).append(item)
    return {
        (student, assignment.id): _grade(student, assignment, by_pair.get((student, assignment.id), []), late)
        for student in students
        for assignment in assignments
    }


def newest_revisions(events: Iterable[Stored]) -> list[_Dated]:
    """What holds now of each commit, the most recently recorded last."""
    newest: dict[str, tuple[int, _Dated]] = {}
    for stored in events:
        known = newest.get(stored.event.subject)
        if known is None or stored.revision > known[0]:
            newest[stored.event.subject] = (stored.revision, _Dated(stored.id, stored.event))
    return sorted((item for _, item in newest.values()), key=lambda item: item.id)


def _grade(student: str, assignment: DueAssignment, items: list[_Dated], late: LateRule) -> AssignmentGrade:
    considered = tuple(_consider(item, assignment.due, late) for item in items if item.event.counts)
    chosen = choose(considered)
    newest = items[-1].event if items else None
    records = [item.event.record for item in items if item.event.record is not None]
    return AssignmentGrade(
        student=student,
        assignment=assignment.id,
        state=_state(newest, chosen),
        score=chosen.worth if chosen else None,
        max_score=records[-1].max_score if records else None,
        due=assignment.due,
        chosen=chosen,
        considered=considered,
        flags=tuple(f"{flag.kind}: {flag.detail}" for flag in newest.flags) if newest else (),
        newest_commit=newest.commit if newest else None,
    )


def _consider(item: _Dated, due: datetime | None, late: LateRule) -> Considered:
    event = item.event
    if event.record is None or event.run is None:
        raise ValueError("only an event that counts can be considered")
    # The check suite is made when the push arrives; a run started again later keeps it.
    submitted = event.run.suite_created_at
    days = late.days(submitted, due)
    return Considered(
        event_id=item.id,
        repository=event.repository,
        commit=event.commit,
        run_id=event.run.run_id,
        submitted=submitted,
        score=event.record.score,
        days_late=days,
        kept=late.kept(days),
    )


def choose(considered: Sequence[Considered]) -> Considered | None:
    """The best of the last record in time and all late ones; of equals the earliest."""
    in_time = [item for item in considered if item.days_late == 0]
    candidates = [item for item in considered if item.days_late > 0]
    if in_time:
        candidates.append(max(in_time, key=_when))
    return min(candidates, key=lambda item: (-item.worth, *_when(item)), default=None)


def _when(item: Considered) -> tuple[datetime, int]:
    return item.submitted, item.event_id


def _state(newest: GradeObserved | None, chosen: Considered | None) -> str:
    """The newest commit decides: an earlier grade holds, but is not settled while that one is open."""
    if newest is None or (newest.starter and newest.not_run):
        return MISSING
    if newest.not_run:
        return NOT_GRADED
    if newest.flags or chosen is None:
        return FLAGGED
    return LATE if chosen.days_late else GRADED
