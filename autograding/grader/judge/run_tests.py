"""Start the judge in a process of its own and read what it saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from autograding.grader.errors import GradingError
from autograding.grader.manifest import Limits
from autograding.grader.worker import sandbox

UNTRUSTED_NAMES = ("PYTEST_", "PYTHON", "COVERAGE_", "GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_")


@dataclass(frozen=True)
class TestOutcome:
    """One test that ran. `outcome`: passed, failed or error; `message` is for the student."""

    __test__ = False

    id: str
    outcome: str
    message: str
    seconds: float


@dataclass(frozen=True)
class Judged:
    """What came out, and in `collected` which tests there were, for `collect.listed_tests`."""

    outcomes: tuple[TestOutcome, ...]
    collected: dict[str, Any]


class Judge(Protocol):
    """Runs the test `files` below the trusted folder `root` against the package in `package`."""

    def __call__(
        self, root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str = ""
    ) -> Judged: ...


def run_tests(
    root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str = ""
) -> tuple[TestOutcome, ...]:
    """Judge the package in `package` with the test `files` below the trusted folder `root`.

    Raises GradingError when the judge did not finish, which is never the
    student's doing.
    """
    return judge_package(root, files, package, limits, seed).outcomes


def judge_package(root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str = "") -> Judged:
    """Like `run_tests`, and keep what was collected, for files that no manifest lists."""
    spec = {"action": "judge", **specification(root, files, package, limits, seed)}
    return judged(run_judge_process(spec, limits.total_seconds + limits.test_seconds))


def specification(
    root: Path, files: Sequence[str], package: Path, limits: Limits, seed: str
) -> dict[str, Any]:
    """What a `Judge` was asked, for another process."""
    return {
        "root": str(root),
        "files": list(files),
        "package": str(package),
        "limits": asdict(limits),
        "seed": seed,
    }


def judged(result: dict[str, Any]) -> Judged:
    """The result of the judge's process."""
    return Judged(tuple(_outcome(test) for test in result["tests"]), result["collected"])


def _outcome(test: dict[str, Any]) -> TestOutcome:
    stages = [test[stage] for stage in ("setup", "call", "teardown") if stage in test]
    called = test.get("call", {}).get("outcome")
    clean = all(stage["outcome"] == "passed" for stage in stages)
    outcome = "passed" if called == "passed" and clean else "failed" if called == "failed" else "error"
    message = test.get("metadata", {}).get("message", "")
    return TestOutcome(test["nodeid"], outcome, message, sum(stage["duration"] for stage in stages))


def run_judge_process(spec: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Run `process.py` on `spec` and return its result. Raises GradingError when there is none."""
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, *sandbox.PYTHON_FLAGS, "-m", "autograding.grader.judge.process"],
                cwd=folder,
                env=trusted_environment(),
                input=json.dumps(spec).encode(),
                capture_output=True,
                timeout=seconds + 30,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GradingError(f"the tests took more than {seconds:g} seconds together") from error
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        detail = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise GradingError("the judge did not finish: " + " | ".join(detail)) from error
    return result


def trusted_environment() -> dict[str, str]:
    """The environment of our own processes: without what could steer Python or pytest."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNTRUSTED_NAMES)}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        **sandbox.limited_threads(1),
        **sandbox.handed_on(),
    }
