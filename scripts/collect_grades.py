"""Collect the grades of the whole class from GitHub into the gradebook, and write them as CSV."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.course import load_course
from autograding.github.client import GITHUB_API
from autograding.gradebook.collection import collect_grades
from autograding.gradebook.setting import setting_of
from autograding.gradebook.summary import account, attention, state_table
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.text import terminal


def main(
    api_url: Annotated[str, typer.Option("--api-url", help="The root of GitHub's API.")] = GITHUB_API,
    gradebook: Annotated[
        Path, typer.Option("--gradebook", help="The gradebook; made when it does not exist.")
    ] = Path("gradebook.sqlite"),
    output: Annotated[Path, typer.Option("--output", help="The CSV to write.")] = Path("grades.csv"),
    assignments: Annotated[
        Path | None,
        typer.Option("--assignments", help="The rendered assignments (default: build/assignments)."),
    ] = None,
    course: Annotated[Path, typer.Option("--course", help="The course repository.")] = Path(),
) -> None:
    """Collect the grades of the whole class from GitHub; the token comes from GITHUB_TOKEN.

    Repeating it changes nothing, interrupting it loses nothing. Exit status: 0 done, 1 a person
    must look at what is listed, 2 wrong usage or configuration.
    """
    try:
        setting = setting_of(load_course(course), assignments or course / "build" / "assignments")
        collected = collect_grades(
            setting,
            token=os.environ.get("GITHUB_TOKEN", ""),
            api_url=api_url,
            gradebook=gradebook,
            output=output,
        )
    except ClassroomError as error:
        typer.echo(terminal(str(error)), err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error
    except KeyboardInterrupt as error:
        typer.echo("interrupted; what was collected so far is kept, run it again to go on", err=True)
        raise typer.Exit(1) from error
    console = Console()
    console.print(state_table(setting, collected))
    console.print(account(collected.report), markup=False, highlight=False, soft_wrap=True)
    console.print(f"written: {output}, {gradebook}", markup=False, highlight=False, soft_wrap=True)
    lines = attention(collected.report)
    if lines:
        typer.echo("\nA person must look:", err=True)
        typer.echo("\n".join(f"  {line}" for line in lines), err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
