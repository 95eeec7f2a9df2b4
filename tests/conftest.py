"""The course of this repository, rendered once a session, and how its tests spread over workers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from autograding.assignments.render import render_assignment
from autograding.course import Course, load_course
from tests.needs import missing

ROOT = Path(__file__).resolve().parents[1]

Checkout = Callable[[str], Path]

# A slow machine is no failure. `--hypothesis-profile=long` searches long enough to find what is rare.
settings.register_profile("short", deadline=None)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile("short")

# A test an assignment, each as long as many others together. They share nothing: any worker may take any.
SPREAD = "::test_every_assignment_of_this_course_is_proved["


class Scheduling(LoadScopeScheduling):
    """A file goes to one worker, because of its fixtures, but for the tests in SPREAD."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if SPREAD in nodeid else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    return Scheduling(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        there, reason = mark.args
        if not there:
            missing(reason)


class Starters(Mapping[str, Path]):
    """Starter repositories by assignment, each rendered when it is first asked for."""

    def __init__(self, course: Course, folder: Path) -> None:
        self._course = course
        self._folder = folder
        self._paths: dict[str, Path] = {}

    def __getitem__(self, name: str) -> Path:
        if name not in self._paths:
            item = self._course.resolve(name)
            rendered = render_assignment(self._course, item, self._folder / item.slug, reveal_open=True)
            self._paths[name] = rendered.path
        return self._paths[name]

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self._course.assignments)

    def __len__(self) -> int:
        return len(self._course.assignments)


@pytest.fixture(scope="session")
def course() -> Course:
    """The course as it stands in this repository."""
    return load_course(ROOT)


@pytest.fixture(scope="session")
def rendered(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The starter repository of every assignment, by id. Read only."""
    return Starters(course, tmp_path_factory.mktemp("rendered"))


@pytest.fixture
def checkout(rendered: Mapping[str, Path], tmp_path: Path) -> Checkout:
    """A copy of an assignment's starter repository, to work in."""

    def make(assignment: str) -> Path:
        return Path(shutil.copytree(rendered[assignment], tmp_path / "repository", symlinks=True))

    return make
