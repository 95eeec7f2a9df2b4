"""The git repositories of a rehearsed class: a copy of the starter, and the student's push."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograding.course import Assignment
from autograding.grader.errors import GradingError
from autograding.rehearsal.students import RehearsalStudent

WORKFLOW = ".github/workflows/autograde.yml"
TAMPERING = "\n# every student gets full marks\n"


@dataclass(frozen=True)
class StudentRepository:
    """A student's repository on disk. `pushed_at` is None for one who never pushed."""

    student: RehearsalStudent
    assignment: Assignment
    path: Path
    pushed_at: datetime | None

    @property
    def name(self) -> str:
        return self.path.name


def make_repository(
    starter: Path,
    notebook: str,
    assignment: Assignment,
    student: RehearsalStudent,
    folder: Path,
    due: datetime,
) -> StudentRepository:
    """Clone the rendered `starter` for a student and commit what they do, with the push's time."""
    path = folder / f"{assignment.slug}-{student.login}"
    shutil.copytree(starter, path, symlinks=True)
    behaviour = student.behaviour
    if not behaviour.pushes:
        return StudentRepository(student, assignment, path, None)
    pushed_at = due + behaviour.pushed
    if behaviour.write is not None:
        (path / notebook).write_text(
            behaviour.write(assignment, assignment.lesson.read_text(encoding="utf-8")), encoding="utf-8"
        )
    if behaviour.tampers:
        with (path / WORKFLOW).open("a", encoding="utf-8") as workflow:
            workflow.write(TAMPERING)
    _git(path, student, pushed_at, "add", "--all")
    _git(path, student, pushed_at, "commit", "--quiet", "--allow-empty", "--message", "My work")
    return StudentRepository(student, assignment, path, pushed_at)


def head(path: Path) -> str:
    """The commit id of a repository's HEAD."""
    return _run(path, ["rev-parse", "HEAD"], {}).strip()


def _git(path: Path, student: RehearsalStudent, when: datetime, *arguments: str) -> None:
    person = {"NAME": student.name, "EMAIL": f"{student.login}@example.org", "DATE": when.isoformat()}
    roles = ("AUTHOR", "COMMITTER")
    _run(path, list(arguments), {f"GIT_{role}_{key}": text for role in roles for key, text in person.items()})


def _run(path: Path, arguments: list[str], extra: dict[str, str]) -> str:
    clean = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-c", "gc.auto=0", "-C", str(path), *arguments],
        env=clean | extra,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise GradingError(f"git {arguments[0]} failed: {done.stderr.strip()}", where=str(path))
    return done.stdout
