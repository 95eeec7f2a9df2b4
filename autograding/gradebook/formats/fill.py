"""Fill our columns of a file that Canvas or Moodle exported, so that it can be imported again.

Nothing is added or taken away: a cell of ours is filled where its row and its
column are certain, and every other byte stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograding.course import Assignment, Student
from autograding.course.mistakes import describe
from autograding.gradebook.formats.cells import Table, parse_cells
from autograding.gradebook.formats.sheet import Sheet, number
from autograding.gradebook.policy import EXCUSED, full_points
from autograding.grader.errors import ConfigurationError
from autograding.grader.report.text import one_line


@dataclass(frozen=True)
class System:
    """What a file of a learning management system looks like.

    `keys` are the columns that say who a row is about. `decoration` is what the
    system puts around the name of an assignment in a header. `possible` begins the
    row with the points that a column has. `excused` is what it writes for an excused
    student, None where it has no word.
    """

    name: str
    keys: tuple[str, ...]
    decoration: re.Pattern[str]
    possible: str | None
    excused: str | None


CANVAS = System(
    name="Canvas",
    keys=("SIS User ID", "SIS Login ID", "Integration ID", "Email"),
    decoration=re.compile(r"\s*\(\d+\)\s*\Z"),
    possible="Points Possible",
    excused="EX",
)
MOODLE = System(
    name="Moodle",
    keys=("ID number", "Email address", "Username"),
    decoration=re.compile(r"\A(?:[A-Za-z ]+:\s*)?(?=\S)|\s*\(Real\)\s*\Z"),
    possible=None,
    excused=None,
)
SYSTEMS = {"canvas": CANVAS, "moodle": MOODLE}


@dataclass(frozen=True)
class Filled:
    """A filled file, and what a person should know of it."""

    text: str
    cells: int
    columns: Mapping[str, str]
    unmatched_rows: tuple[str, ...] = ()
    students_without_row: tuple[str, ...] = ()
    assignments_without_column: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def fill(text: str, where: str, system: System, sheet: Sheet, columns: Mapping[str, str]) -> Filled:
    """Fill the columns of our assignments. `columns`: the header of an assignment's column, by id.

    Students are matched by identifier, login or e-mail address (which the
    identifier may be), whatever the case of the letters. A row that fits two
    students, or a student who has two rows, is left alone and listed. A student
    without a grade keeps what stands in the file. Raises ConfigurationError where
    the file has no column that says who a row is about, or none for any assignment.
    """
    table = parse_cells(text, where)
    header = [cell.value.strip() for cell in table.rows[0]] if table.rows else []
    keys = _key_columns(header, where, system)
    places = _places(header, where, system, sheet.assignments, columns)
    possible = _possible(table, system)
    people, odd = _people(table, keys, sheet.students, first=max(possible, default=0) + 1)
    changes: dict[tuple[int, int], str] = {}
    for row, student in people.items():
        for assignment, place in places:
            value = _value(sheet, student, assignment, system, _scale(table, possible, place, assignment))
            if value is not None and place < len(table.rows[row]):
                changes[row, place] = value
    placed = {assignment.id for assignment, _ in places}
    found = {student.identifier for student in people.values()}
    return Filled(
        text=table.replaced(changes),
        cells=len(changes),
        columns={assignment.id: header[place] for assignment, place in places},
        unmatched_rows=tuple(odd),
        students_without_row=tuple(
            item.identifier for item in sheet.students if item.identifier not in found
        ),
        assignments_without_column=tuple(item.id for item in sheet.assignments if item.id not in placed),
        notes=tuple(_notes(table, possible, places)),
    )


def _key_columns(header: Sequence[str], where: str, system: System) -> list[int]:
    lowered = [name.lower() for name in header]
    found = [lowered.index(key.lower()) for key in system.keys if key.lower() in lowered]
    if not found:
        raise ConfigurationError(
            f"no column says who a row is about; {system.name} calls it {' or '.join(system.keys)}",
            where=where,
            mend=f"found: {', '.join(map(describe, header[:8])) or 'nothing'}",
        )
    return found


def _places(
    header: Sequence[str],
    where: str,
    system: System,
    assignments: Sequence[Assignment],
    columns: Mapping[str, str],
) -> list[tuple[Assignment, int]]:
    """Each assignment that has a column, with its place. Raises ConfigurationError where two claim one."""
    bare = [_plain(system.decoration.sub("", name)) for name in header]
    whole = [_plain(name) for name in header]
    places: list[tuple[Assignment, int]] = []
    for assignment in assignments:
        wanted = columns.get(assignment.id)
        if wanted is not None:
            found = [place for place, name in enumerate(whole) if name == _plain(wanted)]
            found = found or [place for place, name in enumerate(bare) if name == _plain(wanted)]
        else:
            names = {_plain(name) for name in _names(assignment)}
            found = [place for place, name in enumerate(bare) if name in names]
        if len(found) > 1 or (wanted is not None and not found):
            problem = f"{len(found)} columns for" if found else "no column for"
            raise ConfigurationError(
                f"there are {problem} {assignment.id}" if found else f"there is {problem} {assignment.id}",
                where=where,
                mend=f'name the one that is meant: --column "{assignment.id}=…", from: '
                + ", ".join(map(describe, header[:40])),
            )
        places += [(assignment, place) for place in found]
    if not places:
        raise ConfigurationError(
            f"no column belongs to an assignment; {system.name} names it such as {assignments[0].id}"
            if assignments
            else "the course has no assignment",
            where=where,
            mend='make the assignments there first, or name their columns: --column "01_tensor=…"',
        )
    return places


def _names(assignment: Assignment) -> Iterable[str]:
    number, title = assignment.number, assignment.title
    return assignment.id, assignment.slug, title, f"{number} {title}", f"{number}: {title}"


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _possible(table: Table, system: System) -> tuple[int, ...]:
    """The row in which the system says what a column's full points are, if it has one."""
    if system.possible is None:
        return ()
    rows = range(1, min(4, len(table.rows)))
    return tuple(row for row in rows if table.column(row, 0).strip() == system.possible)


def _people(
    table: Table, keys: Sequence[int], students: Sequence[Student], first: int
) -> tuple[dict[int, Student], list[str]]:
    """The student of each row, and the rows that belong to nobody for certain."""
    known: dict[str, set[int]] = {}
    for place, student in enumerate(students):
        for name in (student.identifier, student.login):
            if name:
                known.setdefault(name.strip().casefold(), set()).add(place)
    rows: dict[int, list[int]] = {}
    odd: list[tuple[int, str]] = []
    for row in range(first, len(table.rows)):
        if not any(cell.value.strip() for cell in table.rows[row]):
            continue
        found = _found(table, row, keys, known)
        if len(found) == 1:
            rows.setdefault(found.pop(), []).append(row)
        else:
            odd.append((row, "fits two students" if found else "fits nobody"))
    people: dict[int, Student] = {}
    for place, several in rows.items():
        if len(several) == 1:
            people[several[0]] = students[place]
        else:
            odd += [(row, f"is one of {len(several)} of {students[place].identifier}") for row in several]
    return people, [_told(table, row, why) for row, why in sorted(odd)]


def _found(table: Table, row: int, keys: Sequence[int], known: Mapping[str, set[int]]) -> set[int]:
    return {place for key in keys for place in known.get(table.column(row, key).strip().casefold(), ())}


def _told(table: Table, row: int, why: str) -> str:
    line = table.text.count("\n", 0, table.rows[row][0].start) + 1
    return one_line(f"line {line} ({table.column(row, 0)}) {why}")


def _scale(table: Table, possible: Sequence[int], place: int, assignment: Assignment) -> float:
    """What a point of ours is worth in a column with other full points."""
    for row in possible:
        try:
            full = float(table.column(row, place).strip().replace(",", "."))
        except ValueError:
            continue
        if full > 0:
            return full / full_points(assignment)
    return 1.0


def _notes(table: Table, possible: Sequence[int], places: Sequence[tuple[Assignment, int]]) -> Iterator[str]:
    for assignment, place in places:
        scale = _scale(table, possible, place, assignment)
        if scale != 1.0:
            ours, theirs = number(full_points(assignment)), number(full_points(assignment) * scale)
            yield f"{assignment.id}: scaled from {ours} to the {theirs} points of its column"


def _value(
    sheet: Sheet, student: Student, assignment: Assignment, system: System, scale: float
) -> str | None:
    grade = sheet.grades[student.identifier, assignment.id]
    if grade.state == EXCUSED:
        return system.excused
    return None if grade.points is None else number(grade.points * scale)
