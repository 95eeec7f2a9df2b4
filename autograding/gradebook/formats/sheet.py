"""What every format starts from: the class, the assignments, and a grade for each pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from autograding.course import Assignment, Student
from autograding.gradebook.policy import AssignmentGrade
from autograding.grader.grade import plain_number
from autograding.grader.report.text import csv_cell

GITHUB = "https://github.com"


@dataclass(frozen=True)
class Sheet:
    """The grades to export. `students` are in the order in which they are written."""

    students: Sequence[Student]
    assignments: Sequence[Assignment]
    grades: Mapping[tuple[str, str], AssignmentGrade]
    zone: tzinfo
    organization: str


def csv_text(header: Iterable[str], rows: Iterable[str]) -> str:
    """CSV as RFC 4180 has it, of rows that `row` made."""
    return "\r\n".join([row(header), *rows, ""])


def row(cells: Iterable[str]) -> str:
    """A row of cells. Those that hold text of a person have gone through `cell`."""
    return ",".join(cells)


@lru_cache(maxsize=1 << 16)
def cell(text: str) -> str:
    """Text of a person as a cell: never a formula, always one line, in quotes where it has to be.

    The same few texts stand in many rows, which is why they are remembered.
    """
    safe = csv_cell(text)
    return '"' + safe.replace('"', '""') + '"' if "," in safe or '"' in safe else safe


@lru_cache(maxsize=1 << 16)
def number(value: float | None) -> str:
    """Points as people write them, nothing where there are none."""
    if value is None:
        return ""
    return str(plain_number(round(value, 2)))


def utc(moment: datetime) -> str:
    """A time in UTC, as machines exchange it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
