"""The grade for the whole course, from the grades of its assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograding.gradebook.policy import EXCUSED, AssignmentGrade, GradedAssignment, Policy, full_points
from autograding.gradebook.weights import Stake, stakes


@dataclass(frozen=True)
class Contribution:
    """What one assignment adds to the course grade, and what it could add, in percent."""

    assignment: str
    stake: Stake
    points: float
    checkpoint: float


@dataclass(frozen=True)
class CourseGrade:
    """A student's grade for the course, in percent.

    `percent` counts what is not there as nothing. `so_far` looks at what has been
    graded alone: exercises where there is a grade, and answers that a grader has
    scored. Both are None where nothing counts or nothing is graded. `final`: no
    later grading of what is there can change it.
    """

    student: str
    percent: float | None
    so_far: float | None
    contributions: tuple[Contribution, ...]
    slip_days: int
    final: bool


def grade_course(
    student: str,
    assignments: Sequence[GradedAssignment],
    grades: Mapping[tuple[str, str], AssignmentGrade],
    policy: Policy,
) -> CourseGrade:
    """The course grade of a student from their grades by student and assignment."""
    own = [grades[student, item.id] for item in assignments]
    counted = [item for item, grade in zip(assignments, own, strict=True) if grade.state != EXCUSED]
    counts = stakes(counted, policy.weights)
    contributions = tuple(
        _contribution(item, grades[student, item.id], counts[item.id])
        for item in counted
        if item.id in counts
    )
    return CourseGrade(
        student=student,
        percent=sum(item.points + item.checkpoint for item in contributions) if contributions else None,
        so_far=_so_far(student, assignments, grades, policy),
        contributions=contributions,
        slip_days=sum(grade.slip_days for grade in own),
        final=all(_is_settled(item, grade) for item, grade in zip(assignments, own, strict=True)),
    )


def _contribution(assignment: GradedAssignment, grade: AssignmentGrade, stake: Stake) -> Contribution:
    return Contribution(
        assignment=assignment.id,
        stake=stake,
        points=stake.points * (grade.points or 0.0) / full_points(assignment),
        checkpoint=stake.checkpoint * grade.checkpoint,
    )


def _so_far(
    student: str,
    assignments: Sequence[GradedAssignment],
    grades: Mapping[tuple[str, str], AssignmentGrade],
    policy: Policy,
) -> float | None:
    graded = [
        item
        for item in assignments
        if grades[student, item.id].points is not None and grades[student, item.id].state != EXCUSED
    ]
    counts = stakes(graded, policy.weights)
    if not counts:
        return None
    total = 0.0
    for item in graded:
        grade, stake = grades[student, item.id], counts.get(item.id)
        if stake is not None:
            share = (grade.points or 0.0) / _graded_points(item, grade)
            total += stake.points * share + stake.checkpoint * grade.checkpoint
    return total


def _graded_points(assignment: GradedAssignment, grade: AssignmentGrade) -> float:
    """The points that could be reached in what has been graded of an assignment."""
    scored = {item.id for item in grade.questions}
    exercises = sum(item.points for item in assignment.exercises) if grade.score is not None else 0.0
    found = exercises + sum(item.points for item in assignment.questions if item.id in scored)
    return found or full_points(assignment)


def _is_settled(assignment: GradedAssignment, grade: AssignmentGrade) -> bool:
    """Final, and every answer that a student wrote has a score (or there is nothing to score)."""
    scored = {item.id for item in grade.questions}
    waiting = {item.id for item in assignment.questions} - scored if grade.chosen is not None else set()
    return grade.final and (not waiting or grade.state == EXCUSED)
