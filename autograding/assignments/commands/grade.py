"""`grade_submission.py`: grade one student repository."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from autograding.assignments.commands.shared import DONE, report, shown
from autograding.assignments.final import grade_finally, grade_push
from autograding.course import load_course
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.grade import Grade
from autograding.grader.report.text import one_line


def grade(
    console: Console,
    root: Path,
    repository: Path,
    output: Path,
    final: bool,
    student: str = "",
    secret: str = "",
    assignment: str | None = None,
) -> int:
    """Grade one student repository."""
    try:
        if final and not student:
            raise ConfigurationError(
                "--final needs to know whose repository this is",
                mend="add --student LOGIN: the inputs of the hidden tests follow from it",
            )
        if final:
            course = load_course(root)
            result = grade_finally(
                course, repository, output, student=student, secret=secret, assignment=assignment
            )
        else:
            result = grade_push(repository, output)
    except ClassroomError as error:
        return report(console, [error])
    _print_grade(console, result, output)
    return DONE


def _print_grade(console: Console, grade: Grade, output: Path) -> None:
    """The score, a line for each exercise, and where the results are."""
    kind = "final" if grade.final else "provisional"
    console.print(
        f"[bold]{grade.score:g}[/] of {grade.max_score:g} points  {shown(grade.assignment)}, {kind}"
    )
    for exercise in grade.exercises:
        console.print(f"  {shown(f'{exercise.id:<20}')} {exercise.score:>5g} of {exercise.max_score:g}")
    for flag in grade.flags:
        console.print(f"[yellow]{shown(flag.kind)}[/]: {shown(one_line(flag.detail))}", soft_wrap=True)
    console.print(f"[dim]{shown(str(output / 'summary.md'))}[/]", soft_wrap=True)
