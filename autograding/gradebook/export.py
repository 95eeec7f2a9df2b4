"""Write grades where other programs read them."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Protocol

from autograding.gradebook.errors import GradebookError
from autograding.gradebook.policy import AssignmentGrade
from autograding.grader.grade import plain_number
from autograding.grader.report.text import csv_cell


class ListedStudent(Protocol):
    """The part of a roster's student that is exported."""

    @property
    def identifier(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...


def grades_csv(
    students: Sequence[ListedStudent],
    assignments: Sequence[str],
    grades: Mapping[tuple[str, str], AssignmentGrade],
    zone: tzinfo,
) -> str:
    """A row a student in the roster's order; three columns an assignment, and the total of the points.

    The points of an assignment are those of its exercises and of the answers that graders have scored.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    columns = [name for id in assignments for name in (id, f"{id}_state", f"{id}_submitted")]
    writer.writerow(["identifier", "github_username", "name", *columns, "total"])
    for student in students:
        row = [grades[student.identifier, id] for id in assignments]
        cells = [
            cell for grade in row for cell in (_points(grade.counted_points), grade.state, _time(grade, zone))
        ]
        total = plain_number(round(sum(grade.counted_points or 0.0 for grade in row), 2))
        person = [csv_cell(student.identifier), csv_cell(student.login), csv_cell(student.name)]
        writer.writerow([*person, *cells, str(total)])
    return text.getvalue()


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that readers see the old one or the new one, never a part. Raises GradebookError."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o600)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GradebookError(
            f"the file cannot be written ({error.strerror})",
            where=str(path),
            mend="check the folder, or name another file: --output FILE",
        ) from error


def _points(score: float | None) -> str:
    return "" if score is None else str(plain_number(round(score, 2)))


def _time(grade: AssignmentGrade, zone: tzinfo) -> str:
    chosen = grade.chosen
    return "" if chosen is None or chosen.submitted is None else local_time(chosen.submitted, zone)


def local_time(time: datetime, zone: tzinfo) -> str:
    """A time as people of the course read it, with its offset so that it stays exact."""
    return time.astimezone(zone).isoformat(timespec="seconds")
