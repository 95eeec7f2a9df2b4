"""Make the final grades of a class on many machines: plan on one, grade on each, gather on one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.regrade.command import Source, collect, plan, shard
from autograding.regrade.fetch import GITHUB
from autograding.regrade.stages import Options

ROOT = Path(__file__).resolve().parent.parent
Root = Annotated[Path, typer.Option("--root", help="The course repository.")]
Planned = Annotated[Path, typer.Option("--plan", help="The folder that `plan` wrote.", show_default=False)]
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command("plan")
def plan_command(
    assignment: Annotated[str, typer.Option(help="01_tensor, 01, 1 or tensor.", show_default=False)],
    output: Annotated[Path, typer.Option(help="Where the plan goes.", show_default=False)],
    shards: Annotated[int, typer.Option(min=1, max=256, help="Machines that share the work, at most.")] = 20,
    gradebook: Annotated[
        Path | None, typer.Option(help="Grade the commits that count by policy.", show_default=False)
    ] = None,
    listing: Annotated[
        Path | None, typer.Option("--list", help="A CSV: student,repository,commit.", show_default=False)
    ] = None,
    again: Annotated[
        bool, typer.Option(help="With --gradebook: also commits that have a final grade.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Fetches at a time.")] = 8,
    server: Annotated[str, typer.Option(envvar="GITHUB_SERVER_URL", help="Where repositories are.")] = GITHUB,
    allow_dirty: Annotated[bool, typer.Option(help="Try a course with uncommitted changes.")] = False,
    root: Root = ROOT,
) -> None:
    """Choose and fetch commits, draw the seeds. Needs TINYTORCH_SECRET and GITHUB_TOKEN, runs no code."""
    if (gradebook is None) == (listing is None):
        raise typer.BadParameter("name one source: --gradebook FILE, or --list FILE")
    source = Source(gradebook, listing, again)
    raise typer.Exit(
        plan(
            Console(), root, assignment, source, output, shards, jobs, server=server, allow_dirty=allow_dirty
        )
    )


@app.command("grade")
def grade_command(
    planned: Planned,
    number: Annotated[int, typer.Option(min=0, help="This machine: 0 is the first.", show_default=False)],
    of: Annotated[int, typer.Option(min=1, help="How many machines there are.", show_default=False)],
    output: Annotated[Path, typer.Option(help="Where the results go.", show_default=False)],
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Submissions at a time.")] = os.cpu_count() or 1,
    notebook: Annotated[bool, typer.Option(help="Run the notebooks too; they give no points.")] = True,
    without_sandbox: Annotated[
        bool, typer.Option(help="Grade on a machine that cannot isolate student code.")
    ] = False,
    root: Root = ROOT,
) -> None:
    """Grade one machine's share. Needs no secret and no token."""
    options = Options(jobs=jobs, notebook=notebook)
    raise typer.Exit(
        shard(Console(), root, planned, (number, of), output, options, without_sandbox=without_sandbox)
    )


@app.command("gather")
def gather_command(
    planned: Planned,
    results: Annotated[Path, typer.Option(help="All that the machines wrote.", show_default=False)],
    gradebook: Annotated[
        Path | None, typer.Option(help="Record the grades here.", show_default=False)
    ] = None,
    root: Root = ROOT,
) -> None:
    """Check and record what the machines did; exit status 1 where a commit has no grade."""
    raise typer.Exit(collect(Console(), root, planned, results, gradebook))


if __name__ == "__main__":
    app()
