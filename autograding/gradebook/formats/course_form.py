"""The grades of the course: a row a student, for the registrar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograding.gradebook.course_grade import CourseGrade, grade_course
from autograding.gradebook.formats.sheet import Sheet, cell, csv_text, number, row
from autograding.gradebook.policy import Policy
from autograding.gradebook.weights import CHECKPOINTS


def course_form(sheet: Sheet, policy: Policy) -> str:
    """Percent of the course, of what is graded so far, and what each part contributed."""
    parts = list(policy.weights)
    header = [
        "identifier",
        "github_username",
        "name",
        "course_grade",
        "course_grade_so_far",
        "final",
        "slip_days_spent",
        *(f"{part}_percent" for part in parts),
    ]
    return csv_text(header, _rows(sheet, policy, parts))


def _rows(sheet: Sheet, policy: Policy, parts: list[str]) -> Iterator[str]:
    part_of = {assignment.id: assignment.part for assignment in sheet.assignments}
    for student in sheet.students:
        grade = grade_course(student.identifier, sheet.assignments, sheet.grades, policy)
        cells = [
            cell(student.identifier),
            cell(student.login),
            cell(student.name),
            number(grade.percent),
            number(grade.so_far),
            "yes" if grade.final else "no",
            str(grade.slip_days),
            *(number(_percent(grade, part, part_of)) for part in parts),
        ]
        yield row(cells)


def _percent(grade: CourseGrade, part: str, part_of: Mapping[str, str]) -> float:
    if part == CHECKPOINTS:
        return sum(item.checkpoint for item in grade.contributions)
    return sum(item.points for item in grade.contributions if part_of[item.assignment] == part)
