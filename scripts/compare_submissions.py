"""Tell who of a class wrote alike, for a person to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograding.regrade.comparison import compare_class

ROOT = Path(__file__).resolve().parent.parent


def main(
    assignment: Annotated[str, typer.Option(help="01_tensor, 01, 1 or tensor.", show_default=False)],
    past: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="Final grades of earlier classes.", show_default=False),
    ] = None,
    final: Annotated[
        Path | None,
        typer.Option(help="The final grades of this class. Default: build/final.", show_default=False),
    ] = None,
    root: Annotated[Path, typer.Option(help="The course repository.")] = ROOT,
) -> None:
    """Compare what students wrote, and list the pairs that are most alike.

    Reads the submissions that regrade_submissions.py has kept, and writes similarity.csv beside them.
    Renaming, reordering and comments hide nothing; what the starter, the reference or much of the class
    has counts nothing. It changes no grade. Exit status: 0 done, 1 a file could not be read, 2 wrong
    usage or configuration.
    """
    raise typer.Exit(
        compare_class(Console(), root, assignment, final or root / "build" / "final", past or [])
    )


if __name__ == "__main__":
    typer.run(main)
