"""`generate_assignments.py`: render starter repositories."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograding.assignments.commands.shared import DONE, report, shown
from autograding.assignments.release import open_prerequisites
from autograding.assignments.render import Rendered, render_assignment
from autograding.course import Assignment, Course, load_course
from autograding.grader.errors import ClassroomError
from autograding.grader.manifest import Exercise, Question


def list_assignments(console: Console, root: Path) -> int:
    """Print the assignments of the course."""
    try:
        _print_assignments(console, load_course(root), datetime.now(UTC))
    except ClassroomError as error:
        return report(console, [error])
    return DONE


def generate(
    console: Console,
    root: Path,
    names: Sequence[str],
    output: Path,
    *,
    reveal_open: bool = False,
    now: datetime | None = None,
) -> int:
    """Render the named assignments, or all of them, into folders of `output`.

    Without names, one whose prerequisites are still open waits and is no error:
    in the first week of a course nearly all of them do.
    """
    moment = now or datetime.now(UTC)
    try:
        course = load_course(root)
        chosen = [course.resolve(name) for name in names]
    except ClassroomError as error:
        return report(console, [error])
    held_back: dict[str, tuple[Assignment, ...]] = {}
    if not chosen:
        if not reveal_open:
            waiting = {item.id: open_prerequisites(course, item, moment) for item in course.assignments}
            held_back = {id: others for id, others in waiting.items() if others}
        chosen = [item for item in course.assignments if item.id not in held_back]

    def render(assignment: Assignment) -> Rendered | ClassroomError:
        destination = output / assignment.slug
        try:
            return render_assignment(course, assignment, destination, now=moment, reveal_open=reveal_open)
        except ClassroomError as error:
            return error

    errors: list[ClassroomError] = []
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for result in pool.map(render, dict.fromkeys(chosen)):
            if isinstance(result, Rendered):
                _print_rendered(console, result)
            else:
                errors.append(result)
    for id, others in held_back.items():
        _print_held_back(console, course.resolve(id), others)
    return report(console, errors)


def _print_rendered(console: Console, rendered: Rendered) -> None:
    """One line for one repository."""
    manifest = rendered.manifest
    points = _total(manifest.exercises, manifest.questions)
    note = "" if rendered.fresh else "  [dim](unchanged)[/]"
    console.print(
        f"[bold]{rendered.path.name:<20}[/] {rendered.commit[:10]}  {points:>4g} points  "
        f"{shown(str(rendered.path))}{note}",
        soft_wrap=True,
    )


def _print_held_back(console: Console, assignment: Assignment, waiting_for: Iterable[Assignment]) -> None:
    """One line for an assignment that must not be handed out yet."""
    names = ", ".join(f"{item.id} (due {item.due:%Y-%m-%d %H:%M %Z})" for item in waiting_for)
    console.print(f"[bold]{assignment.slug:<20}[/] [yellow]waits[/] for {shown(names)}", soft_wrap=True)


def _print_assignments(console: Console, course: Course, now: datetime) -> None:
    """The assignments of a course."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("assignment", "title", "points", "release", "due", ""):
        table.add_column(column, justify="right" if column == "points" else "left", no_wrap=True)
    for item in course.assignments:
        waiting = ", ".join(other.id for other in open_prerequisites(course, item, now))
        table.add_row(
            item.id,
            shown(item.title),
            f"{_total(item.exercises, item.questions):g}",
            _day(item.release),
            _day(item.due),
            f"waits for {waiting}" if waiting else "",
        )
    console.print(table)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"


def _total(exercises: Iterable[Exercise], questions: Iterable[Question]) -> float:
    return sum(item.points for item in exercises) + sum(item.points for item in questions)
