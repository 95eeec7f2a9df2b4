"""`mutants.yml` of a module: the survivors that somebody looked at, each with the reason it may live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from autograding.assignments.mutation.mutants import Change, Mutant
from autograding.course import Assignment
from autograding.course.document import Document, read_document
from autograding.course.fields import Keys, Text
from autograding.course.mistakes import Mistake
from autograding.course.schema import read_model

FILENAME = "mutants.yml"

Verdict = Literal["equivalent", "wording", "unspecified"]


@dataclass(frozen=True)
class Explanation:
    """Why a mutant may survive.

    equivalent: no caller can see a difference. wording: a text for people changes.
    unspecified: a difference that the lesson promises nothing about.
    """

    verdict: str
    why: str


class _SurvivorKeys(Keys):
    function: Text = Field(description="the function, such as Tensor.item")
    was: str = Field(description="its changed lines before, joined by spaces")
    now: list[str] = Field(description="the same lines after, one entry for each mutant")
    verdict: Verdict = Field(description="equivalent, wording or unspecified")
    why: Text = Field(description="why no test need notice")


class _FileKeys(Keys):
    survivors: list[_SurvivorKeys] = Field(description="a list of function, was, now, verdict, why")


def load_explanations(assignment: Assignment) -> dict[Change, Explanation]:
    """The explained mutants of a module; none where it has no file. Raises ConfigurationError."""
    path = assignment.folder / FILENAME
    return read_explanations(path) if path.exists() else {}


def read_explanations(path: Path) -> dict[Change, Explanation]:
    """The explained mutants in a file. Raises ConfigurationError with every mistake in it."""
    keys = read_model(read_document(path), _FileKeys, [_stands_once])
    return {
        Change(entry.function, entry.was, now): Explanation(entry.verdict, entry.why)
        for entry in keys.survivors
        for now in entry.now
    }


def _stands_once(document: Document) -> Iterator[Mistake]:
    seen: set[tuple[object, object, object]] = set()
    for entry in document.items("survivors"):
        for place in document.items(*entry, "now"):
            key = (document.get(*entry, "function"), document.get(*entry, "was"), document.get(*place))
            if key in seen:
                yield document.mistake(place, "this mutant is explained already", "keep one of the two")
            seen.add(key)


def unexplained(mutants: Iterable[Mutant], explanations: Mapping[Change, Explanation]) -> tuple[Mutant, ...]:
    """The survivors without a word on them. A change of wording in an error needs none."""
    return tuple(
        mutant
        for mutant in mutants
        if not mutant.fate.dead and not mutant.wording and mutant.change not in explanations
    )


def outdated(mutants: Iterable[Mutant], explanations: Mapping[Change, Explanation]) -> tuple[Change, ...]:
    """The explanations of mutants that no longer survive or are no longer made."""
    alive = {mutant.change for mutant in mutants if not mutant.fate.dead}
    return tuple(change for change in explanations if change not in alive)
