"""How far a collection got, so that the next one asks only for what it has not seen.

Repositories are listed by their last push, the newest first. What was read is
remembered as the time of the newest push, `top`, and as the gaps below it: parts
of the list that an interruption, or a spent budget, left unread. A collection
begins with a new gap above `top`, and closes gaps from the newest to the oldest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from autograding.github.collect import RosterStudent
from autograding.github.expected import Expected
from autograding.github.pages import Page
from autograding.gradebook.events import CollectionProgressed, UnreadPart

OVERLAP: Final = timedelta(minutes=5)
"""How much of the list is read again: a push may appear in it a little after its time."""


class ReadCourse(Protocol):
    """What decides how a repository is read: a change of it means reading all of them again."""

    @property
    def organization(self) -> str: ...
    @property
    def students(self) -> Sequence[RosterStudent]: ...
    @property
    def expected(self) -> Sequence[Expected]: ...


@dataclass(frozen=True)
class Gap:
    """A part of the list to be read: behind `cursor` (None: from the top), down to pushes at `since`."""

    cursor: str | None = None
    since: datetime | None = None

    def ends_with(self, page: Page) -> bool:
        """Nothing of it is left behind this page. A repository never pushed to tells no time."""
        return page.cursor is None or (
            self.since is not None and min(page.pushes, default=self.since) < self.since
        )


@dataclass(frozen=True)
class Progress:
    """What was read of an organization's repositories, for the course with this fingerprint."""

    fingerprint: str
    top: datetime | None = None
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def begin(cls, saved: Progress | None, fingerprint: str) -> Progress:
        """Where to go on from `saved`; from the beginning where the course has changed since."""
        if saved is None or saved.fingerprint != fingerprint or saved.top is None:
            return cls(fingerprint, gaps=(Gap(),))
        return replace(saved, gaps=(Gap(since=saved.top - OVERLAP), *saved.gaps))

    def after(self, page: Page) -> Progress:
        """The progress once this page of the first gap has been recorded."""
        gap, *rest = self.gaps
        top = self.top
        if gap.cursor is None:
            top = max((time for time in (*page.pushes, top) if time is not None), default=None)
        left = [] if gap.ends_with(page) else [replace(gap, cursor=page.cursor)]
        return replace(self, top=top, gaps=(*left, *rest))

    def without_cursor(self) -> Progress:
        """The first gap from its top again, where GitHub no longer knows its place."""
        gap, *rest = self.gaps
        return replace(self, gaps=(replace(gap, cursor=None), *rest))


def fingerprint(course: ReadCourse) -> str:
    """A short name of everything by which repositories are matched and checked."""
    parts = {
        "organization": course.organization.lower(),
        "students": sorted(
            [item.identifier, item.login.lower(), item.github_id or 0] for item in course.students
        ),
        "assignments": _assignments(course.expected),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _assignments(expected: Iterable[Expected]) -> list[list[str]]:
    return sorted(
        [item.slug, item.manifest_sha256, item.starter or "", *sorted(item.objects.values())]
        for item in expected
    )


def progressed(progress: Progress, organization: str) -> CollectionProgressed:
    """The event for a progress."""
    return CollectionProgressed(
        organization=organization,
        fingerprint=progress.fingerprint,
        top=progress.top,
        gaps=tuple(UnreadPart(cursor=gap.cursor, since=gap.since) for gap in progress.gaps),
    )


def progress_in(event: CollectionProgressed) -> Progress:
    """The progress in an event."""
    return Progress(
        event.fingerprint, event.top, tuple(Gap(cursor=gap.cursor, since=gap.since) for gap in event.gaps)
    )
