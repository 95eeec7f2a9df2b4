"""Which commits still need a final grade: those that count, and those that would if they were clean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograding.gradebook.facts import KnownCommit
from autograding.gradebook.policy import EXCUSED, OVERRIDDEN, AssignmentGrade

COUNTS = "counts"
FLAGGED = "flagged"
NOT_RUN = "not run"


@dataclass(frozen=True)
class PendingCommit:
    """A commit to grade again. `why`: it counts, its record is flagged, or its workflow has not run."""

    student: str
    assignment: str
    repository_id: int | None
    repository: str
    commit: str
    why: str


def pending_commits(grades: Iterable[AssignmentGrade]) -> tuple[PendingCommit, ...]:
    """The commits to grade again, at most two a student and assignment, in the order of the grades.

    A final grade may be lower than the provisional one, so that another commit
    counts afterwards: ask again until there is none. Whoever is excused or has an
    override needs no final grade.
    """
    return tuple(found for grade in grades for found in _pending(grade))


def _pending(grade: AssignmentGrade) -> Iterator[PendingCommit]:
    if grade.state in (EXCUSED, OVERRIDDEN):
        return
    for known in grade.facts.commits:
        if known.final is not None or known.rejected:
            continue
        if grade.chosen is not None and known.event_id == grade.chosen.event_id:
            yield _commit(grade, known, COUNTS)
        elif known.commit == grade.newest_commit and not known.counts and not _is_starter(known):
            waits = known.observed is not None and known.observed.waits
            yield _commit(grade, known, NOT_RUN if waits else FLAGGED)


def _is_starter(known: KnownCommit) -> bool:
    return known.observed is not None and known.observed.starter


def _commit(grade: AssignmentGrade, known: KnownCommit, why: str) -> PendingCommit:
    return PendingCommit(
        student=grade.student,
        assignment=grade.assignment,
        repository_id=known.repository_id,
        repository=known.repository,
        commit=known.commit,
        why=why,
    )
