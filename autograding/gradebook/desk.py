"""The course, the class and the gradebook together: to answer for a grade, and to enter something."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograding.course import Assignment, Course, Student, load_course, load_roster
from autograding.gradebook.course_grade import grade_course
from autograding.gradebook.events import AnyEvent
from autograding.gradebook.explain import Context, explain_assignment, explain_course
from autograding.gradebook.people import all_students, find_student
from autograding.gradebook.policy import AssignmentGrade, Policy, grade_everyone
from autograding.gradebook.setting import policy_of, roster_of
from autograding.gradebook.store import Gradebook, Stored
from autograding.grader.grade import plain_number


@dataclass(frozen=True)
class Desk:
    """A course with its gradebook as it is now. `students` has those who left the roster too, at its end."""

    path: Path
    course: Course
    roster: tuple[Student, ...]
    students: tuple[Student, ...]
    policy: Policy
    events: tuple[Stored, ...]
    grades: dict[tuple[str, str], AssignmentGrade]

    def find(self, assignment: str, student: str) -> tuple[Assignment, Student, AssignmentGrade]:
        """What a person means, and the grade there is. Raises ConfigurationError."""
        found, person = self.course.resolve(assignment), find_student(self.students, student)
        return found, person, self.grades[person.identifier, found.id]


def open_desk(root: Path, gradebook: Path) -> Desk:
    """Read the course in `root` and the gradebook. Raises ClassroomError."""
    course = load_course(root)
    roster = load_roster(roster_of(course))
    with Gradebook(gradebook, create=False) as book:
        events = book.events()
    students, policy = all_students(roster, events), policy_of(course)
    names = [student.identifier for student in students]
    return Desk(
        path=gradebook,
        course=course,
        roster=roster,
        students=students,
        policy=policy,
        events=events,
        grades=grade_everyone(events, names, course.assignments, policy),
    )


def enter(desk: Desk, events: Sequence[AnyEvent]) -> list[str]:
    """Record events, all or none, and say which grades changed because of them."""
    with Gradebook(desk.path, create=False) as book:
        recorded = book.append(events, datetime.now(UTC))
        known = book.events()
    names = [student.identifier for student in desk.students]
    after = grade_everyone(known, names, desk.course.assignments, desk.policy)
    changes = [
        f"{student} {assignment}: {_shown(grade)} -> {_shown(after[student, assignment])}"
        for (student, assignment), grade in desk.grades.items()
        if _shown(grade) != _shown(after[student, assignment])
    ]
    known_before = f", {len(events) - recorded} known already" if recorded < len(events) else ""
    return [f"recorded: {recorded}{known_before}", *(changes or ["no grade changed"])]


def explain(desk: Desk, student: str, assignment: str | None) -> list[str]:
    """The derivation of one grade, or of the course grade. Raises ConfigurationError."""
    person = find_student(desk.students, student)
    if assignment is None:
        course = grade_course(person.identifier, desk.course.assignments, desk.grades, desk.policy)
        return explain_course(person, desk.course.assignments, desk.grades, course, desk.policy)
    found = desk.course.resolve(assignment)
    context = Context.of(desk.policy, desk.course.timezone, desk.events)
    return explain_assignment(person, found, desk.grades[person.identifier, found.id], context)


def copy_gradebook(gradebook: Path, target: Path) -> str:
    """Copy a gradebook as it is at this moment, and say so. Raises ClassroomError."""
    with Gradebook(gradebook, create=False) as book:
        book.backup(target)
    return f"written: {target}"


def signature(name: str | None) -> str:
    """Who enters something: the name that was given, else the name of the account."""
    if name is not None:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _shown(grade: AssignmentGrade) -> str:
    points = "no grade" if grade.points is None else str(plain_number(round(grade.points, 2)))
    return f"{points} ({grade.state})"
