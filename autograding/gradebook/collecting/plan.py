"""What a collection would ask and cost, found out for a point or a few."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from autograding.github.client import GITHUB_API, GitHub, RetryPolicy
from autograding.github.meter import Meter
from autograding.github.pages import parse_page
from autograding.github.queries import NEWEST, PAGE_SIZE, commits_points, lists_points, page_points
from autograding.gradebook.collecting.known import Known
from autograding.gradebook.collecting.progress import Progress, ReadCourse, fingerprint
from autograding.gradebook.store import Gradebook, Stored

LOOKED_AT: Final = 10
"""Pages of times looked at before the whole organization is taken for changed."""


@dataclass(frozen=True)
class Plan:
    """What would be asked. `points` and `requests` are the most it should take while GitHub is well.

    `repositories` of `total` would be read in pages, `commits` again by
    themselves, and of `behind` repositories the runs that nobody has seen. More
    commits than these are asked for where a push since then has others behind it.
    `spent` is what finding this out cost.
    """

    repositories: int
    total: int
    commits: int
    behind: int
    requests: int
    points: int
    spent: int
    remaining: int | None


def plan_collection(
    course: ReadCourse,
    *,
    token: str,
    gradebook: Path,
    api_url: str = GITHUB_API,
    retry: RetryPolicy | None = None,
    full: bool = False,
) -> Plan:
    """Look at when repositories were last pushed to, and at the gradebook, and write nothing."""

    async def run(events: Iterable[Stored]) -> Plan:
        async with GitHub(token, api_url=api_url, retry=retry) as github:
            return await plan(github, events, course, full=full)

    if not gradebook.exists():
        return asyncio.run(run(()))
    with Gradebook(gradebook) as book:
        return asyncio.run(run(book.events()))


async def plan(github: GitHub, events: Iterable[Stored], course: ReadCourse, *, full: bool = False) -> Plan:
    """The plan for a gradebook with these events."""
    known = Known(course, events)
    meter = Meter(github)
    progress = Progress.begin(None if full else known.saved, fingerprint(course))
    changed, total = await _changed(meter, course.organization, progress)
    commits, behind = len(known.pending(datetime.now(UTC))), len(known.behind)
    pages = max(1, math.ceil(changed / PAGE_SIZE))
    batches = math.ceil(commits / PAGE_SIZE)
    lists = math.ceil(behind / PAGE_SIZE)
    return Plan(
        repositories=changed,
        total=total,
        commits=commits,
        behind=behind,
        requests=pages + batches + 2 * lists,
        points=pages * page_points(PAGE_SIZE)
        + batches * commits_points(PAGE_SIZE)
        + lists * (lists_points(PAGE_SIZE) + commits_points(PAGE_SIZE)),
        spent=meter.points,
        remaining=meter.remaining,
    )


async def _changed(meter: Meter, organization: str, progress: Progress) -> tuple[int, int]:
    """How many repositories would be read in pages, at most, and how many there are."""
    first, *rest = progress.gaps
    cursor, changed = None, 0
    for _ in range(LOOKED_AT):
        variables = {"organization": organization, "after": cursor, "size": PAGE_SIZE}
        page = parse_page(await meter.ask(NEWEST, variables, 1), organization)
        if first.since is None or rest:
            # A part of the list is unread, and nothing tells how long it is.
            return page.total, page.total
        changed += sum(push >= first.since for push in page.pushes)
        if first.ends_with(page):
            return changed, page.total
        cursor = page.cursor
    return page.total, page.total


def plan_text(found: Plan) -> str:
    """A plan in words."""
    left = "" if found.remaining is None else f" of {found.remaining:,} left this hour"
    spent = f"{found.spent} {'point' if found.spent == 1 else 'points'}"
    return (
        f"would read {found.repositories:,} of {found.total:,} repositories, {found.commits:,} commits "
        f"without a grade, and the runs of {found.behind:,} repositories\n"
        f"at most {found.requests:,} requests and {found.points:,} points{left}, "
        "and more where students pushed several times in between\n"
        f"finding this out cost {spent}; nothing was written"
    )
