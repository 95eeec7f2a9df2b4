"""What one collection saw, and what of it a person must look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograding.github.collect import Empty, Observation, Seen, Unmatched, Unreadable
from autograding.gradebook.collecting.known import Behind
from autograding.gradebook.events import RaisedFlag


@dataclass(frozen=True)
class Undecided:
    """A commit whose record is flagged: it does not count until a person has decided."""

    repository: str
    commit: str
    flags: tuple[RaisedFlag, ...]


@dataclass(frozen=True)
class Duplicate:
    """A student with records from more than one repository for one assignment."""

    student: str
    assignment: str
    repositories: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """A commit, other than the one students start from, that stands in repositories of several students."""

    assignment: str
    commit: str
    students: tuple[str, ...]


@dataclass
class Report:
    """What one collection saw. `recorded` counts grades that said something new.

    `repositories` counts those that were read in pages, and `total` all of the
    organization (None until a page was read). `asked_again` counts commits that
    were read by themselves: those not graded yet, and those behind a head.
    `stopped` says why something was left for the next collection. `undecided`,
    `duplicates` and `shared` are found in the whole gradebook, and stay until a
    person has decided.
    """

    repositories: int = 0
    total: int | None = None
    asked_again: int = 0
    requests: int = 0
    points: int = 0
    remaining: int | None = None
    recorded: int = 0
    stopped: str = ""
    observations: list[Observation] = field(default_factory=list)
    empty: list[Empty] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    crowded: list[Behind] = field(default_factory=list)

    def add(self, seen: Iterable[Seen]) -> None:
        """Take in what was read of repositories or commits."""
        for item in seen:
            if isinstance(item, Observation):
                self.observations.append(item)
            elif isinstance(item, Empty):
                self.empty.append(item)
            elif isinstance(item, Unmatched):
                self.unmatched.append(item)
            else:
                self.unreadable.append(item)

    @property
    def strays(self) -> list[Unmatched]:
        """Repositories named like a submission that belong to nobody."""
        return [item for item in self.unmatched if item.looks_like_a_submission]

    @property
    def needs_a_person(self) -> bool:
        odd = (self.undecided, self.strays, self.unreadable, self.duplicates, self.shared, self.crowded)
        return any(odd) or bool(self.stopped)
