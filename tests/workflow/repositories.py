"""Student repositories as they are pushed: with an origin, and with cells filled in from the lesson."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Any

from autograding.course import Assignment
from autograding.lesson import read_lesson


def git(repository: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A Student", "-c", "user.email=student@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=repository, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def add_origin(repository: Path, bare: Path) -> None:
    """Give the repository an origin and push to it."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    git(repository, "remote", "add", "origin", str(bare))
    git(repository, "push", "--quiet", "--set-upstream", "origin", "HEAD")


def push(repository: Path, message: str = "Work") -> str:
    """Commit everything and push; returns the commit."""
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", message)
    git(repository, "push", "--quiet", "origin", "HEAD")
    return git(repository, "rev-parse", "HEAD")


def solve(repository: Path, assignment: Assignment, exercises: Collection[str]) -> None:
    """Put the reference solution of these exercises (short ids) into the notebook."""
    lesson = read_lesson(assignment.lesson)
    solved = {cell.id: cell.source for cell in lesson.cells if cell.exercise in exercises}
    path = repository / f"{assignment.lesson.stem}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and cell["id"] in solved:
            cell["source"] = _without_markers(solved[cell["id"]])
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def solve_all(repository: Path, assignment: Assignment) -> None:
    solve(repository, assignment, {item.id.partition(".")[2] for item in assignment.exercises})


def _without_markers(source: str) -> str:
    markers = ("### BEGIN SOLUTION", "### END SOLUTION")
    return "\n".join(line for line in source.split("\n") if line.strip() not in markers)
