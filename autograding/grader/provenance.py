"""Where a grade comes from: the commit, and the environment it was made in."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np

from autograding.grader.git import git_line
from autograding.grader.grade import Flag
from autograding.grader.manifest import Manifest
from autograding.grader.worker import sandbox


def head_commit(repository: Path) -> str:
    """The full id of HEAD, or an empty text where there is no commit yet."""
    return git_line(repository, "rev-parse", "--verify", "--quiet", "HEAD")


def commit_flags(repository: Path, manifest: Manifest) -> tuple[Flag, ...]:
    """Flags for a grade that belongs to no commit: none made yet, or the notebook changed since."""
    if not head_commit(repository):
        return (Flag("no_commit", "the repository has no commit yet"),)
    if git_line(repository, "status", "--porcelain", "--", manifest.notebook):
        return (Flag("uncommitted_changes", f"{manifest.notebook} differs from the last commit"),)
    return ()


def environment() -> dict[str, str]:
    """Versions and sandbox kind: what could make two grades of one commit differ."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "sandbox": sandbox.kind(),
    }
