"""The git repositories of a rehearsed class: a copy of the starter, and the student's push."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograding.course import Assignment
from autograding.grader.errors import GradingError
from autograding.grader.git import git_line, run_git
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
    return git_line(path, "rev-parse", "HEAD")


def _git(path: Path, student: RehearsalStudent, when: datetime, *arguments: str) -> None:
    person = {"NAME": student.name, "EMAIL": f"{student.login}@example.org", "DATE": when.isoformat()}
    roles = ("AUTHOR", "COMMITTER")
    signature = {f"GIT_{role}_{key}": text for role in roles for key, text in person.items()}
    done = run_git(path, arguments, extra=signature)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip()
        raise GradingError(f"git {arguments[0]} failed: {said}", where=str(path))
