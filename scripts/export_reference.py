"""Regenerate tinytorch/ from the lessons in modules/ and milestones/, or say what is out of step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograding.course import load_assignments
from autograding.grader.errors import ClassroomError
from autograding.grader.report.text import terminal
from autograding.lesson import reference_differences, reference_files, write_reference

ROOT = Path(__file__).resolve().parent.parent


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 if a file is out of step.")
    ] = False,
    root: Annotated[Path, typer.Option("--root", help="The course repository.")] = ROOT,
) -> None:
    """Regenerate tinytorch/ from the lessons in modules/ and milestones/."""
    try:
        files = reference_files(load_assignments(root))
        differences = reference_differences(files, root)
        if not check:
            write_reference(files, root)
    except ClassroomError as error:
        typer.echo(terminal(str(error)), err=True)
        raise typer.Exit(2) from error
    for item in differences:
        typer.echo(f"{item.path}: {item.problem}" + ("" if check else " (mended)"))
    if not differences:
        typer.echo("tinytorch/ is what the lessons export to")
    if check and differences:
        typer.echo("run `uv run scripts/export_reference.py`, then commit tinytorch/", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
