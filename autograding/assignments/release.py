"""Which assignments may be rendered now: a shipped reference must not solve a module that is still open."""

from __future__ import annotations

from datetime import datetime, timedelta

from autograding.assignments.contents import shipped_prerequisites
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError


class StillOpenError(ClassroomError):
    """Rendering would hand out the solution of an assignment that students still work on."""


def open_prerequisites(course: Course, assignment: Assignment, now: datetime) -> tuple[Assignment, ...]:
    """The shipped prerequisites that students may still hand in without a penalty."""
    ends = [(item, _end(course, item)) for item in shipped_prerequisites(course, assignment)]
    return tuple(item for item, end in ends if end is not None and end > now)


def refuse_open(course: Course, assignment: Assignment, now: datetime) -> None:
    """Raise StillOpenError where rendering would reveal an open assignment."""
    still_open = open_prerequisites(course, assignment, now)
    if still_open:
        names = ", ".join(
            f"{item.id} (open until {_end(course, item):%Y-%m-%d %H:%M %Z})" for item in still_open
        )
        raise StillOpenError(
            f"{assignment.slug} ships the reference of its prerequisites, "
            f"and that would reveal the solution of {names}",
            where=assignment.id,
            mend="wait, set prerequisites: own in classroom.yml, or render with --reveal-open",
        )


def _end(course: Course, assignment: Assignment) -> datetime | None:
    grace = timedelta(minutes=course.late.grace_minutes)
    return assignment.due + grace if assignment.due else None
