"""`tito` as a student runs it: a process of its own in a copy of a starter repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

Checkout = Callable[[str], Path]


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


Tito = Callable[..., Answer]


@pytest.fixture
def repository(checkout: Checkout) -> Path:
    """The starter of 01_tensor."""
    return checkout("01_tensor")


@pytest.fixture
def tito(repository: Path) -> Tito:
    """Run one command, by default in the root of the repository."""

    def run(*arguments: str, folder: Path = repository, variables: dict[str, str] | None = None) -> Answer:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        done = subprocess.run(
            [sys.executable, "-m", "autograding.grader.tito.main", *arguments],
            cwd=folder,
            env=environment | (variables or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
