"""Change the reference in one place at a time, and count the changes that no test notices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.assignments.commands.mutate import mutate

ROOT = Path(__file__).resolve().parent.parent


def main(
    modules: Annotated[
        list[str] | None,
        typer.Argument(help="01_tensor, 01, 1 or tensor; by default all.", show_default=False),
    ] = None,
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
    output: Annotated[
        Path | None, typer.Option(help="Where mutmut works. Default: build/mutants.", show_default=False)
    ] = None,
) -> None:
    """Change the reference in one place at a time, and count the changes that no test notices."""
    raise typer.Exit(mutate(Console(), root, modules or [], output or root / "build" / "mutants"))


if __name__ == "__main__":
    typer.run(main)
