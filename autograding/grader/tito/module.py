"""`tito module`: test, export, status and reset of the assignment in this repository."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograding.grader.errors import ConfigurationError, NotebookError
from autograding.grader.manifest import Manifest
from autograding.grader.report.console import render_console
from autograding.grader.report.text import log_line
from autograding.grader.tito import progress
from autograding.grader.tito.bring import bring_along
from autograding.grader.tito.console import say, table
from autograding.grader.tito.export import export_to_package
from autograding.grader.tito.repository import open_repository, require_posix
from autograding.grader.tito.starter import find_starter, restore_starter

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]

RESULTS = "grade"


def add_commands(groups: Groups) -> None:
    """Add `module` and its commands to the parser."""
    parser = groups.add_parser("module", help="the assignment", description="Work on the assignment.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    test = commands.add_parser("test", help="check your work as GitHub does", description=_test.__doc__)
    test.add_argument("--output", type=Path, metavar="DIR", help="folder for the results (default: grade)")
    test.add_argument(
        "--in-process",
        action="store_true",
        help="run the tests in one process, for a debugger; this gives no grade",
    )
    test.add_argument("--pdb", action="store_true", help="with --in-process: stop in the debugger on failure")
    test.add_argument("--exercise", metavar="NAME", help="with --in-process: only the tests of one exercise")
    test.set_defaults(run=_test)

    export = commands.add_parser(
        "export", help="write the package file from the notebook", description=_export.__doc__
    )
    export.set_defaults(run=_export)

    bring = commands.add_parser("bring", help="bring your earlier modules along", description=_bring.__doc__)
    bring.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="repositories of earlier modules, or a folder that holds them (default: the one above this)",
    )
    bring.set_defaults(run=_bring)

    status = commands.add_parser("status", help="what is done and what is left", description=_status.__doc__)
    status.set_defaults(run=_status)

    reset = commands.add_parser("reset", help="start the notebook over", description=_reset.__doc__)
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(run=_reset)

    for command in (test, export, status, reset):
        command.add_argument(
            "assignment", nargs="?", metavar="ASSIGNMENT", help="must be the one of this repository"
        )


def _test(options: argparse.Namespace) -> int:
    """Run the tests that give the points, as GitHub does after a push, and show the result."""
    repository, manifest = open_repository(Path.cwd(), options.assignment)
    if options.in_process:
        return _debug(repository, manifest, options)
    if options.pdb or options.exercise:
        raise ConfigurationError(
            "--pdb and --exercise need --in-process", mend="uv run tito module test --in-process --pdb"
        )
    require_posix()
    from autograding.grader.run import grade_repository

    sys.stderr.write(f"Grading {manifest.assignment} …\n")
    output = options.output or repository / RESULTS
    grade = grade_repository(repository, output)
    say(render_console(grade, manifest))
    say(f"Results: {_shown(output)} (summary.md, grade.json, executed.ipynb)")
    return 0


def _debug(repository: Path, manifest: Manifest, options: argparse.Namespace) -> int:
    require_posix()
    others = _tests_of_others(manifest, options.exercise) if options.exercise else []
    from autograding.grader.judge.in_process import run_in_process

    exported = export_to_package(repository)
    say(f"Exported to {exported.path}. These tests run beside your code in one process: this gives no grade.")
    chosen = [f"--deselect={test}" for test in others]
    status = run_in_process(repository, (["--pdb"] if options.pdb else []) + chosen)
    return status if status in (0, 1) else 2


def _tests_of_others(manifest: Manifest, exercise: str) -> list[str]:
    """The tests to leave out for those of one exercise (`matmul` or `01.matmul`) to remain."""
    names = [item.id.partition(".")[2] for item in manifest.exercises]
    wanted = exercise.removeprefix(f"{manifest.number}.")
    if wanted not in names:
        raise ConfigurationError(f"there is no exercise {exercise}", mend=f"it is one of {', '.join(names)}")
    return [test.id for test in manifest.tests if test.exercise != f"{manifest.number}.{wanted}"]


def _export(options: argparse.Namespace) -> int:
    """Write the package file from the cells of your notebook, so that other code can import it."""
    repository, _ = open_repository(Path.cwd(), options.assignment)
    exported = export_to_package(repository)
    for cell in exported.broken:
        say(f"cell {cell.position} ({log_line(cell.cell)}): {log_line(cell.message, 400)}")
    say(f"{exported.path} is {'written' if exported.changed else 'up to date'}.")
    return 1 if exported.broken else 0


def _bring(options: argparse.Namespace) -> int:
    """Export your earlier modules from their repositories into this one."""
    repository, manifest = open_repository(Path.cwd(), None)
    if not manifest.brought:
        say("There is nothing to bring along: tinytorch/ holds whatever this assignment stands on.")
        return 0
    result = bring_along(repository, manifest, options.folders or [repository.parent])
    say(table([(log_line(item.assignment), item.path, log_line(item.outcome, 400)) for item in result]))
    say("Commit them: git add tinytorch")
    return 0 if all(item.found for item in result) else 1


def _status(options: argparse.Namespace) -> int:
    """Show what is written, exported, answered, committed and pushed, and when it is due."""
    repository, manifest = open_repository(Path.cwd(), options.assignment)
    say(f"{log_line(manifest.title)} ({manifest.assignment})")
    for title, rows in progress.report(repository, manifest, datetime.now(UTC)):
        say(f"\n{title}")
        say(table(rows))
    return 0


def _reset(options: argparse.Namespace) -> int:
    """Put the starter notebook back. Yours is kept in the folder backups."""
    repository, manifest = open_repository(Path.cwd(), options.assignment)
    starter = find_starter(repository, manifest)
    if not options.yes and not _agreed(f"Start {manifest.notebook} over? Yours is kept in backups/. [y/N] "):
        say("Nothing was changed.")
        return 1
    backup = restore_starter(repository, manifest, starter, datetime.now())
    say(f"{manifest.notebook} is the starter version again.")
    if backup:
        say(f"Yours is in {backup}. To take it back, copy it over {manifest.notebook}.")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise NotebookError(
            "nobody is here to answer whether to start over", mend="uv run tito module reset --yes"
        )
    return input(question).strip().lower() in ("y", "yes")


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)
