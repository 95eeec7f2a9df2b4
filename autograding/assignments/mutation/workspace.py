"""The folder in which mutmut works on one module: the package, its tests with their arrays, the settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograding.assignments.mutation.plugin import MEMORY_VARIABLE
from autograding.assignments.sources import hidden_tests, visible_tests
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.lesson import reference_files, write_reference

PROCESSES = 2
# mutmut allows (seconds of the tests alone + TIMEOUT_SECONDS) x TIMEOUT_FACTOR on the clock for one mutant.
# This is for mutants that wait for ever; those that compute for ever meet the plugin's limit much earlier.
TIMEOUT_SECONDS = 5.0
TIMEOUT_FACTOR = 20

_UNWANTED = ("PYTEST_", "PYTHON", "COVERAGE_", "MUTMUT_", "MUTANT_")

_SETTINGS = """\
[tool.mutmut]
source_paths = ["tinytorch"]
only_mutate = [{source}]
pytest_add_cli_args = {options}
pytest_add_cli_args_test_selection = ["tests"]
timeout_constant = {constant}
timeout_multiplier = {factor}
use_git_change_detection = false

# Keeps pytest from looking for settings in the folders above.
[tool.pytest.ini_options]
addopts = ""
"""
_OPTIONS = [
    "--import-mode=importlib",
    "--disable-warnings",
    "-p",
    "no:cacheprovider",
    "-p",
    "autograding.assignments.mutation.plugin",
]


class MutationError(ClassroomError):
    """mutmut did not finish, which says nothing about the tests."""


@dataclass(frozen=True)
class Workspace:
    """A prepared folder, and the file in it that is mutated."""

    folder: Path
    source: str

    @property
    def mutated(self) -> Path:
        """The file in which mutmut keeps all mutants next to each other."""
        return self.folder / "mutants" / self.source

    @property
    def results(self) -> Path:
        """mutmut's exit status of every mutant, by its name."""
        return self.folder / "mutants" / f"{self.source}.meta"


def prepare(course: Course, assignment: Assignment, folder: Path) -> Workspace:
    """A fresh workspace for a module. Raises ClassroomError."""
    tests = [*visible_tests(assignment.tests), *hidden_tests(assignment.tests)]
    if not tests:
        raise ConfigurationError(f"{assignment.id} has no tests", where=str(assignment.tests))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tests").mkdir(parents=True)
    write_reference(reference_files(course.known), folder)
    for path in [*tests, *assignment.tests.glob("*.npz")]:
        shutil.copy(path, folder / "tests" / path.name)
    source = assignment.package.replace(".", "/") + ".py"
    (folder / "pyproject.toml").write_text(settings(source), encoding="utf-8")
    return Workspace(folder, source)


def settings(source: str) -> str:
    """What mutmut and pytest read in the workspace."""
    return _SETTINGS.format(
        source=json.dumps(source),
        options=json.dumps(_OPTIONS),
        constant=TIMEOUT_SECONDS,
        factor=TIMEOUT_FACTOR,
    )


def run_mutmut(workspace: Workspace, memory_mb: int) -> None:
    """Make the mutants and run the tests on each of them. Raises MutationError."""
    log = workspace.folder / "mutmut.log"
    program = "import sys; from mutmut.__main__ import cli; sys.argv[0] = 'mutmut'; cli()"
    command = [sys.executable, "-c", program, "run", "--max-children", str(PROCESSES)]
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            command,
            cwd=workspace.folder,
            env=_environment(memory_mb),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode or not workspace.results.exists():
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-15:]
        raise MutationError(
            "mutmut did not finish:\n" + "\n".join(last),
            where=str(log),
            mend="the module's tests must pass on the reference: run validate_assignments.py first",
        )


def _environment(memory_mb: int) -> dict[str, str]:
    """Without what steers Python and pytest on this machine, and with one thread for each process.

    Python keeps compiled files, whatever it does elsewhere: every test imports the package anew.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    return kept | {
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        MEMORY_VARIABLE: str(memory_mb),
    }
