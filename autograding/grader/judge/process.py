"""The judge's own process: pytest with our plugins only, trusted configuration, no conftest.

Started as `python -I -m autograding.grader.judge.process SPEC`; SPEC is a JSON
file written by `tests.py`. Runs nothing of the student's: their code is in the
worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from autograding.grader.judge.plugin import ExerciseMark, JudgePlugin
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
        self.problems: list[str] = []

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
            self.problems.append(report.longreprtext)


def judge(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the tests in `spec`'s files and return what pytest-json-report saw."""
    root = Path(spec["root"])
    report = Path(spec["result"]).with_suffix(".report.json")
    plugin = JudgePlugin(Path(spec["package"]), Limits(**spec["limits"]), spec["seed"])
    options = ["-p", "pytest_jsonreport.plugin", "--json-report", f"--json-report-file={report}"]
    pytest.main(
        [*pytest_options(root), *options, *(str(root / file) for file in spec["files"])],
        plugins=[ExerciseMark(), plugin],
    )
    return {"tests": json.loads(report.read_text()).get("tests", [])}


def collect(spec: dict[str, Any]) -> dict[str, Any]:
    """List the tests in `spec`'s files without running them."""
    root = Path(spec["root"])
    plugin = CollectPlugin()
    pytest.main(
        [*pytest_options(root), "--collect-only", *(str(root / file) for file in spec["files"])],
        plugins=[ExerciseMark(), plugin],
    )
    return {"tests": plugin.found, "problems": plugin.problems}


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    with Path(os.devnull).open("w") as quiet, contextlib.redirect_stdout(quiet):
        result = {"judge": judge, "collect": collect}[spec["action"]](spec)
    Path(spec["result"]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
