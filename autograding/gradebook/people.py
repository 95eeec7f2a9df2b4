"""Whom and what a person means on the command line or in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograding.course import Student
from autograding.course.mistakes import describe, nearest
from autograding.gradebook.events import CollectionEvent
from autograding.gradebook.store import Stored
from autograding.grader.errors import ConfigurationError


def all_students(roster: Sequence[Student], events: Iterable[Stored]) -> tuple[Student, ...]:
    """Everybody on the roster, and after them those whom the gradebook knows from an earlier one."""
    listed = {student.identifier for student in roster}
    known = dict.fromkeys(
        item.event.student for item in events if not isinstance(item.event, CollectionEvent)
    )
    return (*roster, *(Student(identifier, "", None, "") for identifier in known if identifier not in listed))


def find_student(students: Sequence[Student], text: str) -> Student:
    """The student with this identifier or login, whatever the case of its letters.

    Raises ConfigurationError with the nearest one where there is none.
    """
    wanted = text.strip().casefold()
    for student in students:
        if wanted and wanted in (student.identifier.casefold(), student.login.casefold()):
            return student
    names = [name for student in students for name in (student.identifier, student.login) if name]
    near = nearest(text, names)
    raise ConfigurationError(
        f"there is no student {describe(text)} on the roster or in the gradebook",
        mend=f"did you mean {near}?"
        if near
        else "name a student by the identifier or the login of the roster",
    )
