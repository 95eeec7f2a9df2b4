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

from autograding.grader.errors import ConfigurationError

SCHEMA = "tinytorch-classroom/assignment/v1"
FILENAME = "assignment.json"


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
        raw = json.loads(text)
        if raw.pop("schema", None) != SCHEMA:
            raise ConfigurationError(f"the schema is not {SCHEMA}", where=where, mend="render it again")
        manifest = Manifest(
            **raw
            | {
                "exercises": tuple(Exercise(**item) for item in raw["exercises"]),
                "questions": tuple(Question(**item) for item in raw["questions"]),
                "tests": tuple(ExpectedTest(**item) for item in raw["tests"]),
                "cells": tuple(
                    Cell(**item | {"defines": tuple(item.get("defines", ()))}) for item in raw["cells"]
                ),
                "prerequisites": tuple(raw.get("prerequisites", ())),
                "limits": Limits(**raw.get("limits", {})),
                "allowed_imports": tuple(raw.get("allowed_imports", ())),
                "forbidden": tuple(_forbidden(item) for item in raw.get("forbidden", ())),
            }
        )
        _check_names(manifest)
        return manifest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            f"not a manifest of this course ({type(error).__name__}: {error})",
            where=where,
            mend="restore the file from the starter repository: git checkout origin/HEAD -- " + FILENAME,
        ) from error


def _forbidden(raw: dict[str, Any]) -> Forbidden:
    lists = ("uses", "exercises", "functions")
    return Forbidden(**raw | {name: tuple(raw.get(name, ())) for name in lists})


def _check_names(manifest: Manifest) -> None:
    """Refuse names that would lead out of the folders they belong in. Raises ValueError."""
    if not re.fullmatch(r"tinytorch(\.[a-z_][a-z0-9_]*)+", manifest.package):
        raise ValueError("package is no module of tinytorch")
    if not re.fullmatch(r"[A-Za-z0-9_-]+\.ipynb", manifest.notebook):
        raise ValueError("notebook is no file name")
    if not all(re.fullmatch(r"tinytorch(/[a-z_][a-z0-9_]*)+\.py", path) for path in manifest.brought):
        raise ValueError("brought names what is no module of tinytorch")


def read_manifest(repository: Path) -> Manifest:
    """The manifest of a student repository. Raises ConfigurationError."""
    path = repository / FILENAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "there is no readable manifest here, so this is not an assignment repository",
            where=str(path),
            mend="run the command in the folder that holds assignment.json, or restore that file",
        ) from error
    return decode_manifest(text, str(path))
