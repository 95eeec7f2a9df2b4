"""What the assignment commands print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograding.assignments.release import open_prerequisites
from autograding.assignments.render import Rendered
from autograding.assignments.validate import Validation
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError, ConfigurationError

# Exit statuses of every command: done, a person must look, wrong usage or configuration.
DONE, LOOK, WRONG = 0, 1, 2


def status_of(error: ClassroomError) -> int:
    return WRONG if isinstance(error, ConfigurationError) else LOOK


def print_error(console: Console, error: ClassroomError) -> None:
    """An error as its author meant it: a sentence, the place, and how to mend it. No traceback."""
    console.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)


def print_rendered(console: Console, rendered: Rendered) -> None:
    """One line for one repository."""
    manifest = rendered.manifest
    points = sum(item.points for item in (*manifest.exercises, *manifest.questions))
    note = "" if rendered.fresh else "  [dim](unchanged)[/]"
    console.print(
        f"[bold]{rendered.path.name:<20}[/] {rendered.commit[:10]}  {points:>4g} points  "
        f"{escape(str(rendered.path))}{note}",
        soft_wrap=True,
    )


def print_held_back(console: Console, assignment: Assignment, waiting_for: Iterable[Assignment]) -> None:
    """One line for an assignment that must not be handed out yet."""
    names = ", ".join(f"{item.id} (due {item.due:%Y-%m-%d %H:%M %Z})" for item in waiting_for)
    console.print(f"[bold]{assignment.slug:<20}[/] [yellow]waits[/] for {escape(names)}", soft_wrap=True)


def print_assignments(console: Console, course: Course, now: datetime) -> None:
    """The assignments of a course."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("assignment", "repository", "title", "points", "release", "due", ""):
        table.add_column(column, justify="right" if column == "points" else "left", no_wrap=column != "title")
    for item in course.assignments:
        points = sum(part.points for part in (*item.exercises, *item.questions))
        waiting = ", ".join(other.id for other in open_prerequisites(course, item, now))
        table.add_row(
            item.id,
            item.slug,
            escape(item.title),
            f"{points:g}",
            _moment(item.release),
            _moment(item.due),
            f"waits for {waiting}" if waiting else "",
        )
    console.print(table)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def print_validations(console: Console, validations: list[Validation]) -> None:
    """A row for each assignment, then everything that does not hold."""
    names = list(dict.fromkeys(check.name for item in validations for check in item.checks))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("assignment", *names):
        table.add_column(column)
    for item in validations:
        checks = {check.name: check for check in item.checks}
        cells = [
            _cell(checks[name].summary, checks[name].passed) if name in checks else "-" for name in names
        ]
        table.add_row(item.assignment.id, *cells)
    console.print(table)
    for item in validations:
        for check in item.checks:
            for problem in check.problems:
                console.print(
                    f"[red]{item.assignment.id}[/] [bold]{check.name}[/]: {escape(problem)}", soft_wrap=True
                )


def _cell(text: str, passed: bool) -> str:
    return escape(text) if passed else f"[red]{escape(text)}[/]"
