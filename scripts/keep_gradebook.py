"""Bring the gradebook from its branch, or put it there: what a workflow does before and after it works."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from autograding.gradebook.collecting.branch import GradebookBranch
from autograding.grader.errors import ClassroomError


def main(
    what: Annotated[
        Literal["fetch", "push"], typer.Argument(help="fetch before collecting or grading, push after it.")
    ],
    remote: Annotated[str, typer.Option("--remote", help="The address of the instructor's repository.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where the gradebook is.")] = Path(),
    branch: Annotated[str, typer.Option("--branch", help="The branch that holds it.")] = "gradebook",
    message: Annotated[str, typer.Option("--message", help="What the commit is for.")] = "Collection",
) -> None:
    """Fetch gradebook.sqlite and grades.csv from a branch of a private repository, or push them there.

    The token comes from GRADEBOOK_TOKEN. Exit status: 0 done, 1 it could not be done, 2 wrong usage.
    """
    kept = GradebookBranch(remote, branch, os.environ.get("GRADEBOOK_TOKEN", ""))
    try:
        kept.refuse_the_public()
        if what == "fetch":
            folder.mkdir(parents=True, exist_ok=True)
            found = kept.fetch(folder)
            typer.echo(
                f"the gradebook of branch {branch}" if found else f"a new gradebook for branch {branch}"
            )
        else:
            files = [folder / name for name in ("gradebook.sqlite", "grades.csv")]
            title = f"{message}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            pushed = kept.push([file for file in files if file.is_file()], title)
            typer.echo(f"pushed to branch {branch}" if pushed else f"branch {branch} is up to date")
    except ClassroomError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
