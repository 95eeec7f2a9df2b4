"""Write the formats. All are computed before the first is written, and each file is whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograding.course.document import display
from autograding.course.mistakes import advise
from autograding.gradebook.desk import Desk
from autograding.gradebook.export import grades_csv, write_atomically
from autograding.gradebook.formats.classroom50 import classroom50_archive
from autograding.gradebook.formats.course_form import course_form
from autograding.gradebook.formats.fill import Filled, System, fill
from autograding.gradebook.formats.github_classroom import github_classroom_csv
from autograding.gradebook.formats.long_form import long_form
from autograding.gradebook.formats.sheet import Sheet
from autograding.gradebook.policy import Policy
from autograding.grader.errors import ConfigurationError
from autograding.grader.report.text import one_line

Format = Callable[[Sheet, Policy], str | bytes]

FORMATS: Mapping[str, tuple[str, Format]] = {
    "grades": (
        "grades.csv",
        lambda sheet, _: grades_csv(
            sheet.students, [item.id for item in sheet.assignments], sheet.grades, sheet.zone
        ),
    ),
    "course": ("course_grades.csv", course_form),
    "long": ("grades_long.csv", lambda sheet, _: long_form(sheet)),
    "github-classroom": ("github_classroom.csv", lambda sheet, _: github_classroom_csv(sheet)),
    "classroom50": ("classroom50.zip", lambda sheet, _: classroom50_archive(sheet)),
}


def sheet_of(desk: Desk) -> Sheet:
    """The grades of everybody on the roster."""
    return Sheet(
        students=desk.roster,
        assignments=desk.course.assignments,
        grades=desk.grades,
        zone=desk.course.timezone,
        organization=desk.course.organization,
    )


def export(desk: Desk, folder: Path, names: Sequence[str]) -> list[str]:
    """Write these formats (all where none is named) into a folder. Raises ClassroomError."""
    for name in names:
        if name not in FORMATS:
            raise ConfigurationError(
                f"there is no format {name!r}", mend=advise(name, list(FORMATS), "formats")
            )
    sheet = sheet_of(desk)
    contents = {
        folder / file: make(sheet, desk.policy)
        for name, (file, make) in FORMATS.items()
        if not names or name in names
    }
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        write_atomically(path, content)
    return [f"written: {display(path)}" for path in contents]


def off_the_roster(desk: Desk) -> list[str]:
    """A line for each student who has grades and is not on the roster, and so in no export."""
    return [
        one_line(f"{student.identifier} is in the gradebook and not on the roster, so in no export")
        for student in desk.students[len(desk.roster) :]
    ]


def fill_file(desk: Desk, system: System, source: Path, target: Path, columns: Sequence[str]) -> Filled:
    """Fill a file that was exported from a learning management system. Raises ClassroomError."""
    try:
        # Bytes that are no UTF-8 come out again as they went in.
        text = source.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise ConfigurationError(
            f"the file cannot be read ({error.strerror})", where=str(source), mend="export it first"
        ) from error
    filled = fill(text, display(source), system, sheet_of(desk), _columns(desk, columns))
    write_atomically(target, filled.text.encode("utf-8", "surrogateescape"))
    return filled


def told(filled: Filled) -> list[str]:
    """What was filled, and with which columns."""
    pairs = (f"{id} into {one_line(header)!r}" for id, header in filled.columns.items())
    return [f"filled: {filled.cells} cells", *pairs, *filled.notes]


def left_out(filled: Filled) -> list[str]:
    """What was not filled and why, for a person to look at."""
    return [
        *filled.unmatched_rows,
        *(one_line(f"{student} has no row in the file") for student in filled.students_without_row),
        *(f"{assignment} has no column in the file" for assignment in filled.assignments_without_column),
    ]


def _columns(desk: Desk, texts: Sequence[str]) -> dict[str, str]:
    columns = {}
    for text in texts:
        name, equals, header = text.partition("=")
        if not equals or not header.strip():
            raise ConfigurationError(
                f"expected ASSIGNMENT=HEADER, got {text!r}", mend='such as --column "01_tensor=Tensor (4711)"'
            )
        columns[desk.course.resolve(name).id] = header
    return columns
