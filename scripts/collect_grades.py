"""Collect the grades of the whole class from GitHub into the gradebook, and write them as CSV."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.course import load_course
from autograding.github.client import GITHUB_API
from autograding.gradebook.collecting.bar import collection_bar
from autograding.gradebook.collecting.class_summary import append_text, class_summary
from autograding.gradebook.collecting.collection import collect_grades
from autograding.gradebook.collecting.plan import plan_collection, plan_text
from autograding.gradebook.collecting.setting import setting_of
from autograding.gradebook.collecting.summary import account, attention, state_table
from autograding.gradebook.desk import copy_gradebook, explain, open_desk
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.text import terminal


def main(
    assignment: Annotated[
        str | None, typer.Argument(help="With --explain: this assignment instead of the course grade.")
    ] = None,
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
    budget: Annotated[
        int | None,
        typer.Option("--budget", min=1, help="Spend no more than so many points of GitHub's 5,000 an hour."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every repository again, not only what changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked and what it would cost.")
    ] = False,
    summary: Annotated[
        Path | None, typer.Option("--summary", help="Add a class summary in Markdown to this file.")
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            "--explain", metavar="STUDENT", help="Ask GitHub nothing; print where a grade comes from."
        ),
    ] = None,
    backup: Annotated[
        Path | None, typer.Option("--backup", help="Ask GitHub nothing; copy the gradebook to this file.")
    ] = None,
) -> None:
    """Collect the grades of the whole class from GitHub; the token comes from GITHUB_TOKEN.

    Reads what changed since the last time. Repeating it changes nothing, interrupting it loses
    nothing, and the next run goes on. Exit status: 0 done, 1 a person must look at what is listed,
    2 wrong usage or configuration.
    """
    console, token = Console(), os.environ.get("GITHUB_TOKEN", "")
    if assignment is not None and student is None:
        raise typer.BadParameter("an assignment goes with --explain STUDENT; a collection reads all of them")
    try:
        if student is not None or backup is not None:
            if student is not None:
                typer.echo("\n".join(explain(open_desk(course, gradebook), student, assignment)))
            if backup is not None:
                typer.echo(copy_gradebook(gradebook, backup))
            return
        setting = setting_of(load_course(course), assignments or course / "build" / "assignments")
        if dry_run:
            found = plan_collection(setting, token=token, gradebook=gradebook, api_url=api_url, full=full)
            console.print(plan_text(found), markup=False, highlight=False, soft_wrap=True)
            return
        with collection_bar(Console(stderr=True)) as show:
            collected = collect_grades(
                setting,
                token=token,
                api_url=api_url,
                gradebook=gradebook,
                output=output,
                budget=budget,
                full=full,
                on_step=show,
            )
        if summary is not None:
            append_text(summary, class_summary(setting, collected))
    except ClassroomError as error:
        typer.echo(terminal(str(error)), err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error
    except KeyboardInterrupt as error:
        typer.echo("interrupted; what was collected so far is kept, run it again to go on", err=True)
        raise typer.Exit(1) from error
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
