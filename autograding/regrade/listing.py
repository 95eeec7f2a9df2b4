"""A list of commits by hand: a CSV that says which commit of which student is to be graded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograding.course.document import display, read_text
from autograding.course.fields import LOGIN
from autograding.course.mistakes import Mistake, advise, describe, refuse
from autograding.regrade.fetch import GITHUB, address_of
from autograding.regrade.model import Chosen

COLUMNS = ("student", "repository", "commit")
SIZE_LIMIT = 8 * 2**20


class ListedStudent(Protocol):
    """The part of a roster's student that is needed here."""

    @property
    def identifier(self) -> str: ...
    @property
    def login(self) -> str: ...


@dataclass(frozen=True)
class _Row:
    line: int
    student: str
    repository: str
    commit: str


def load_list(path: Path, students: Sequence[ListedStudent], server: str = GITHUB) -> tuple[Chosen, ...]:
    """Read a list. Paths in it are relative to its folder. Raises ConfigurationError with every mistake."""
    where = display(path)
    return parse_list(read_text(path, where, SIZE_LIMIT), where, students, path.parent, server)


def parse_list(
    text: str, where: str, students: Sequence[ListedStudent], folder: Path, server: str = GITHUB
) -> tuple[Chosen, ...]:
    """The commits in the text of a list, in its order.

    `student` is a login or an identifier of the roster; without a roster
    (`students` is empty) it is a login. Raises ConfigurationError with every mistake.
    """
    rows = list(_rows(text, where))
    known = {name.casefold(): item for item in students for name in (item.login, item.identifier) if name}
    refuse([*_wrong_values(where, rows, known, folder, server), *_repeated(where, rows, known)])
    return tuple(_chosen(row, known, folder) for row in rows)


def _rows(text: str, where: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    expected = f"the first line is {','.join(COLUMNS)}"
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            found = f"found {describe(','.join(header))}" if header else "the file is empty"
            refuse([Mistake(where, 1, f"the columns of a list are {', '.join(COLUMNS)}; {found}", expected)])
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(COLUMNS):
                    what = f"expected {len(COLUMNS)} values, got {len(cells)}"
                    refuse([Mistake(where, begins, what, "put a value that contains a comma in quotes")])
                values = dict(zip(header, map(str.strip, cells), strict=True))
                yield _Row(begins, **values)
            begins = reader.line_num + 1
    except csv.Error as error:
        refuse([Mistake(where, reader.line_num, f"not valid CSV: {error}", expected)])


def _wrong_values(
    where: str, rows: Sequence[_Row], known: dict[str, ListedStudent], folder: Path, server: str
) -> Iterator[Mistake]:
    logins = sorted({item.login for item in known.values() if item.login})
    if not rows:
        yield Mistake(where, 1, "the list names no commit", "add a line for each commit to grade")
    for row in rows:
        yield from (Mistake(where, row.line, *found) for found in _wrong_student(row.student, known, logins))
        try:
            address_of(_repository(row.repository, folder), server)
        except ValueError as error:
            yield Mistake(where, row.line, f"repository: {error}")
        if re.fullmatch("[0-9a-f]{40}", row.commit) is None:
            what = f"commit: expected the 40 hexadecimal digits of a commit, got {describe(row.commit)}"
            yield Mistake(where, row.line, what, "git rev-parse HEAD prints them")


def _wrong_student(
    name: str, known: dict[str, ListedStudent], logins: Sequence[str]
) -> Iterator[tuple[str, str]]:
    if not known:
        if re.fullmatch(LOGIN, name) is None:
            yield f"student: expected a GitHub login, got {describe(name)}", "the course has no roster"
    elif name.casefold() not in known:
        yield f"student: {describe(name)} is not on the roster", advise(name, logins[:20], "logins")
    elif not known[name.casefold()].login:
        yield f"student: {describe(name)} has no login", "write it into the roster: hidden tests depend on it"


def _repeated(where: str, rows: Iterable[_Row], known: dict[str, ListedStudent]) -> Iterator[Mistake]:
    """Two lines for one student would need a rule for which of them counts, and there is none here."""
    first: dict[str, int] = {}
    for row in rows:
        person = known.get(row.student.casefold())
        line = first.setdefault((person.login if person else row.student).casefold(), row.line)
        if line != row.line:
            yield Mistake(where, row.line, f"{describe(row.student)} stands in line {line} already")


def _chosen(row: _Row, known: dict[str, ListedStudent], folder: Path) -> Chosen:
    person = known.get(row.student.casefold())
    return Chosen(
        student=person.identifier if person else row.student,
        login=person.login if person else row.student,
        repository=_repository(row.repository, folder),
        commit=row.commit,
    )


def _repository(text: str, folder: Path) -> str:
    return str((folder / text).resolve()) if text.startswith(("./", "../")) else text
