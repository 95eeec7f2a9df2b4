"""What a collection tells the person who started it: a table, and what needs their attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.table import Column, Table

from autograding.github.errors import plain
from autograding.gradebook.collecting.collection import Collected, Setting
from autograding.gradebook.collecting.report import Report
from autograding.gradebook.policy import (
    EXCUSED,
    FLAGGED,
    GRADED,
    LATE,
    MISSING,
    NOT_GRADED,
    OVERRIDDEN,
    REJECTED,
)
from autograding.grader.grade import plain_number

STATES = (GRADED, LATE, OVERRIDDEN, EXCUSED, FLAGGED, REJECTED, NOT_GRADED, MISSING)
# States that a person has to enter; they have a column only where there are any.
ENTERED = {OVERRIDDEN, EXCUSED, REJECTED}
SHOWN = 50


def state_table(setting: Setting, collected: Collected) -> Table:
    """A row an assignment: how many students stand where, and the mean of the grades there are."""
    seen = {grade.state for grade in collected.grades.values()}
    shown = [state for state in STATES if state in seen or state not in ENTERED]
    # Nine columns in eighty characters: what is cut off cannot be read.
    names = Column("assignment", no_wrap=True)
    table = Table(names, *shown, "mean", box=None, collapse_padding=True, pad_edge=False)
    for assignment in setting.assignments:
        grades = [collected.grades[student.identifier, assignment.id] for student in setting.students]
        states = Counter(grade.state for grade in grades)
        scores = [grade.score for grade in grades if grade.score is not None]
        mean = str(plain_number(round(sum(scores) / len(scores), 1))) if scores else "-"
        table.add_row(assignment.id, *(str(states[state]) for state in shown), mean)
    return table


def attention(report: Report) -> list[str]:
    """A line for each thing a person must look at, safe for a terminal."""
    lines = list(_attention(report))
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"... and {more} more"] if more > 0 else lines


def _attention(report: Report) -> Iterator[str]:
    for bad in report.unreadable:
        yield plain(f"{bad.repository}: not collected: {bad.why}", 400)
    for seen in report.undecided:
        why = "; ".join(f"{flag.kind} ({flag.detail})" for flag in seen.flags)
        yield plain(f"{seen.repository} at {seen.commit[:12]}: does not count: {why}", 400)
    for stray in report.strays:
        yield plain(f"{stray.repository}: belongs to nobody: {stray.why}", 400)
    for item in report.duplicates:
        places = ", ".join(item.repositories)
        yield plain(f"{item.student} has more than one repository for {item.assignment}: {places}", 400)
    for shared in report.shared:
        who = ", ".join(shared.students)
        yield plain(f"{shared.assignment}: commit {shared.commit[:12]} is in the repositories of {who}", 400)
    for behind in report.crowded:
        yield plain(f"{behind.repository}: has more runs than were read, so an old grade may be missing", 400)
    if report.stopped:
        yield plain(f"not everything was read: {report.stopped}; the next collection goes on from here", 400)


def account(report: Report) -> str:
    """What was read and what it cost, in one line."""
    other = len(report.unmatched) - len(report.strays)
    remaining = "" if report.remaining is None else f" ({report.remaining:,} left this hour)"
    alone = f"commits read by themselves: {report.asked_again}, " if report.asked_again else ""
    return (
        f"repositories read: {report.repositories} (empty: {len(report.empty)}, no submissions: {other}), "
        f"{alone}new in the gradebook: {report.recorded}, "
        f"requests: {report.requests}, points of GitHub's budget: {report.points}{remaining}"
    )
