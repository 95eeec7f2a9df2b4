"""A student package on disk and a judge for it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from autograding.grader.judge.run_tests import TestOutcome, run_tests
from autograding.grader.manifest import Limits

QUICK_LIMITS = Limits(call_seconds=1.0, test_seconds=3.0, total_seconds=60.0, memory_mb=1024)

MakePackage = Callable[[str], Path]
Judge = Callable[[str, str], dict[str, TestOutcome]]


@pytest.fixture
def make_package(tmp_path: Path) -> MakePackage:
    """Write the source of a student's `tinytorch/__init__.py`; returns the folder to import it from."""

    def make(source: str) -> Path:
        package = tmp_path / "package" / "tinytorch"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(textwrap.dedent(source))
        return package.parent

    return make


@pytest.fixture
def judge(tmp_path: Path, make_package: MakePackage) -> Judge:
    """Judge a student's source with a test file's source; outcomes by test name."""

    def run(student: str, tests: str) -> dict[str, TestOutcome]:
        trusted = tmp_path / "trusted" / "tests"
        trusted.mkdir(parents=True)
        header = "import numpy as np\nfrom autograding.grader.testing import *\n"
        names = "from autograding.grader.testing import assert_close, assert_equal, exercise, raises\n"
        (trusted / "test_it.py").write_text(header + names + textwrap.dedent(tests))
        found = run_tests(trusted.parent, ["tests/test_it.py"], make_package(student), QUICK_LIMITS)
        return {outcome.id.rpartition("::")[2]: outcome for outcome in found}

    return run
