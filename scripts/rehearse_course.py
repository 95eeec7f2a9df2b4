"""Rehearse the whole course without a GitHub account: render, push, grade, collect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograding.course import load_course
from autograding.grader.errors import ClassroomError
from autograding.grader.report.text import terminal
from autograding.rehearsal.rehearse import rehearse

ROOT = Path(__file__).resolve().parents[1]


def main(
    students: Annotated[int, typer.Option(min=1, max=1000, help="How many students take part.")] = 8,
    output: Annotated[Path, typer.Option(help="Folder for everything that is made.")] = Path(
        "build/rehearsal"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="Run no notebooks and checkpoints; they give no points.")
    ] = False,
) -> None:
    """Render the assignments, let a small class work on them, grade every commit and collect the grades."""
    try:
        done = rehearse(load_course(ROOT), output, size=students, quick=quick, say=print)
    except ClassroomError as error:
        print(terminal(str(error)), file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"\n{done.table}\n")
    print(f"student repositories  {done.folder / 'students'}")
    print(f"grades and summaries  {done.folder / 'grades'}")
    print(f"gradebook             {done.gradebook}")
    print(f"CSV                   {done.csv}")


if __name__ == "__main__":
    typer.run(main)
