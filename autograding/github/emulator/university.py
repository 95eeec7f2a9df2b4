"""A whole university as plain data: thousands of student repositories, without one git repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from autograding.github.emulator.state import (
    EmulatedAnnotation,
    EmulatedCommit,
    EmulatedRepository,
    EmulatedRun,
)
from autograding.github.expected import Expected
from autograding.grader.grade import (
    RECORD_TITLE,
    CheckpointResult,
    ExerciseGrade,
    Grade,
    NotebookRun,
    QuestionStatus,
    encode_record,
)

RUN_IDS = 10
"""Numbers between the ids of two runs: their suite, check and artifact have ids of their own."""


@dataclass(frozen=True)
class Account:
    """A student's GitHub account."""

    login: str
    github_id: int


def make_university(
    expected: Sequence[Expected], accounts: Sequence[Account], start: datetime, *, every: timedelta
) -> list[EmulatedRepository]:
    """A repository for each assignment and account, each with one graded push on top of the starter.

    The pushes come one after the other, `every` so often, from `start` on. Equal
    arguments give equal data.
    """
    return [
        _repository(number, assignment, account, start + number * every)
        for number, (assignment, account) in enumerate(
            (assignment, account) for assignment in expected for account in accounts
        )
    ]


def push_again(
    repositories: Iterable[EmulatedRepository],
    expected: Sequence[Expected],
    start: datetime,
    *,
    every: timedelta,
    pushes: int = 1,
) -> Iterator[EmulatedRepository]:
    """The same repositories after so many more graded pushes each, one after the other from `start` on."""
    by_slug = {item.slug: item for item in expected}
    for number, repository in enumerate(repositories):
        assignment = by_slug[max((slug for slug in by_slug if repository.name.startswith(slug)), key=len)]
        for push in range(pushes):
            repository = _push(repository, assignment, start + number * every + push * every / (pushes + 1))
        yield repository


def _repository(number: int, assignment: Expected, account: Account, at: datetime) -> EmulatedRepository:
    starter = assignment.starter or _oid(assignment.slug, 0)
    empty = EmulatedRepository(
        name=f"{assignment.slug}-{account.login}",
        database_id=1_000_000 + number,
        pushed_at=None,
        head=EmulatedCommit(starter, at, assignment.objects),
        runs=(
            _run(number, 1, starter, at - timedelta(days=7), assignment, account.github_id, None, share=0),
        ),
    )
    return _push(empty, assignment, at)


def _push(repository: EmulatedRepository, assignment: Expected, at: datetime) -> EmulatedRepository:
    head, number = repository.head, len(repository.runs) + 1
    if head is None:
        raise ValueError(f"{repository.name} has no commit to push on top of")
    oid = _oid(repository.name, number)
    first = repository.runs[0]
    place = (first.database_id - 30_000_000_000) // (100 * RUN_IDS)
    run = _run(place, number, oid, at, assignment, first.pusher, head.oid, share=min(1.0, 0.4 + 0.1 * number))
    return replace(
        repository,
        pushed_at=at,
        head=EmulatedCommit(oid, at, assignment.objects),
        behind=(head, *repository.behind),
        runs=(*repository.runs, run),
    )


def _run(
    repository: int,
    number: int,
    commit: str,
    at: datetime,
    assignment: Expected,
    pusher: int | None,
    previous: str | None,
    share: float,
) -> EmulatedRun:
    return EmulatedRun(
        commit=commit,
        created_at=at,
        annotations=(EmulatedAnnotation(RECORD_TITLE, _record(assignment, commit, share)),),
        database_id=30_000_000_000 + repository * 100 * RUN_IDS + number * RUN_IDS,
        number=number,
        pusher=pusher,
        previous=previous,
    )


def _record(assignment: Expected, commit: str, share: float) -> str:
    manifest = assignment.manifest
    exercises = tuple(
        ExerciseGrade(item.id, item.title, round(item.points * share, 2), item.points, ())
        for item in manifest.exercises
    )
    return encode_record(
        Grade(
            assignment=manifest.assignment,
            commit=commit,
            manifest=assignment.manifest_sha256,
            final=False,
            score=sum(item.score for item in exercises),
            max_score=manifest.max_score,
            exercises=exercises,
            questions=tuple(QuestionStatus(item.id, 40, True) for item in manifest.questions),
            checkpoint=CheckpointResult(True),
            notebook=NotebookRun(True),
            flags=(),
            environment={"sandbox": "none"},
        )
    )


def _oid(name: str, number: int) -> str:
    return hashlib.sha1(f"{name}/{number}".encode(), usedforsecurity=False).hexdigest()
