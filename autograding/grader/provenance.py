"""Where a grade comes from: the commit, and the environment it was made in."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import numpy as np

from autograding.grader.errors import NotebookError
from autograding.grader.files import read_regular, sha256
from autograding.grader.git import git_line
from autograding.grader.grade import Flag
from autograding.grader.manifest import Manifest
from autograding.grader.worker import sandbox


def head_commit(repository: Path) -> str:
    """The full id of HEAD, or an empty text where there is no commit yet."""
    return git_line(repository, "rev-parse", "--verify", "--quiet", "HEAD")


def commit_flags(repository: Path, manifest: Manifest) -> tuple[Flag, ...]:
    """Flags for a grade that belongs to no commit: none made yet, or the notebook changed since."""
    head = head_commit(repository)
    if not head:
        return (Flag("no_commit", "the repository has no commit yet"),)
    if git_line(repository, "rev-parse", "--verify", "--quiet", f"HEAD:{manifest.notebook}") != _blob(
        repository, manifest.notebook, len(head)
    ):
        return (Flag("uncommitted_changes", f"{manifest.notebook} differs from the last commit"),)
    return ()


def _blob(repository: Path, name: str, digits: int) -> str:
    """The id that git would give to a file as it stands, empty where there is none.

    Computed here, because `git status` runs whatever filters the repository's own configuration names.
    """
    try:
        data = read_regular(repository, name)
    except (FileNotFoundError, NotebookError):
        return ""
    blob = b"blob %d\0" % len(data) + data
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest() if digits == 40 else sha256(blob)


def environment() -> dict[str, str]:
    """Versions and sandbox kind: what could make two grades of one commit differ."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "sandbox": sandbox.kind(),
    }
