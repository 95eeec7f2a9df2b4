"""Grade one student repository exactly as its workflow does, or finally."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.assignments.commands.grade import grade
from autograding.assignments.final import SECRET_VARIABLE

ROOT = Path(__file__).resolve().parent.parent


def main(
    repository: Annotated[
        Path, typer.Argument(help="A clone of the student's repository.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="Where the results go.")] = Path("build/grade"),
    final: Annotated[
        bool,
        typer.Option("--final", help="Grade HEAD's notebook in a pristine render, with hidden tests too."),
    ] = False,
    student: Annotated[str, typer.Option(help="The student's GitHub login; --final needs it.")] = "",
    assignment: Annotated[
        str, typer.Option(help="Which assignment it is, where the repository does not say.")
    ] = "",
    secret: Annotated[
        str, typer.Option(envvar=SECRET_VARIABLE, help="The secret of the course.", show_default=False)
    ] = "",
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
) -> None:
    """Write grade.json, summary.md and executed.ipynb into the output folder."""
    console = Console()
    raise typer.Exit(grade(console, root, repository, output, final, student, secret, assignment or None))


if __name__ == "__main__":
    typer.run(main)
