"""The outcome of one check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograding.grader.errors import ClassroomError


@dataclass(frozen=True)
class Check:
    """One thing that was proved, or why it could not be. `problems` is empty where it holds."""

    name: str
    summary: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems


def attempt(name: str, check: Callable[[], Check]) -> Check:
    """The result of `check`, in which an error is what does not hold."""
    try:
        return check()
    except ClassroomError as error:
        return Check(name, "error", (str(error),))
