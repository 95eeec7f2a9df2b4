"""Read the repositories of an organization page by page, with pages as large as GitHub can bear."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from autograding.github.client import Answer, GitHub
from autograding.github.errors import GitHubError, Overloaded, UnknownOrganization, plain
from autograding.github.meter import Meter
from autograding.github.queries import CHECK_NAME, PAGE, PAGE_SIZE, page_points
from autograding.github.wire import read_time

SLOW: Final = 6.0
"""Seconds after which an answer was slow. GitHub cuts a query off after about ten."""

QUICK_PAGES: Final = 2
"""Pages in a row that must be quick before a larger one is asked for."""


@dataclass(frozen=True)
class Page:
    """Up to 100 repositories as GitHub sent them, the most recently pushed first.

    `faults` names, by position, the repositories that GitHub itself could not
    read. `cursor` is None on the last page.
    """

    nodes: tuple[object, ...]
    faults: dict[int, str]
    cursor: str | None
    total: int
    cost: int
    remaining: int

    @property
    def pushes(self) -> list[datetime]:
        """When the repositories of the page were last pushed to; those that never were are left out."""
        times = (node.get("pushedAt") for node in self.nodes if isinstance(node, dict))
        return [time for time in map(_time, times) if time is not None]


class Pace:
    """How many repositories to ask for: half as many when GitHub struggles, more again when it does not."""

    def __init__(self, largest: int = PAGE_SIZE) -> None:
        self.size = largest
        self._largest = largest
        self._quick = 0

    def struggled(self) -> None:
        self.size = max(1, self.size // 2)
        self._quick = 0

    def answered(self, seconds: float) -> None:
        """An answer came after so many seconds."""
        if seconds >= SLOW:
            self.struggled()
            return
        self._quick += 1
        if self._quick >= QUICK_PAGES and self.size < self._largest:
            self.size = min(self._largest, self.size * 2)
            self._quick = 0


class PageReader:
    """Reads pages of one organization's repositories."""

    def __init__(
        self,
        github: GitHub,
        meter: Meter,
        organization: str,
        *,
        size: int = PAGE_SIZE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pace = Pace(size)
        self._github = github
        self._meter = meter
        self._organization = organization
        self._clock = clock

    async def read(self, cursor: str | None) -> Page:
        """The page behind `cursor`, or the first. Raises ExpiredCursor, BudgetSpent and GitHubError."""
        failed = 0
        while True:
            size, start = self.pace.size, self._clock()
            variables = {"organization": self._organization, "after": cursor, "size": size}
            variables |= {"check": CHECK_NAME, "suites": 1}
            try:
                answer = await self._meter.ask(PAGE, variables, page_points(size), give_way=True)
            except Overloaded as error:
                self.pace.struggled()
                failed += 1
                if failed >= self._github.retry.attempts:
                    raise self._github.gave_up(error.what) from error
                await self._github.sleep(self._github.retry.backoff(failed))
                continue
            self.pace.answered(self._clock() - start)
            page = parse_page(answer, self._organization)
            if page.cursor is not None and page.cursor == cursor:
                raise GitHubError("GitHub sends the same page again and again", where=self._organization)
            return page


def parse_page(answer: Answer, organization: str) -> Page:
    """The page in an answer to the page query."""
    if answer.data.get("organization") is None:
        if all(error.get("type") == "NOT_FOUND" for error in answer.errors):
            raise UnknownOrganization(
                f"GitHub knows no organization {plain(organization)}, or the token may not see it",
                where="classroom.yml, key course.organization",
                mend="check the spelling, and that the token belongs to an owner of the organization",
            )
        raise GitHubError(f"GitHub could not read the organization: {first_message(answer.errors)}")
    try:
        connection = answer.data["organization"]["repositories"]
        info = connection["pageInfo"]
        limit = answer.data["rateLimit"]
        return Page(
            nodes=tuple(connection["nodes"]),
            faults=faults_below(answer.errors, ["organization", "repositories", "nodes"]),
            cursor=str(info["endCursor"]) if info["hasNextPage"] is True else None,
            total=int(connection["totalCount"]),
            cost=int(limit["cost"]),
            remaining=int(limit["remaining"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GitHubError(
            f"GitHub's answer has not the shape that was asked for: {first_message(answer.errors)}",
            where=organization,
        ) from error


def faults_below(errors: tuple[dict[str, Any], ...], place: list[str]) -> dict[int, str]:
    """What went wrong with single items of the list at `place`, by their position."""
    faults: dict[int, str] = {}
    for error in errors:
        path = error.get("path")
        if isinstance(path, list) and path[: len(place)] == place and len(path) > len(place):
            position = path[len(place)]
            if isinstance(position, int):
                faults.setdefault(position, plain(error.get("message", "no explanation")))
    return faults


def first_message(errors: tuple[dict[str, Any], ...]) -> str:
    """What GitHub said first."""
    return plain(errors[0].get("message", "no explanation")) if errors else "no explanation"


def _time(value: object) -> datetime | None:
    try:
        return read_time(value)
    except ValueError:
        return None
