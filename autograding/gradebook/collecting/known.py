"""What a gradebook already knows of each repository, and what is still to be asked because of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from autograding.github.behind import Listed
from autograding.github.collect import SECOND_REPOSITORY, Place, Wanted
from autograding.gradebook.collecting.progress import Progress, ReadCourse, progress_in
from autograding.gradebook.events import (
    AnyEvent,
    CollectionProgressed,
    GradeObserved,
    RecordDecided,
    RunsRead,
)
from autograding.gradebook.store import Stored

PENDING: Final = timedelta(days=14)
"""How long a commit that has no grade yet is asked for again. `--full` asks for it whenever it was pushed."""


@dataclass(frozen=True)
class Behind:
    """Runs that nobody has seen yet, behind the head of a repository.

    They are those of `workflow` after number `since`, or, where no run tells the
    workflow, those of the commits behind the head.
    """

    repository_id: int
    repository: str
    head: str
    node: str
    workflow: str | None
    since: int


@dataclass
class KnownRepository:
    """A repository with events in the gradebook. `number` is that of the newest run seen.

    `first`: the student had no other when it was first seen. `released` are commits
    that a person let count although the repository is a second one.
    """

    place: Place
    commits: set[str] = field(default_factory=set)
    number: int = 0
    workflow: str | None = None
    first: bool = False
    released: set[str] = field(default_factory=set)


class Known:
    """Built from the events in the order they were recorded, and kept up to date with `add`.

    A push on top of the commit that students start from has nothing behind it.
    `saved` is how far earlier collections of the same course got, None where all
    has to be read. `homes` are the repositories of a student that count: the first,
    and each of which a person released a commit that was flagged as second.
    """

    def __init__(self, course: ReadCourse, events: Iterable[Stored] = ()) -> None:
        self.places: dict[int, Place] = {}
        self.homes: dict[Place, set[int]] = {}
        self.behind: dict[int, Behind] = {}
        self.saved: Progress | None = None
        self._organization = course.organization
        self._starters = {item.assignment: item.starter for item in course.expected}
        self._repositories: dict[int, KnownRepository] = {}
        self._at: dict[Place, set[int]] = {}
        self._open: dict[str, GradeObserved] = {}
        for stored in events:
            self.add(stored.event)

    def add(self, event: AnyEvent) -> None:
        """Take in an event that was just recorded, or read from the gradebook."""
        if isinstance(event, GradeObserved):
            self._add_grade(event)
        elif isinstance(event, RecordDecided):
            self._add_decision(event)
        elif isinstance(event, CollectionProgressed):
            if event.organization == self._organization:
                self.saved = progress_in(event)
        elif isinstance(event, RunsRead):
            behind = self.behind.get(event.repository_id)
            if behind is not None and behind.head == event.commit:
                del self.behind[event.repository_id]

    def pending(self, now: datetime) -> dict[str, Wanted]:
        """Commits without a grade that may have one by now, by their ids."""
        return {
            event.node: Wanted(event.repository, event.pushed_at)
            for event in self._open.values()
            if (when := _when(event)) is not None and now - when < PENDING
        }

    def unseen(self, behind: Behind, listed: Listed) -> list[str]:
        """The ids of the commits in a list that the gradebook has nothing about."""
        repository = self._repositories[behind.repository_id]
        known = repository.commits | {self._starters.get(repository.place.assignment)}
        nodes: dict[str, None] = {}
        for item in listed.commits:
            if item.oid == behind.head:
                continue
            if item.number is None and item.oid in known:
                break  # a history: what is behind a known commit was looked at when that one was
            if item.oid not in known and (item.number is None or item.number > behind.since):
                nodes[item.node] = None
        return list(nodes)

    def _add_grade(self, event: GradeObserved) -> None:
        place = Place(event.assignment, event.student)
        repository = self._repositories.get(event.repository_id)
        if repository is None:
            repository = self._repositories[event.repository_id] = KnownRepository(place)
        left, repository.place = repository.place, place
        self.places[event.repository_id] = place
        self._at.setdefault(place, set()).add(event.repository_id)
        if left != place:
            self._settle(left, event.repository_id)
            repository.first = False
        repository.first |= not (_is_second(event) or self.homes.get(place))
        self._settle(place, event.repository_id)
        if event.pushed_at is not None and self._is_behind(event, repository):
            earlier = self.behind.get(event.repository_id)
            self.behind[event.repository_id] = Behind(
                repository_id=event.repository_id,
                repository=event.repository,
                head=event.commit,
                node=event.node,
                workflow=(event.run.workflow if event.run else None) or repository.workflow,
                since=min(repository.number, earlier.since) if earlier else repository.number,
            )
        repository.commits.add(event.commit)
        if event.run is not None:
            repository.number = max(repository.number, event.run.number or 0)
            repository.workflow = event.run.workflow or repository.workflow
        if event.not_run and not event.starter:
            self._open[event.subject] = event
        else:
            self._open.pop(event.subject, None)

    def _add_decision(self, event: RecordDecided) -> None:
        """Letting a commit of a second repository count accepts the repository, until it is taken back."""
        place = Place(event.assignment, event.student)
        for id in self._at.get(place, ()):
            repository = self._repositories[id]
            if repository.place == place and event.commit in repository.commits:
                if event.counts and _is_second(event):
                    repository.released.add(event.commit)
                else:
                    repository.released.discard(event.commit)
                self._settle(place, id)

    def _settle(self, place: Place, id: int) -> None:
        """Note whether the records of a repository may count in a place."""
        repository, homes = self._repositories[id], self.homes.setdefault(place, set())
        if repository.place == place and (repository.first or repository.released):
            homes.add(id)
        else:
            homes.discard(id)

    def _is_behind(self, event: GradeObserved, repository: KnownRepository) -> bool:
        """Whether there may be graded commits between this head and what was known before it."""
        if event.starter:
            return False
        if event.run is None or event.run.number is None:
            return event.commit not in repository.commits
        starter = self._starters.get(event.assignment)
        previous = event.run.previous
        if previous is not None and (previous == starter or previous in repository.commits):
            return False
        return event.run.number > repository.number + 1


def _is_second(event: GradeObserved | RecordDecided) -> bool:
    return any(flag.kind == SECOND_REPOSITORY for flag in event.flags)


def _when(event: GradeObserved) -> datetime | None:
    return event.pushed_at or (event.run.suite_created_at if event.run else None)
