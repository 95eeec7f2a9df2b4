"""Know whether a rendered repository is what a render would make now.

A digest of everything a render reads is kept in the `.git` folder of its result,
where it is neither committed nor pushed.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from autograding.assignments.git import GitError, Repository
from autograding.assignments.sources import GRADER, guarded_folders, source_files
from autograding.course import Course

NOTE = "tinytorch-render.json"
# Packages whose version could change a rendered byte or the ids of the tests.
_PACKAGES = ("jinja2", "jupytext", "nbformat", "numpy", "pytest", "pyyaml")
_OWN_CODE = ("assignments", "course", "grader", "lesson")


def input_digest(course: Course) -> str:
    """A digest of everything a render of any assignment of this course reads.

    All assignments count for each, because the leak check guards them all.
    """
    digest = hashlib.sha256()
    environment = [platform.python_version(), *(f"{name} {version(name)}" for name in _PACKAGES)]
    digest.update("\n".join(environment).encode())
    for label, path in _inputs(course):
        digest.update(f"\0{label}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _inputs(course: Course) -> Iterator[tuple[str, Path]]:
    folders = [(f"code/{name}", GRADER.parent / name) for name in _OWN_CODE]
    folders += [("template", course.root / "template")]
    folders += [(f"{folder.parent.name}/{folder.name}", folder) for folder in guarded_folders(course)]
    for label, folder in folders:
        for path in source_files(folder) if folder.is_dir() else []:
            yield f"{label}/{path.relative_to(folder).as_posix()}", path
    settings = course.root / "classroom.yml"
    if settings.is_file():
        yield "classroom.yml", settings


def unchanged(repository: Path, assignment: str, digest: str) -> str | None:
    """The commit of an earlier render of the same inputs that nothing has touched since."""
    try:
        note = json.loads((repository / ".git" / NOTE).read_text(encoding="utf-8"))
        git = Repository(repository)
        same = note == _note(assignment, digest, git.head() or "")
        return str(note["commit"]) if same and not git.changes(ignored=True) else None
    except (OSError, ValueError, GitError):
        return None


def remember(repository: Path, assignment: str, digest: str, commit: str) -> None:
    """Note in the repository what it was made of."""
    text = json.dumps(_note(assignment, digest, commit), indent=1) + "\n"
    (repository / ".git" / NOTE).write_text(text, encoding="utf-8")


def _note(assignment: str, digest: str, commit: str) -> dict[str, str]:
    return {"assignment": assignment, "inputs": digest, "commit": commit}
