"""The roster: who takes the course, from the CSV that GitHub Classroom exported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograding.course.document import display, read_text
from autograding.course.fields import LOGIN
from autograding.course.mistakes import Mistake, describe, nearest, refuse

COLUMNS = ("identifier", "github_username", "github_id", "name")
REQUIRED = ("identifier", "github_username")
SIZE_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True)
class Student:
    """One student. `login` is empty until the student has told their GitHub account."""

    identifier: str
    login: str
    github_id: int | None
    name: str


@dataclass(frozen=True)
class _Row:
    line: int
    values: dict[str, str]


def load_roster(path: Path) -> tuple[Student, ...]:
    """The students of a roster in the order of the file. Raises ConfigurationError with every mistake.

    Columns that are not ours are ignored. Columns may be separated by commas,
    semicolons or tabs, as spreadsheets do according to their language.
    """
    where = display(path)
    return parse_roster(read_text(path, where, SIZE_LIMIT), where)


def parse_roster(text: str, where: str) -> tuple[Student, ...]:
    """The students in the text of a roster. Raises ConfigurationError with every mistake."""
    table = _table(text, where)
    if not table:
        refuse(
            [
                Mistake(
                    where, 0, "the roster is empty", f"its first line names the columns: {','.join(COLUMNS)}"
                )
            ]
        )
    (line, header), *rows = table
    names = [name.strip().lower() for name in header]
    refuse(_wrong_columns(where, line, header, names))
    filled = [_Row(line, dict(zip(names, map(str.strip, cells), strict=False))) for line, cells in rows]
    refuse([*_too_long(where, len(names), rows), *_wrong_values(where, filled), *_taken(where, filled)])
    return tuple(_student(row) for row in filled)


def _table(text: str, where: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it begins in."""
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    table: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        mend = "look for a quotation mark that is not closed, or save the file as CSV anew"
        refuse([Mistake(where, begins, f"not valid CSV: {error}", mend)])
    return table


def _wrong_columns(where: str, line: int, header: Sequence[str], names: Sequence[str]) -> Iterator[Mistake]:
    unknown = [name for name in names if name and name not in COLUMNS]
    for column in REQUIRED:
        if column not in names:
            near = nearest(column, unknown)
            found = f"found: {', '.join(describe(cell) for cell in header[:8])}"
            mend = f"did you mean the column {describe(near)}? rename it ({found})" if near else found
            yield Mistake(where, line, f"the column {column} is missing", mend)
    for column in COLUMNS:
        if names.count(column) > 1:
            yield Mistake(where, line, f"the column {column} stands twice", "keep one of the two")


def _too_long(where: str, width: int, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Mistake]:
    for line, cells in rows:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            what = f"expected at most {width} columns, got {len(cells)}"
            yield Mistake(where, line, what, "put a value that contains the separator in quotes")


def _wrong_values(where: str, rows: Iterable[_Row]) -> Iterator[Mistake]:
    for row in rows:
        identifier = row.values.get("identifier", "")
        login = row.values.get("github_username", "")
        number = row.values.get("github_id", "")
        if not identifier:
            yield Mistake(where, row.line, "identifier: expected the student's identifier, got nothing")
        elif not identifier.isprintable():
            yield Mistake(where, row.line, f"identifier: expected readable text, got {describe(identifier)}")
        if login and re.fullmatch(LOGIN, login) is None:
            what = f"github_username: expected a GitHub login such as ada-lovelace, got {describe(login)}"
            yield Mistake(where, row.line, what, "leave it empty while you do not know it")
        if number and re.fullmatch("[0-9]{1,18}", number) is None:
            what = f"github_id: expected a whole number, got {describe(number)}"
            yield Mistake(where, row.line, what, "leave it empty while you do not know it")


def _taken(where: str, rows: Iterable[_Row]) -> Iterator[Mistake]:
    """Identifiers, logins and account numbers that two rows share, letter case aside."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        for column in ("identifier", "github_username", "github_id"):
            value = row.values.get(column, "")
            first = seen.setdefault((column, value.casefold()), row.line)
            if value and first != row.line:
                what = f"{column}: {describe(value)} is taken, see line {first}"
                yield Mistake(where, row.line, what, "a student has one row")


def _student(row: _Row) -> Student:
    number = row.values.get("github_id", "")
    return Student(
        identifier=row.values["identifier"],
        login=row.values.get("github_username", ""),
        github_id=int(number) if number else None,
        name=row.values.get("name", ""),
    )
