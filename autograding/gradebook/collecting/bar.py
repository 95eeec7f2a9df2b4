"""How far a collection is, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from autograding.gradebook.collecting.report import Report


@contextmanager
def collection_bar(console: Console) -> Iterator[Callable[[Report], None]]:
    """A bar that moves with each report it is given. Where nobody watches, nothing is written."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of at most {task.total:,} repositories"),
        TextColumn("{task.fields[cost]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("collecting", total=0, cost="")

        def show(report: Report) -> None:
            progress.update(
                task,
                total=max(report.total or 0, report.repositories),
                completed=report.repositories,
                description="commits behind the heads" if report.asked_again else "collecting",
                cost=f"{report.points} points",
            )

        yield show
