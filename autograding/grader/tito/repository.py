"""The student repository that a command runs in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograding.grader.errors import ConfigurationError, GradingError, NotebookError
from autograding.grader.files import read_regular
from autograding.grader.manifest import FILENAME, Manifest, read_manifest
from autograding.grader.notebook.read import Notebook, read_notebook


def find_repository(start: Path) -> Path:
    """The folder with the manifest: `start` or the nearest one above it. Raises ConfigurationError."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILENAME).is_file():
            return folder
    raise ConfigurationError(
        f"there is no {FILENAME} in this folder or above it, so this is not an assignment repository",
        where=str(start),
        mend="change into the folder of your assignment (cd 01-tensor) and try again",
    )


def open_repository(start: Path, name: str | None) -> tuple[Path, Manifest]:
    """The repository around `start` and its manifest; `name`, when given, must mean this assignment."""
    repository = find_repository(start)
    manifest = read_manifest(repository)
    if name is not None and name.lower() not in assignment_names(manifest):
        raise ConfigurationError(
            f"this repository is {manifest.assignment}, not {name}",
            where=str(repository),
            mend=f"leave the name out, or change into the repository of {name}",
        )
    return repository, manifest


def assignment_names(manifest: Manifest) -> frozenset[str]:
    """How people call an assignment: 01_tensor, 01-tensor, 01, 1, tensor."""
    full = manifest.assignment.lower()
    number, _, short = full.partition("_")
    plain = {str(int(number))} if number.isdecimal() else set()
    return frozenset({full, full.replace("_", "-"), number, short} | plain) - {""}


def read_lesson_notebook(repository: Path, manifest: Manifest) -> Notebook:
    """The student's notebook. Raises NotebookError."""
    try:
        data = read_regular(repository, manifest.notebook)
    except FileNotFoundError as error:
        raise NotebookError(
            "the notebook of this assignment is missing",
            where=manifest.notebook,
            mend="uv run tito module reset puts the starter version there",
        ) from error
    return read_notebook(data, manifest.notebook)


def git(repository: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def git_line(repository: Path, *arguments: str) -> str:
    """The one line git prints; empty where it fails."""
    return (git(repository, *arguments) or b"").decode("utf-8", errors="replace").strip()


def require_posix() -> None:
    """Grading needs process groups and limits that Windows does not have."""
    if sys.platform == "win32":
        raise GradingError(
            "grading does not run on Windows itself",
            mend="work in Codespaces, or in WSL (wsl --install), where everything runs as on GitHub",
        )
