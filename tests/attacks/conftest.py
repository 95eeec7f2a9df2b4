"""A submission to `01_tensor` in three states of honest work, to hide an attack in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograding.course import Course
from autograding.grader.grade import Grade
from autograding.grader.manifest import encode_manifest, read_manifest
from autograding.grader.run import grade_repository
from autograding.rehearsal.students import notebook_with
from tests.conftest import Checkout

ASSIGNMENT = "01_tensor"
NOTEBOOK = "tensor.ipynb"
HONEST_WORK = ("create", "footprint", "reduce")

Change = Callable[[dict[str, Any]], None]
Submit = Callable[..., Grade]


@pytest.fixture
def repository(checkout: Checkout) -> Path:
    """The starter, with short limits so that attacks on time end soon."""
    path = checkout(ASSIGNMENT)
    manifest = read_manifest(path)
    limits = replace(
        manifest.limits, call_seconds=1.5, test_seconds=3.0, cell_seconds=5.0, total_seconds=20.0
    )
    (path / "assignment.json").write_text(encode_manifest(replace(manifest, limits=limits)))
    return path


@pytest.fixture
def honest_notebook(course: Course) -> Callable[..., dict[str, Any]]:
    """The notebook with some exercises solved."""
    assignment = course.resolve(ASSIGNMENT)
    source = assignment.lesson.read_text(encoding="utf-8")

    def make(*exercises: str) -> dict[str, Any]:
        notebook: dict[str, Any] = json.loads(notebook_with(assignment, source, exercises))
        return notebook

    return make


@pytest.fixture
def submit(repository: Path, honest_notebook: Callable[..., dict[str, Any]], tmp_path: Path) -> Submit:
    """Grade a notebook with `exercises` solved and changed by `change`; tests only unless told otherwise."""

    def grade(
        *exercises: str,
        change: Change = lambda _: None,
        notebook: bool = False,
        files: dict[str, str] | None = None,
    ) -> Grade:
        content = honest_notebook(*exercises)
        change(content)
        (repository / NOTEBOOK).write_text(json.dumps(content), encoding="utf-8")
        for name, text in (files or {}).items():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_text(text, encoding="utf-8")
        return grade_repository(repository, tmp_path / "output", notebook=notebook, checkpoint=notebook)

    return grade


def export_cell(source: str) -> dict[str, Any]:
    """A code cell that goes into the package."""
    return {
        "cell_type": "code",
        "id": "payload",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": "#| export\n" + source,
    }


def append(source: str) -> Change:
    """Add an exported cell at the end, where everything is defined."""
    return lambda notebook: notebook["cells"].append(export_cell(source))
