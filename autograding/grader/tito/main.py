"""`tito`, the command of the course for students."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.report.text import terminal
from autograding.grader.tito import grade, milestone, module, system

Command = Callable[[argparse.Namespace], int]

DONE, MUST_LOOK, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: a person must look; 2: wrong usage. A low score is no failure."""
    options = _parser().parse_args(arguments)
    try:
        return cast(Command, options.run)(options)
    except ClassroomError as error:
        print(f"tito: {terminal(str(error))}", file=sys.stderr)  # noqa: T201
        return WRONG_USAGE if isinstance(error, ConfigurationError) else MUST_LOOK
    except KeyboardInterrupt:
        print("tito: stopped", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone, such as `head`; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tito", description="Work on an assignment of the TinyTorch course."
    )
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    module.add_commands(groups)
    milestone.add_commands(groups)
    system.add_commands(groups)
    grade.add_command(groups)
    return parser


if __name__ == "__main__":
    sys.exit(main())
