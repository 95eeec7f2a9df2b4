"""The manifest `assignment.json`: what a rendered repository is graded against.

Written by the renderer, read by the grader. It decides what counts: a test
that is not listed earns nothing, a listed test that did not run earns 0.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograding.grader.errors import ConfigurationError, NotebookError
from autograding.grader.files import read_regular
from autograding.grader.typed import parse_json, read_typed

SCHEMA = "tinytorch-classroom/assignment/v1"
FILENAME = "assignment.json"
DAY = 86_400


@dataclass(frozen=True)
class Exercise:
    """A scored piece of code. `id` is qualified by the assignment's number: `01.matmul`."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class Question:
    """A written answer, scored by a grader. `cell` is the id of the answer's Markdown cell."""

    id: str
    title: str
    points: float
    cell: str


@dataclass(frozen=True)
class ExpectedTest:
    """A test that must run. `id` is pytest's node id relative to the repository."""

    id: str
    exercise: str
    hint: str
    weight: float = 1.0
    hidden: bool = False


@dataclass(frozen=True)
class Cell:
    """A code cell of the lesson that the grader knows by its id.

    `role` is `export` (goes into the package), `check` (plain asserts for the
    student, may fail without stopping the notebook) or `parameters`. `stub` is the
    rendered source of an export cell, put in place of one that does not compile;
    `defines` are the qualified names it defines, such as `Tensor.reshape`.
    """

    id: str
    role: str
    exercise: str | None = None
    defines: tuple[str, ...] = ()
    stub: str = ""


@dataclass(frozen=True)
class Forbidden:
    """What some code must do without, and why, in words for the student and the grader.

    `uses` are constructs as `notebook/rules.py` knows them: `numpy.dot`, `.dot`, `@`,
    `for`. The rule holds in the code of the `exercises` (qualified ids) and of the
    `functions` (`Tensor.matmul`), or in the whole module where neither is named.
    """

    uses: tuple[str, ...]
    because: str
    exercises: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Limits of one grading run, in seconds and MiB.

    `total_seconds` bounds all tests together, and the notebook.
    """

    call_seconds: float = 5.0
    test_seconds: float = 20.0
    cell_seconds: float = 60.0
    total_seconds: float = 180.0
    memory_mb: int = 2048


@dataclass(frozen=True)
class Manifest:
    """One rendered assignment.

    `package` is the dotted module the notebook exports to; `allowed_imports` are the
    packages it may import (any, where there are none); `shipped` maps each
    file of `tinytorch/` that came with the repository to its sha256; `brought` names
    the files of it that the student brings along, each with its assignment; `protected`
    maps each protected file to its sha256 and `trees` each protected top-level
    folder or file to its git object id.
    """

    assignment: str
    number: str
    title: str
    notebook: str
    package: str
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    tests: tuple[ExpectedTest, ...]
    cells: tuple[Cell, ...]
    checkpoint: str | None = None
    due: str | None = None
    prerequisites: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    allowed_imports: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    shipped: dict[str, str] = field(default_factory=dict)
    brought: dict[str, str] = field(default_factory=dict)
    protected: dict[str, str] = field(default_factory=dict)
    trees: dict[str, str] = field(default_factory=dict)

    @property
    def max_score(self) -> float:
        """The automatic points of the assignment (70 for a module)."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def package_path(self) -> str:
        """Where the exported package file stands: `tinytorch/core/tensor.py`."""
        return self.package.replace(".", "/") + ".py"


def encode_manifest(manifest: Manifest) -> str:
    """The manifest as JSON text; equal manifests give equal text."""
    return json.dumps({"schema": SCHEMA} | asdict(manifest), indent=1, ensure_ascii=False) + "\n"


def decode_manifest(text: str, where: str = FILENAME) -> Manifest:
    """Read a manifest. Raises ConfigurationError where it is not one of ours."""
    try:
        raw = parse_json(text)
        if not isinstance(raw, dict) or raw.pop("schema", None) != SCHEMA:
            raise ConfigurationError(f"the schema is not {SCHEMA}", where=where, mend="render it again")
        manifest = read_typed(Manifest, raw)
        _check(manifest)
        return manifest
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"not a manifest of this course ({type(error).__name__}: {error})",
            where=where,
            mend="restore the file from the starter repository: git checkout origin/HEAD -- " + FILENAME,
        ) from error


def _check(manifest: Manifest) -> None:
    """Refuse names that would lead out of the folders they belong in, and points that are none.

    Raises ValueError.
    """
    if not re.fullmatch(r"tinytorch(\.[a-z_][a-z0-9_]*)+", manifest.package):
        raise ValueError("package is no module of tinytorch")
    if not re.fullmatch(r"[A-Za-z0-9_-]+\.ipynb", manifest.notebook):
        raise ValueError("notebook is no file name")
    if not all(re.fullmatch(r"tinytorch(/[a-z_][a-z0-9_]*)+\.py", path) for path in manifest.brought):
        raise ValueError("brought names what is no module of tinytorch")
    names = [manifest.assignment, manifest.number, *(item.id for item in manifest.exercises)]
    names += [item.id for item in manifest.questions]
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", name) for name in names):
        raise ValueError("an id has other characters than letters, digits, '_', '.' and '-'")
    points = [*(item.points for item in manifest.exercises), *(item.points for item in manifest.questions)]
    if not all(item > 0 for item in points):
        raise ValueError("points must be greater than 0")
    if not all(test.weight > 0 for test in manifest.tests):
        raise ValueError("the weight of a test must be greater than 0")
    limits = manifest.limits
    seconds = (limits.call_seconds, limits.test_seconds, limits.cell_seconds, limits.total_seconds)
    if not all(0 < limit <= DAY for limit in seconds):
        raise ValueError("a limit in seconds is greater than 0 and at most a day")
    if not 0 < limits.memory_mb <= 2**20:
        raise ValueError("memory_mb is from 1 to 1048576")


def read_manifest(repository: Path) -> Manifest:
    """The manifest of a student repository. Raises ConfigurationError."""
    where = str(repository / FILENAME)
    try:
        text = read_regular(repository, FILENAME).decode("utf-8")
    except (OSError, UnicodeDecodeError, NotebookError) as error:
        raise ConfigurationError(
            "there is no readable manifest here, so this is not an assignment repository",
            where=where,
            mend="run the command in the folder that holds assignment.json, or restore that file",
        ) from error
    return decode_manifest(text, where)
