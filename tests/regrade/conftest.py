"""The small course as material for final grades, a class of it, and a git server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograding.course import Course, load_course
from autograding.regrade.fetch import Access
from autograding.regrade.files import Folder
from autograding.regrade.stages import Options, Report, regrade_class
from tests.assignments.conftest import SMALL_COURSE
from tests.regrade.classroom import SECRET, Classroom, make_classroom
from tests.regrade.server import GitServer, serve

SCORES_ONLY = Options(jobs=2, notebook=False, checkpoint=False)


@dataclass(frozen=True)
class Regraded:
    """A class that has been graded. Read only."""

    classroom: Classroom
    folder: Folder
    report: Report


@pytest.fixture(scope="session")
def small() -> Course:
    """The small course. Read only."""
    return load_course(SMALL_COURSE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serve(tmp_path / "server") as running:
        yield running


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Five students. Read only."""
    return make_classroom(tmp_path_factory.mktemp("classroom"))


@pytest.fixture(scope="session")
def regraded(classroom: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Regraded:
    """The whole class, graded finally."""
    folder = Folder(tmp_path_factory.mktemp("final") / "01_alpha")
    chosen = classroom.chosen("Ann", "bob", "cyd", "dan", "eve")
    report = regrade_class(
        classroom.course,
        classroom.alpha,
        chosen,
        classroom.origin,
        SECRET,
        Access(),
        folder,
        SCORES_ONLY,
    )
    return Regraded(classroom, folder, report)
