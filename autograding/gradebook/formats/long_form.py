"""The long form: a row an exercise or answer, for statistics and for pivot tables."""

from __future__ import annotations

from collections.abc import Iterator

from autograding.course import Assignment
from autograding.gradebook.formats.sheet import Sheet, cell, csv_text, number, row
from autograding.gradebook.policy import AssignmentGrade

HEADER = (
    "identifier",
    "github_username",
    "name",
    "assignment",
    "state",
    "final",
    "commit",
    "submitted",
    "item",
    "kind",
    "points",
    "max_points",
    "days_late",
    "counted_points",
)


def long_form(sheet: Sheet) -> str:
    """A row for each exercise and question of each student.

    `points` are what was scored, `counted_points` what is kept of them. Where an
    override is set, its points stand in a row of their own, and those of the
    exercises count for nothing.
    """
    return csv_text(HEADER, _rows(sheet))


def _rows(sheet: Sheet) -> Iterator[str]:
    for student in sheet.students:
        person = row((cell(student.identifier), cell(student.login), cell(student.name)))
        for assignment in sheet.assignments:
            grade = sheet.grades[student.identifier, assignment.id]
            head = row((person, assignment.id, _grade(grade, sheet)))
            yield from _exercises(head, assignment, grade)
            yield from _questions(head, assignment, grade)


def _grade(grade: AssignmentGrade, sheet: Sheet) -> str:
    chosen = grade.chosen
    final = "yes" if grade.final else "no"
    if chosen is None:
        return row((grade.state, final, "", ""))
    moment = chosen.submitted
    submitted = moment.astimezone(sheet.zone).isoformat(timespec="seconds") if moment else ""
    return row((grade.state, final, chosen.commit, submitted))


def _exercises(head: str, assignment: Assignment, grade: AssignmentGrade) -> Iterator[str]:
    chosen, override = grade.chosen, grade.facts.override
    for exercise in assignment.exercises:
        most = number(exercise.points)
        points = chosen.exercises.get(exercise.id) if chosen else None
        if points is None or chosen is None:
            yield f"{head},{exercise.id},exercise,,{most},,"
            continue
        kept = 0.0 if override else points * chosen.kept
        yield f"{head},{exercise.id},exercise,{number(points)},{most},{chosen.days_late},{number(kept)}"
    if override is not None:
        most = number(sum(item.points for item in assignment.exercises))
        points_set = number(override.score)
        yield f"{head},override,override,{points_set},{most},,{points_set}"


def _questions(head: str, assignment: Assignment, grade: AssignmentGrade) -> Iterator[str]:
    answers = {item.id: item for item in grade.questions}
    for question in assignment.questions:
        most = number(question.points)
        answer = answers.get(question.id)
        if answer is None:
            yield f"{head},{question.id},question,,{most},,"
            continue
        counted = number(answer.worth)
        yield f"{head},{question.id},question,{number(answer.points)},{most},{answer.days_late},{counted}"
