"""Known bugs: each replaces whole lines of a lesson."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Protocol

from autograding.grader.errors import LessonError


class Replacement(Protocol):
    """What an edit has: the block to find and the block to put in its place."""

    @property
    def find(self) -> str: ...

    @property
    def replace(self) -> str: ...


def apply_edits(text: str, edits: Iterable[Replacement], where: str) -> str:
    """The lesson with the edits of a known bug; `where` is the file of the bug.

    A block is found by its lines, whatever its indentation, and must occur exactly
    once. Its replacement is indented like the place found. Raises LessonError.
    """
    for number, edit in enumerate(edits, 1):
        lines = text.split("\n")
        wanted = _block(edit.find)
        if not any(line.strip() for line in wanted):
            raise LessonError(f"edit {number}: find is empty", where=where, mend="quote the lines to replace")
        places = [start for start in range(len(lines) - len(wanted) + 1) if _matches(lines, start, wanted)]
        if len(places) != 1:
            raise LessonError(
                f"edit {number}: the block to find occurs {_times(len(places))} in the lesson, not once: "
                f"{wanted[0].strip()!r}",
                where=where,
                mend="quote whole lines of the solution as they stand now"
                if not places
                else "quote more lines around it, so that it is found once",
            )
        indent = _indent(lines[places[0]])
        new = [indent + line if line.strip() else "" for line in _block(edit.replace)]
        lines[places[0] : places[0] + len(wanted)] = new
        text = "\n".join(lines)
    return text


def _block(text: str) -> list[str]:
    lines = textwrap.dedent(text).strip("\n").split("\n")
    return [line.rstrip() for line in lines]


def _matches(lines: list[str], start: int, wanted: list[str]) -> bool:
    if not lines[start].strip():
        return False
    found = "\n".join(line.rstrip() for line in lines[start : start + len(wanted)])
    return textwrap.dedent(found).split("\n") == wanted


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _times(count: int) -> str:
    return {0: "nowhere", 2: "twice"}.get(count, f"{count} times")
