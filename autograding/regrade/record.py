"""Final grades go into the gradebook, and the commits that still need one come out of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograding.course import Assignment, Course, Student
from autograding.gradebook.events import FinalGraded
from autograding.gradebook.pending import pending_commits
from autograding.gradebook.policy import EXCUSED, OVERRIDDEN, AssignmentGrade, grade_everyone
from autograding.gradebook.setting import policy_of
from autograding.gradebook.store import Gradebook
from autograding.grader.errors import ConfigurationError
from autograding.regrade.model import Chosen, FinalResult


def record(gradebook: Path, results: Iterable[FinalResult]) -> int:
    """Record final grades in one transaction; returns how many are news. Raises GradebookError."""
    with Gradebook(gradebook) as book:
        return book.append([final_graded(result) for result in results], datetime.now(UTC))


def final_graded(result: FinalResult) -> FinalGraded:
    """The event for a result."""
    chosen = result.chosen
    return FinalGraded(
        assignment=result.origin.assignment,
        student=chosen.student,
        repository_id=chosen.repository_id,
        repository=chosen.repository,
        commit=chosen.commit,
        course_commit=result.origin.course_commit,
        score=result.score,
        max_score=result.max_score,
        exercises=dict(result.exercises),
        answered=result.answered,
        checkpoint=result.checkpoint,
        sandbox=result.sandbox,
        flags=result.flags,
    )


def chosen_by_policy(
    course: Course,
    assignment: Assignment,
    students: Sequence[Student],
    gradebook: Path,
    *,
    again: bool = False,
) -> tuple[Chosen, ...]:
    """The commits that need a final grade by the policy of the course; `again`: also those that have one.

    Times of pushes come from GitHub's clock and commits from their ids, so neither
    a forged date nor a later force-push nor a run started again moves anything.
    Raises ConfigurationError.
    """
    if assignment not in course.assignments:
        raise ConfigurationError(
            f"{assignment.id} is not part of this term",
            where="classroom.yml, key assignments",
            mend="add it there, or name the commits: --list FILE",
        )
    if not gradebook.is_file():
        raise ConfigurationError(
            "there is no gradebook here, so nobody knows which commits count",
            where=str(gradebook),
            mend="collect first: uv run scripts/collect_grades.py; or name the commits: --list FILE",
        )
    with Gradebook(gradebook) as book:
        events = book.events()
    names = [student.identifier for student in students]
    # Slip days are spent over the whole term, so every assignment takes part in the choice.
    everything = grade_everyone(events, names, course.assignments, policy_of(course))
    grades = [everything[name, assignment.id] for name in names]
    wanted = [
        Chosen(
            student=item.student,
            login=_login(item.student, students),
            repository=item.repository,
            repository_id=item.repository_id,
            commit=item.commit,
        )
        for item in pending_commits(grades)
    ]
    if again:
        wanted += [chosen for grade in grades if (chosen := _finished(grade, students)) is not None]
    return tuple(dict.fromkeys(wanted))


def _finished(grade: AssignmentGrade, students: Sequence[Student]) -> Chosen | None:
    """The commit that counts, where it has a final grade."""
    counted = grade.chosen
    if counted is None or not counted.final or grade.state in (EXCUSED, OVERRIDDEN):
        return None
    return Chosen(
        student=grade.student,
        login=_login(grade.student, students),
        repository=counted.repository,
        repository_id=counted.repository_id,
        commit=counted.commit,
    )


def _login(identifier: str, students: Sequence[Student]) -> str:
    login = next((item.login for item in students if item.identifier == identifier), "")
    if not login:
        raise ConfigurationError(
            f"{identifier} has submitted, but has no login in the roster",
            where="the roster, column github_username",
            mend="write it there: the inputs of the hidden tests follow from it",
        )
    return login
