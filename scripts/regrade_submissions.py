"""Make the final grades of an assignment, for a whole class."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.regrade.command import Source, regrade
from autograding.regrade.fetch import GITHUB
from autograding.regrade.stages import Options

ROOT = Path(__file__).resolve().parent.parent


class From(StrEnum):
    """Where the commits are chosen from."""

    gradebook = "gradebook"


def main(
    assignment: Annotated[str, typer.Option(help="01_tensor, 01, 1 or tensor.", show_default=False)],
    source: Annotated[
        From | None,
        typer.Option(
            "--from", help="Grade the commits that count by the course's policy.", show_default=False
        ),
    ] = None,
    listing: Annotated[
        Path | None,
        typer.Option(
            "--list", help="Grade the commits of a CSV: student,repository,commit.", show_default=False
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Submissions at a time.")] = os.cpu_count() or 1,
    gradebook: Annotated[Path, typer.Option(help="Where final grades are recorded.")] = Path(
        "gradebook.sqlite"
    ),
    output: Annotated[
        Path | None, typer.Option(help="Where the results go. Default: build/final.", show_default=False)
    ] = None,
    again: Annotated[
        bool, typer.Option(help="With --from gradebook: also commits that have a final grade.")
    ] = False,
    notebook: Annotated[bool, typer.Option(help="Run the notebooks too; they give no points.")] = True,
    server: Annotated[str, typer.Option(envvar="GITHUB_SERVER_URL", help="Where repositories are.")] = GITHUB,
    allow_dirty: Annotated[
        bool, typer.Option(help="Try a course with uncommitted changes; nothing is recorded.")
    ] = False,
    without_sandbox: Annotated[
        bool, typer.Option(help="Grade on a machine that cannot isolate student code.")
    ] = False,
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
) -> None:
    """Make final grades: fetch commits, grade them with hidden tests over a pristine render, record them.

    The secret of the course comes from TINYTORCH_SECRET, the token for private repositories from
    GITHUB_TOKEN. Run it again after an interruption: what is graded is kept. Exit status: 0 done, 1 a
    person must look at what is listed, 2 wrong usage or configuration.
    """
    if (source is None) == (listing is None):
        raise typer.BadParameter("name one source: --from gradebook, or --list FILE")
    console = Console()
    raise typer.Exit(
        regrade(
            console,
            root,
            assignment,
            Source(gradebook if source else None, listing, again),
            output,
            gradebook,
            Options(jobs=jobs, notebook=notebook),
            server=server,
            allow_dirty=allow_dirty,
            without_sandbox=without_sandbox,
        )
    )


if __name__ == "__main__":
    typer.run(main)
