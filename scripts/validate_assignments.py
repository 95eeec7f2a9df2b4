"""Prove assignments: full marks for the reference, none for the starter, every known bug caught."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.assignments.commands.validate import validate

ROOT = Path(__file__).resolve().parent.parent


def main(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="01_tensor, 01, 1 or tensor; by default all.", show_default=False),
    ] = None,
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
) -> None:
    """Prove assignments, and print what does not hold."""
    raise typer.Exit(validate(Console(), root, assignments or []))


if __name__ == "__main__":
    typer.run(main)
