"""Known bugs: typical student mistakes that a module's tests must catch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from autograding.course.document import Document, read_document
from autograding.course.fields import ExactText, Keys, ShortId, Text
from autograding.course.mistakes import ConfigurationMistakes, Mistake, advise, describe, refuse
from autograding.course.schema import Check, read_model

if TYPE_CHECKING:
    from autograding.course.course import Assignment

FOLDER = "bugs"


@dataclass(frozen=True)
class Edit:
    """A replacement in the lesson source. `find` occurs there exactly once."""

    find: str
    replace: str


@dataclass(frozen=True)
class KnownBug:
    """A known bug: the exercise it costs points in (short id) and the hint a student must see."""

    path: Path
    title: str
    exercise: str
    hint: str
    edits: tuple[Edit, ...]


class _EditKeys(Keys):
    find: ExactText = Field(description="the lines of the solution that the bug replaces")
    replace: ExactText = Field(description="the lines that stand there instead")


class _BugKeys(Keys):
    title: Text = Field(description="the mistake in a few words")
    exercise: ShortId = Field(description="the id of the exercise it costs points in")
    hint: Text = Field(description="words of the hint that a student must see")
    edits: tuple[_EditKeys, ...] = Field(description="a list of find and replace")


def load_bug(path: Path, exercises: Sequence[str] | None = None) -> KnownBug:
    """The known bug in a file. Raises ConfigurationError with every mistake in it.

    `exercises`, when given, are the short ids of module.yml: the bug's must be one of them.
    """
    checks: list[Check] = [_edits]
    if exercises is not None:
        checks.append(lambda document: _exercise(document, exercises))
    keys = read_model(read_document(path), _BugKeys, checks)
    edits = tuple(Edit(edit.find, edit.replace) for edit in keys.edits)
    return KnownBug(path, keys.title, keys.exercise, keys.hint, edits)


def bugs_of(assignment: Assignment) -> tuple[KnownBug, ...]:
    """The known bugs of an assignment in the order of their files. Raises ConfigurationError."""
    exercises = [exercise.id.partition(".")[2] for exercise in assignment.exercises]
    bugs: list[KnownBug] = []
    mistakes: list[Mistake] = []
    for path in sorted((assignment.folder / FOLDER).glob("*.yml")):
        try:
            bugs.append(load_bug(path, exercises))
        except ConfigurationMistakes as error:
            mistakes += error.mistakes
    refuse(mistakes)
    return tuple(bugs)


def _edits(document: Document) -> Iterator[Mistake]:
    if document.get("edits") == []:
        yield document.mistake(("edits",), "expected at least one edit, got none", "add find and replace")
    for edit in document.items("edits"):
        find, replace = document.get(*edit, "find"), document.get(*edit, "replace")
        if isinstance(find, str) and not find.strip():
            yield document.mistake((*edit, "find"), "expected lines of the solution, got no text")
        elif isinstance(find, str) and find == replace:
            yield document.mistake((*edit, "replace"), "expected something else than in find, got the same")


def _exercise(document: Document, exercises: Sequence[str]) -> Iterator[Mistake]:
    name = document.get("exercise")
    if isinstance(name, str) and name not in exercises:
        mend = advise(name, exercises, "exercises of module.yml")
        yield document.mistake(("exercise",), f"module.yml has no exercise {describe(name)}", mend)
