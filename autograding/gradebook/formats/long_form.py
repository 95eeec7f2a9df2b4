"""The long form: a row an exercise or answer, for statistics and for pivot tables."""

from __future__ import annotations

from collections.abc import Iterator

from autograding.course import Assignment
from autograding.gradebook.formats.sheet import Sheet, cell, csv_text, number
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


def _rows(sheet: Sheet) -> Iterator[list[str]]:
    for student in sheet.students:
        person = [cell(student.identifier), cell(student.login), cell(student.name)]
        for assignment in sheet.assignments:
            grade = sheet.grades[student.identifier, assignment.id]
            head = [*person, assignment.id, *_grade(grade, sheet)]
            yield from _items(head, assignment, grade)


def _grade(grade: AssignmentGrade, sheet: Sheet) -> list[str]:
    chosen = grade.chosen
    final = "yes" if grade.final else "no"
    if chosen is None:
        return [grade.state, final, "", ""]
    submitted = (
        chosen.submitted.astimezone(sheet.zone).isoformat(timespec="seconds") if chosen.submitted else ""
    )
    return [grade.state, final, chosen.commit, submitted]


def _items(head: list[str], assignment: Assignment, grade: AssignmentGrade) -> Iterator[list[str]]:
    chosen, override = grade.chosen, grade.facts.override
    for exercise in assignment.exercises:
        points = chosen.exercises.get(exercise.id) if chosen else None
        kept = None if points is None or chosen is None else 0.0 if override else points * chosen.kept
        late = str(chosen.days_late) if chosen else ""
        yield [
            *head,
            exercise.id,
            "exercise",
            number(points),
            number(exercise.points),
            late,
            number(kept),
        ]
    if override is not None:
        full = sum(item.points for item in assignment.exercises)
        yield [
            *head,
            "override",
            "override",
            number(override.score),
            number(full),
            "",
            number(override.score),
        ]
    answers = {item.id: item for item in grade.questions}
    for question in assignment.questions:
        answer = answers.get(question.id)
        yield [
            *head,
            question.id,
            "question",
            number(answer.points if answer else None),
            number(question.points),
            str(answer.days_late) if answer else "",
            number(answer.worth if answer else None),
        ]
