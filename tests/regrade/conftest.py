"""The small course as material for final grades, and a git server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograding.course import Course, load_course
from tests.assignments.conftest import SMALL_COURSE
from tests.regrade.server import GitServer, serve


@pytest.fixture(scope="session")
def small() -> Course:
    """The small course. Read only."""
    return load_course(SMALL_COURSE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serve(tmp_path / "server") as running:
        yield running
