"""What the assignment commands have in common: exit statuses and how an error is shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.text import terminal

# Exit statuses of every command: done, a person must look, wrong usage or configuration.
DONE, LOOK, WRONG = 0, 1, 2


def report(console: Console, errors: Sequence[ClassroomError]) -> int:
    """Print errors; the exit status they mean."""
    for error in errors:
        _print_error(console, error)
    if not errors:
        return DONE
    return WRONG if all(isinstance(error, ConfigurationError) for error in errors) else LOOK


def _print_error(console: Console, error: ClassroomError) -> None:
    """An error as its author meant it: a sentence, the place, and how to mend it. No traceback."""
    console.print(f"[bold red]error:[/] {shown(str(error))}", soft_wrap=True)


def shown(text: str) -> str:
    """Text from elsewhere for `console.print`: it steers no terminal and is no markup."""
    return escape(terminal(text))
