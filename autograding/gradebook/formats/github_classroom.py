"""The grade CSV that GitHub Classroom gave out, for what people built around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from autograding.gradebook.formats.sheet import GITHUB, Sheet, cell, csv_text, number, row
from autograding.gradebook.policy import full_points

HEADER = (
    "assignment_name",
    "assignment_url",
    "starter_code_url",
    "github_username",
    "roster_identifier",
    "student_repository_name",
    "student_repository_url",
    "submission_timestamp",
    "points_awarded",
    "points_available",
)


def github_classroom_csv(sheet: Sheet) -> str:
    """A row a student and assignment, in the columns of the service that is gone.

    It has no addresses of assignments any more, so those two columns are empty.
    """
    return csv_text(HEADER, _rows(sheet))


def _rows(sheet: Sheet) -> Iterator[str]:
    for assignment in sheet.assignments:
        full = number(full_points(assignment))
        for student in sheet.students:
            grade = sheet.grades[student.identifier, assignment.id]
            chosen = grade.chosen
            repository = chosen.repository if chosen else ""
            submitted = chosen.submitted if chosen else None
            yield row(
                (
                    assignment.slug,
                    "",
                    "",
                    cell(student.login),
                    cell(student.identifier),
                    cell(repository.rpartition("/")[2]),
                    cell(f"{GITHUB}/{repository}") if repository else "",
                    f"{submitted.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if submitted else "",
                    number(grade.counted_points),
                    full,
                )
            )
