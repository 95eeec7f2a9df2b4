"""List a module's tests: without running them, for the manifest, or as the judge collected them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograding.grader.errors import ConfigurationError
from autograding.grader.judge.run_tests import run_judge_process
from autograding.grader.manifest import ExpectedTest


def collect_tests(paths: Sequence[Path], root: Path) -> tuple[ExpectedTest, ...]:
    """The tests in `paths`, with the exercise, hint and weight of each; ids relative to `root`.

    Exercises are the short ids that the tests name. Raises ConfigurationError
    for a file that cannot be imported, a test without an exercise or a hint,
    and a weight that is not positive.
    """
    files = [path.resolve().relative_to(root.resolve()).as_posix() for path in paths]
    result = run_judge_process({"action": "collect", "root": str(root.resolve()), "files": files}, 120)
    return listed_tests(result, files)


def listed_tests(collected: dict[str, Any], files: Sequence[str]) -> tuple[ExpectedTest, ...]:
    """The tests of `files` among those that the judge collected. Raises like `collect_tests`."""
    problems = [problem["text"] for problem in collected["problems"] if problem["file"] in files]
    if problems:
        raise ConfigurationError(
            "these tests cannot be imported:\n" + "\n".join(problems), where=", ".join(files)
        )
    return tuple(_expected(test) for test in collected["tests"] if test["id"].partition("::")[0] in files)


def _expected(test: dict[str, Any]) -> ExpectedTest:
    if not test["exercise"] or not test["hint"]:
        raise ConfigurationError(
            f"{test['id']} names no exercise or gives no hint",
            where=test["place"],
            mend='put @exercise("id", hint="…") above it',
        )
    if not test["weight"] > 0:
        raise ConfigurationError(f"the weight of {test['id']} is not positive", where=test["place"])
    return ExpectedTest(test["id"], test["exercise"], test["hint"], float(test["weight"]))
