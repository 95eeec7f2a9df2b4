"""`validate_assignments.py`: prove assignments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograding.assignments.commands.shared import DONE, LOOK, report, shown
from autograding.assignments.proof.check import Check
from autograding.assignments.proof.validate import Validation, validate_assignments
from autograding.course import load_course
from autograding.grader.errors import ClassroomError


def validate(console: Console, root: Path, names: Sequence[str]) -> int:
    """Prove the named assignments, or all of them."""
    try:
        course = load_course(root)
        chosen = [course.resolve(name) for name in names] or list(course.assignments)
        validations = validate_assignments(course, list(dict.fromkeys(chosen)))
    except ClassroomError as error:
        return report(console, [error])
    _print_validations(console, validations)
    return DONE if all(item.passed for item in validations) else LOOK


# Columns of the table, by the name of the check; the other checks show when they fail.
_COLUMNS = {
    "reference": "reference",
    "starter": "starter",
    "known bugs": "bugs",
    "hidden tests": "hidden",
    "leaks": "leaks",
    "renders": "commit",
}


def _print_validations(console: Console, validations: list[Validation]) -> None:
    """A row for each assignment, then everything that does not hold."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("assignment", no_wrap=True)
    for heading in _COLUMNS.values():
        table.add_column(heading, no_wrap=True)
    for item in validations:
        checks = {check.name: check for check in item.checks}
        cells = [_cell(checks[name]) if name in checks else "-" for name in _COLUMNS]
        table.add_row(item.assignment.id, *cells)
    console.print(table)
    for item in validations:
        for check in item.checks:
            for problem in check.problems:
                console.print(
                    f"[red]{item.assignment.id}[/] [bold]{check.name}[/]: {shown(problem)}", soft_wrap=True
                )
    proved = sum(item.passed for item in validations)
    console.print(f"{proved} of {len(validations)} proved")


def _cell(check: Check) -> str:
    return shown(check.summary) if check.passed else f"[red]{shown(check.summary)}[/]"
