"""A small course of two modules, `01_alpha` and `02_beta`, in a folder that a test may change."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograding.assignments.confidential import secrets_of
from autograding.assignments.leaks import Leak, find_leaks
from autograding.assignments.render import Rendered, render_assignment
from autograding.course import Course, load_course

# The small course has tests of its own, which are material here.
collect_ignore = ["small_course"]

PROJECT = Path(__file__).resolve().parents[2]
SMALL_COURSE = Path(__file__).parent / "small_course"


@dataclass(frozen=True)
class Workshop:
    """A copy of the small course, and where it renders to."""

    root: Path
    output: Path

    @property
    def course(self) -> Course:
        return load_course(self.root)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def render(self, name: str = "alpha", **options: Any) -> Rendered:
        course = self.course
        assignment = course.resolve(name)
        return render_assignment(course, assignment, self.output / assignment.slug, **options)

    def run(
        self, script: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROJECT / "scripts" / script), *arguments, "--root", str(self.root)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=self.root)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    root = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, root)
    return Workshop(root, tmp_path / "output")


@dataclass(frozen=True)
class Suspect:
    """A rendered repository to plant something in and search again."""

    path: Path
    search: Callable[[], tuple[Leak, ...]]

    def write(self, path: str, content: str | bytes) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def change_notebook(self, change: Callable[[dict[str, Any]], None]) -> None:
        file = self.path / "alpha.ipynb"
        notebook = json.loads(file.read_text(encoding="utf-8"))
        change(notebook)
        file.write_text(json.dumps(notebook), encoding="utf-8")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        result = subprocess.run(
            ["git", *identity, *arguments], cwd=self.path, capture_output=True, text=True, check=True
        )
        return result.stdout.strip()


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The small course with `01-alpha` rendered. Copy it before you change it."""
    folder = tmp_path_factory.mktemp("clean")
    shutil.copytree(SMALL_COURSE, folder / "course")
    workshop = Workshop(folder / "course", folder / "output")
    workshop.render()
    return workshop


@pytest.fixture
def suspect(clean: Workshop, tmp_path: Path) -> Suspect:
    path = tmp_path / "01-alpha"
    shutil.copytree(clean.output / "01-alpha", path)
    secrets = secrets_of(clean.course, clean.course.resolve("alpha"), ())
    return Suspect(path, lambda: find_leaks(path, secrets))
