"""Run the checkpoint notebook with nbmake: can the student use what they built?"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from autograding.grader.grade import CheckpointResult
from autograding.grader.judge.checkpoint import LIMITS, PACKAGE
from autograding.grader.judge.process import pytest_options
from autograding.grader.judge.run_tests import trusted_environment
from autograding.grader.manifest import Limits
from autograding.grader.notebook.execute import MESSAGE_LIMIT
from autograding.grader.report.text import steady
from autograding.grader.worker import sandbox


def run_checkpoint(notebook: Path, package: Path, limits: Limits) -> CheckpointResult:
    """Run `notebook`, a trusted copy, against the package in `package`.

    nbmake writes the outputs back into the copy, which is where the message for
    a failed cell is read from.
    """
    if not notebook.is_file():
        return CheckpointResult(False, "the checkpoint notebook is missing")
    report = notebook.with_suffix(".report.json")
    whole = replace(limits, test_seconds=limits.total_seconds)
    command = [
        *(sys.executable, *sandbox.PYTHON_FLAGS, "-m", "pytest", *pytest_options(notebook.parent)),
        *(
            "-p",
            "nbmake.pytest_plugin",
            "--nbmake",
            "--overwrite",
            f"--nbmake-timeout={int(limits.cell_seconds)}",
        ),
        *("-p", "pytest_jsonreport.plugin", "--json-report", f"--json-report-file={report}", str(notebook)),
    ]
    try:
        subprocess.run(
            command,
            cwd=notebook.parent,
            env=trusted_environment() | {PACKAGE: str(package), LIMITS: json.dumps(asdict(whole))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.total_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return CheckpointResult(False, f"the checkpoint took more than {limits.total_seconds:g} seconds")
    passed = report.is_file() and _passed(json.loads(report.read_text()))
    return CheckpointResult(passed, "" if passed else _reason(notebook))


def _passed(report: dict[str, Any]) -> bool:
    tests = report.get("tests", [])
    return len(tests) == 1 and tests[0].get("call", {}).get("outcome") == "passed"


def _reason(notebook: Path) -> str:
    for position, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"], start=1):
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                text = " ".join(f"{output.get('ename')}: {output.get('evalue')}".split()).removesuffix(":")
                return steady(f"cell {position}: {text}")[:MESSAGE_LIMIT]
    return "the checkpoint did not run to its end"
