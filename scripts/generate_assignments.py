"""Render starter repositories, by default of every assignment that may be handed out now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.assignments.commands.generate import generate, list_assignments

ROOT = Path(__file__).resolve().parent.parent


def main(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="01_tensor, 01, 1 or tensor; by default all.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Default: build/assignments.", show_default=False)
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the assignments and render nothing.")] = False,
    reveal_open: Annotated[
        bool, typer.Option(help="Ship the reference of prerequisites that are still open.")
    ] = False,
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
) -> None:
    """Render starter repositories: each is a git repository with one commit, ready to push."""
    console = Console()
    if listing:
        raise typer.Exit(list_assignments(console, root))
    folder = output or root / "build" / "assignments"
    raise typer.Exit(generate(console, root, assignments or [], folder, reveal_open=reveal_open))


if __name__ == "__main__":
    typer.run(main)
