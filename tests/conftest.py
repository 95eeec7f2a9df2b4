"""The course of this repository, rendered once a session."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograding.assignments.render import render_assignment
from autograding.course import Course, load_course

ROOT = Path(__file__).resolve().parents[1]

Checkout = Callable[[str], Path]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course as it stands in this repository."""
    return load_course(ROOT)


@pytest.fixture(scope="session")
def rendered(course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The starter repository of every assignment, by id. Read only."""
    folder = tmp_path_factory.mktemp("rendered")
    return {
        item.id: render_assignment(course, item, folder / item.slug, reveal_open=True).path
        for item in course.assignments
    }


@pytest.fixture
def checkout(rendered: dict[str, Path], tmp_path: Path) -> Checkout:
    """A copy of an assignment's starter repository, to work in."""

    def make(assignment: str) -> Path:
        return Path(shutil.copytree(rendered[assignment], tmp_path / "repository", symlinks=True))

    return make
