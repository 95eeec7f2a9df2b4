"""Read what changed on GitHub into an open gradebook, in the order of what matters most.

First the repositories that were pushed to, newest first; then the commits that
had no grade yet; then the commits that were graded between two heads. Each
answer is recorded in one transaction together with how far the collection got.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from autograding.github.behind import Listed, look_closer, read_commits, read_histories, read_runs
from autograding.github.client import GitHub
from autograding.github.collect import (
    Index,
    Observation,
    Seen,
    Wanted,
    flag_second_repositories,
    observe,
)
from autograding.github.errors import BudgetSpent, ExpiredCursor
from autograding.github.meter import Meter
from autograding.github.pages import PageReader
from autograding.github.queries import PAGE_SIZE
from autograding.gradebook.collecting.known import Behind, Known
from autograding.gradebook.collecting.progress import Progress, ReadCourse, fingerprint, progressed
from autograding.gradebook.collecting.report import Report
from autograding.gradebook.events import CollectionProgressed, RunsRead, grade_observed
from autograding.gradebook.store import Gradebook, Stored

RESTARTS = 3
"""How often a list is read again from its top because GitHub forgot a place in it."""


class Named(Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def slug(self) -> str: ...


class Course(ReadCourse, Protocol):
    """What has to be known of the course."""

    @property
    def assignments(self) -> Sequence[Named]: ...


async def collect(
    github: GitHub,
    book: Gradebook,
    course: Course,
    events: Iterable[Stored],
    *,
    page_size: int = PAGE_SIZE,
    budget: int | None = None,
    full: bool = False,
    on_step: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Read what changed in the organization, or everything with `full`. Raises ClassroomError.

    `events` are those that the gradebook holds already.
    """
    meter = Meter(github, budget)
    reading = Reading(book, course, events, meter, on_step)
    try:
        await reading.pages(PageReader(github, meter, course.organization, size=page_size), full)
        await reading.pending()
        await reading.behind()
    except BudgetSpent as error:
        reading.report.stopped = error.what
    reading.tell()
    return reading.report


class Reading:
    """A collection on its way: what is known, what it has seen, and where it records that."""

    def __init__(
        self,
        book: Gradebook,
        course: Course,
        events: Iterable[Stored],
        meter: Meter,
        on_step: Callable[[Report], None],
    ) -> None:
        self.report = Report()
        self._meter = meter
        self._book = book
        self._course = course
        self._on_step = on_step
        self._known = Known(course, events)
        self._seen: set[str] = set()
        self._index = Index.of(
            course.expected,
            course.students,
            (item.slug for item in course.assignments),
            self._known.places,
            self._known.homes,
        )

    async def pages(self, reader: PageReader, full: bool) -> None:
        """Read the repositories that were pushed to since the last collection."""
        progress = Progress.begin(None if full else self._known.saved, fingerprint(self._course))
        restarts = 0
        while progress.gaps:
            try:
                page = await reader.read(progress.gaps[0].cursor)
            except ExpiredCursor:
                restarts += 1
                if progress.gaps[0].cursor is None or restarts > RESTARTS:
                    raise
                progress = progress.without_cursor()
                continue
            seen = [observe(node, self._index, page.faults.get(i)) for i, node in enumerate(page.nodes)]
            seen = await look_closer(self._meter, seen, self._index)
            progress = progress.after(page)
            self.report.repositories += len(seen)
            self.report.total = page.total
            news = [progressed(progress, self._course.organization)] if progress != self._known.saved else []
            self._record(seen, *news)

    async def pending(self) -> None:
        """Read the commits that had no grade yet, unless this collection has just seen them."""
        open_ = self._known.pending(datetime.now(UTC))
        wanted = {node: item for node, item in open_.items() if node not in self._seen}
        async for seen in read_commits(self._meter, wanted, self._index):
            self.report.asked_again += len(seen)
            self._record(seen.values())

    async def behind(self) -> None:
        """Read the commits that were graded between two heads that collections have seen."""
        wanted: dict[str, Behind] = {}
        left: Counter[int] = Counter()
        for behind, listed in await self._lists():
            nodes = self._known.unseen(behind, listed)
            wanted |= dict.fromkeys(nodes, behind)
            left[behind.repository_id] = len(nodes)
            if not nodes:
                self._record([], _all_read(behind))
        commits = {node: Wanted(behind.repository) for node, behind in wanted.items()}
        async for seen in read_commits(self._meter, commits, self._index):
            done = []
            for node in seen:
                behind = wanted[node]
                left[behind.repository_id] -= 1
                if left[behind.repository_id] == 0:
                    done.append(_all_read(behind))
            self.report.asked_again += len(seen)
            self._record([item for item in seen.values() if not _never_graded(item)], *done)

    async def _lists(self) -> list[tuple[Behind, Listed]]:
        """What stands behind each head with something unseen behind it."""
        places = list(self._known.behind.values())
        by_workflow = {item.workflow: item for item in places if item.workflow is not None}
        by_head = {item.node: item for item in places if item.workflow is None}
        found: list[tuple[Behind, Listed]] = []
        async for lists in read_runs(self._meter, {id: item.since for id, item in by_workflow.items()}):
            found += [(by_workflow[id], listed) for id, listed in lists.items()]
        async for lists in read_histories(self._meter, by_head):
            found += [(by_head[id], listed) for id, listed in lists.items()]
        self.report.crowded += [behind for behind, listed in found if not listed.complete]
        return found

    def _record(self, seen: Iterable[Seen], *marks: RunsRead | CollectionProgressed) -> None:
        """Record what was seen, with marks that say so, in one transaction."""
        seen = flag_second_repositories(seen, self._index)
        self.report.add(seen)
        grades = [grade_observed(item) for item in seen if isinstance(item, Observation)]
        self._seen |= {item.node for item in grades}
        self.report.recorded += self._book.append([*grades, *marks], datetime.now(UTC)) - len(marks)
        for event in (*grades, *marks):
            self._known.add(event)
        self.tell()

    def tell(self) -> None:
        """Let whoever watches know how far this is."""
        self.report.requests = self._meter.requests
        self.report.points = self._meter.points
        self.report.remaining = self._meter.remaining
        self._on_step(self.report)


def _all_read(behind: Behind) -> RunsRead:
    return RunsRead(repository_id=behind.repository_id, commit=behind.head)


def _never_graded(seen: Seen) -> bool:
    """A commit behind the head that no run was ever about: it came with a later one in the same push."""
    return isinstance(seen, Observation) and seen.run is None
