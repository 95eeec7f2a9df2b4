"""The roster: who takes the course, from our CSV, GitHub Classroom's export or Classroom 50's roster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograding.course.document import display, read_text
from autograding.course.fields import LOGIN
from autograding.course.mistakes import Mistake, describe, refuse
from autograding.course.table import (
    Row,
    column_names,
    missing_columns,
    read_table,
    rows_by_column,
    too_long,
)

COLUMNS = ("identifier", "github_username", "github_id", "name")
REQUIRED = ("identifier", "github_username")
CLASSROOM50 = ("username", "email", "first_name", "last_name", "section", "github_id", "role")
CLASSROOM50_STUDENT = "student"
SIZE_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True)
class Student:
    """One student. `login` is empty until the student has told their GitHub account."""

    identifier: str
    login: str
    github_id: int | None
    name: str


def load_roster(path: Path) -> tuple[Student, ...]:
    """The students of a roster in the order of the file. Raises ConfigurationError with every mistake.

    Columns that are not ours are ignored. A roster of Classroom 50 is known by its columns:
    there the e-mail address identifies a student (the login where there is none), and rows
    with another role than student are left out. Columns may be separated by commas,
    semicolons or tabs, as spreadsheets do according to their language.
    """
    where = display(path)
    return parse_roster(read_text(path, where, SIZE_LIMIT), where)


def parse_roster(text: str, where: str) -> tuple[Student, ...]:
    """The students in the text of a roster. Raises ConfigurationError with every mistake."""
    table = read_table(text, where)
    if not table:
        refuse(
            [
                Mistake(
                    where, 0, "the roster is empty", f"its first line names the columns: {','.join(COLUMNS)}"
                )
            ]
        )
    (line, header), *rows = table
    names = column_names(header)
    filled = rows_by_column(names, rows)
    if _is_classroom50(names):
        refuse(missing_columns(where, line, header, (), CLASSROOM50))
        filled = [_translated(row) for row in filled if _is_student(row)]
    else:
        refuse(missing_columns(where, line, header, REQUIRED, COLUMNS))
    refuse([*too_long(where, len(header), rows), *_wrong_values(where, filled), *_taken(where, filled)])
    return tuple(_student(row) for row in filled)


def _is_classroom50(names: Sequence[str]) -> bool:
    return "username" in names and "role" in names and not set(names) & set(REQUIRED)


def _is_student(row: Row) -> bool:
    return row.values.get("role", "").lower() in ("", CLASSROOM50_STUDENT)


def _translated(row: Row) -> Row:
    """A row of Classroom 50's roster in our columns."""
    values = row.values
    name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    login = values.get("username", "")
    ours = {"identifier": values.get("email") or login, "github_username": login, "name": name}
    return Row(row.line, ours | {"github_id": values.get("github_id", "")})


def _wrong_values(where: str, rows: Iterable[Row]) -> Iterator[Mistake]:
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


def _taken(where: str, rows: Iterable[Row]) -> Iterator[Mistake]:
    """Identifiers, logins and account numbers that two rows share, letter case aside."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        for column in ("identifier", "github_username", "github_id"):
            value = row.values.get(column, "")
            first = seen.setdefault((column, value.casefold()), row.line)
            if value and first != row.line:
                what = f"{column}: {describe(value)} is taken, see line {first}"
                yield Mistake(where, row.line, what, "a student has one row")


def _student(row: Row) -> Student:
    number = row.values.get("github_id", "")
    return Student(
        identifier=row.values["identifier"],
        login=row.values.get("github_username", ""),
        github_id=int(number) if number else None,
        name=row.values.get("name", ""),
    )
