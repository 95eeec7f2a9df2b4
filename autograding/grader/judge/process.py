"""The judge's own process: pytest with our plugins only, trusted configuration, no conftest.

Started by `run_tests.py` as `python -m autograding.grader.judge.process`. Runs
nothing of the student's: their code is in the worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograding.grader.judge.plugin import ExerciseMark, JudgePlugin, TestPlugin
from autograding.grader.manifest import Limits


def pytest_options(root: Path) -> list[str]:
    """Options under which nothing outside the trusted folder `root` steers pytest."""
    return [
        "-c",
        os.devnull,
        f"--rootdir={root}",
        f"--confcutdir={root}",
        "--noconftest",
        "--import-mode=importlib",
        "--strict-markers",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:unraisableexception",
        "-p",
        "no:threadexception",
        "-p",
        "no:logging",
        "--assert=plain",
        "--tb=native",
        "-q",
    ]


class CollectPlugin:
    """Writes down what pytest collected, with the `exercise` mark of each test."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.problems: list[dict[str, str]] = []

    def result(self) -> dict[str, Any]:
        return {"tests": self.found, "problems": self.problems}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            mark = item.get_closest_marker("exercise")
            path, line, _ = item.location
            self.found.append(
                {
                    "id": item.nodeid,
                    "place": f"{path}:{(line or 0) + 1}",
                    "exercise": mark.args[0] if mark else None,
                    "hint": mark.kwargs.get("hint", "") if mark else "",
                    "weight": mark.kwargs.get("weight", 1.0) if mark else 1.0,
                }
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append({"file": report.nodeid.partition("::")[0], "text": report.longreprtext})


def judge(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the tests in `spec`'s files, with a worker a test."""
    plugin = JudgePlugin(Path(spec["package"]), Limits(**spec["limits"]), spec["seed"])
    return run_judge(plugin, Path(spec["root"]), spec["files"])


def run_judge(plugin: TestPlugin, root: Path, files: Sequence[str], *more: object) -> dict[str, Any]:
    """Run the tests in `files`; return what was collected and what pytest-json-report saw."""
    listing = CollectPlugin()
    options = ["-p", "pytest_jsonreport.plugin", "--json-report", "--json-report-file=none"]
    pytest.main(
        [*pytest_options(root), *options, *(str(root / file) for file in files)],
        plugins=[ExerciseMark(), listing, plugin, *more],
    )
    return {"tests": plugin.report.get("tests", []), "collected": listing.result()}


def collect(spec: dict[str, Any]) -> dict[str, Any]:
    """List the tests in `spec`'s files without running them."""
    root = Path(spec["root"])
    plugin = CollectPlugin()
    pytest.main(
        [*pytest_options(root), "--collect-only", *(str(root / file) for file in spec["files"])],
        plugins=[ExerciseMark(), plugin],
    )
    return plugin.result()


def main() -> None:
    """Read the specification from standard input, write the result to standard output.

    Neither passes through a file, which student code might find where there is
    no sandbox.
    """
    spec = json.load(sys.stdin)
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    with Path(os.devnull).open("w") as quiet, contextlib.redirect_stdout(quiet):
        os.dup2(quiet.fileno(), 1)
        result = {"judge": judge, "collect": collect}[spec["action"]](spec)
    json.dump(result, answer)
    answer.close()


if __name__ == "__main__":
    main()
