"""Where a grade comes from: the commit, and the environment it was made in."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import numpy as np

from autograding.grader.grade import Flag
from autograding.grader.manifest import Manifest
from autograding.grader.worker import sandbox


def head_commit(repository: Path) -> str:
    """The full id of HEAD, or an empty text where there is no commit yet."""
    return _git(repository, "rev-parse", "--verify", "--quiet", "HEAD").strip()


def commit_flags(repository: Path, manifest: Manifest) -> tuple[Flag, ...]:
    """Flags for a grade that belongs to no commit: none made yet, or the notebook changed since."""
    if not head_commit(repository):
        return (Flag("no_commit", "the repository has no commit yet"),)
    if _git(repository, "status", "--porcelain", "--", manifest.notebook).strip():
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


def _git(repository: Path, *arguments: str) -> str:
    """Output of a git command that obeys no configuration of the student's; empty when it fails."""
    options = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.devnull, "-c", "safe.directory=*"]
    clean = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": os.devnull}
    locked = clean | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", *options, "-C", str(repository), *arguments],
            env=locked,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""
