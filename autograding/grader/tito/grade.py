"""`tito grade`: what the workflow runs on GitHub."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from autograding.grader.errors import ClassroomError
from autograding.grader.report.annotations import annotations as workflow_commands
from autograding.grader.report.console import render_console
from autograding.grader.report.publish import publish
from autograding.grader.report.reporter import reporter_result
from autograding.grader.report.summary import render_no_grade, render_summary
from autograding.grader.report.text import log
from autograding.grader.tito.repository import open_repository, require_posix

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]


def add_command(groups: Groups) -> None:
    """Add `grade` to the parser."""
    parser = groups.add_parser(
        "grade",
        help="grade the last commit as the workflow does",
        description="Grade this repository, write the results into a folder and, on GitHub Actions, show "
        "them as step summary and annotations. Students use `tito module test`.",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument(
        "--reporter",
        action="store_true",
        help="also set the step output `result` for classroom-resources/autograding-grading-reporter",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """0 whatever the score; 1 only where there is no grade, which the summary then says."""
    try:
        require_posix()
        from autograding.grader.run import grade_repository

        repository, manifest = open_repository(Path.cwd(), None)
        grade = grade_repository(repository, options.output)
        summary, text = render_summary(grade, manifest), render_console(grade, manifest)
        commands = workflow_commands(grade)
        outputs: dict[str, object] = {"score": grade.score, "max_score": grade.max_score}
        if options.reporter:
            outputs["result"] = reporter_result(grade)
    except ClassroomError as error:
        return _no_grade(options.output, str(error), str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the person at the other end must learn of it
        reason = f"A defect of the grader, not of your work: {type(error).__name__}: {error}"
        return _no_grade(options.output, reason, traceback.format_exc())
    publish(os.environ, sys.stdout, summary=summary, text=text, commands=commands, outputs=outputs)
    return 0


def _no_grade(output: Path, reason: str, details: str) -> int:
    summary = render_no_grade(reason)
    output.mkdir(parents=True, exist_ok=True)
    (output / "summary.md").write_text(summary, encoding="utf-8")
    publish(os.environ, sys.stdout, summary=summary, text=f"No grade:\n{log(details)}\n")
    return 1
