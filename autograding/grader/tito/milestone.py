"""`tito milestone`: run what the framework has to achieve."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograding.grader.errors import ConfigurationError
from autograding.grader.report.text import log_line
from autograding.grader.tito.console import say
from autograding.grader.tito.export import export_to_package
from autograding.grader.tito.repository import open_repository

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]

PACKAGE = "tinytorch.milestones."


def add_commands(groups: Groups) -> None:
    """Add `milestone` and its command to the parser."""
    parser = groups.add_parser(
        "milestone", help="what your framework achieves", description="Run a milestone."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run = commands.add_parser("run", help="run it and see the measured results", description=_run.__doc__)
    run.add_argument("assignment", nargs="?", metavar="ASSIGNMENT", help="must be the one of this repository")
    run.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """Export the notebook and run the milestone. Exit status 0 if every target was reached, else 1."""
    repository, manifest = open_repository(Path.cwd(), options.assignment)
    if not manifest.package.startswith(PACKAGE):
        raise ConfigurationError(
            f"{manifest.assignment} is a module, not a milestone",
            where=str(repository),
            mend="uv run tito module test runs its tests",
        )
    exported = export_to_package(repository)
    for cell in exported.broken:
        say(f"cell {cell.position} ({log_line(cell.cell)}): {log_line(cell.message, 400)}")
    program = f"from {manifest.package} import main; raise SystemExit(main())"
    # The student's own code on the student's own machine: nothing is graded here.
    done = subprocess.run([sys.executable, "-c", program], cwd=repository, check=False)
    return 0 if done.returncode == 0 else 1
