"""Keep a collection inside its budget: nothing is asked whose cost would exceed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograding.github.client import Answer, GitHub
from autograding.github.errors import BudgetSpent


class Meter:
    """Asks GitHub and counts what it costs, in points of GraphQL's hourly budget.

    An attempt is charged with its expected cost before it is sent, and corrected
    by what GitHub says it was. One that failed stays charged: GitHub may have
    counted it, and says so nowhere. `budget` None: only GitHub's own limit holds.
    """

    def __init__(self, github: GitHub, budget: int | None = None) -> None:
        self._github = github
        self.budget = budget
        self.points = 0
        self.requests = 0
        self.remaining: int | None = None

    async def ask(
        self, query: str, variables: Mapping[str, Any], points: int, *, give_way: bool = False
    ) -> Answer:
        """Run a query that is expected to cost `points`.

        Raises BudgetSpent where the budget would be exceeded, Overloaded at the
        first sign of it when `give_way` is set, and GitHubError.
        """
        answer = await self._github.graphql(
            query, variables, before_attempt=lambda: self._charge(points), give_way=give_way
        )
        limit = answer.data.get("rateLimit")
        if isinstance(limit, dict):
            cost, remaining = limit.get("cost"), limit.get("remaining")
            if isinstance(cost, int):
                self.points += cost - points
            if isinstance(remaining, int):
                self.remaining = remaining
        return answer

    def _charge(self, points: int) -> None:
        if self.budget is not None and self.points + points > self.budget:
            raise BudgetSpent(
                f"the budget of {self.budget} points does not allow for another {points}",
                where="--budget",
                mend="run the same command again: it goes on where this one stopped",
            )
        self.points += points
        self.requests += 1
