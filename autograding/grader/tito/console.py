"""Printing, in one place, so that every line a student can influence is made harmless first."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from autograding.grader.report.text import log_line


def say(line: str = "") -> None:
    """Print one line of our own. Text from elsewhere goes through `log_line` before."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> str:
    """Columns below each other; the last one is not padded."""
    lines = [[log_line(cell, 200) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        (indent + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))).rstrip()
        for line in lines
    )
