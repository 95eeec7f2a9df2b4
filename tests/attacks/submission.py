"""Lay the submission of a case into a repository, one small step for each part it may have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograding.course import Assignment
from autograding.grader.manifest import FILENAME, encode_manifest, read_manifest
from autograding.rehearsal.students import all_done, notebook_with
from tests.attacks.case import Case

SETUP = ("git config user.name Student", "git config user.email student@example.org")


def submit(case: Case, assignment: Assignment, repository: Path) -> None:
    """Make the repository what the case says: solved exercises, changed by its parts in this order."""
    manifest = read_manifest(repository)
    if case.limits:
        limits = replace(manifest.limits, **case.limits)
        (repository / FILENAME).write_text(encode_manifest(replace(manifest, limits=limits)))
    target = repository / manifest.notebook
    whole = case.folder / "notebook.ipynb"
    target.write_bytes(whole.read_bytes() if whole.is_file() else _notebook(case, assignment))
    if (case.folder / "files").is_dir():
        shutil.copytree(case.folder / "files", repository, symlinks=True, dirs_exist_ok=True)
    if case.commands:
        environment = os.environ | {"CASE": str(case.folder)}
        script = "\n".join([*SETUP, *case.commands])
        subprocess.run(["bash", "-euc", script], cwd=repository, env=environment, check=True)


def _notebook(case: Case, assignment: Assignment) -> bytes:
    source = assignment.lesson.read_text(encoding="utf-8")
    made = (
        all_done(assignment, source)
        if case.solved == "all"
        else notebook_with(assignment, source, case.solved)
    )
    notebook: dict[str, Any] = json.loads(made)
    notebook["cells"] += [_cell(f"case-{number}", given) for number, given in enumerate(case.cells)]
    notebook["metadata"] |= case.metadata
    if (case.folder / "payload.py").is_file():
        notebook["cells"].append(_cell("payload", {"source": "#| export\n" + _payload(case)}))
    return json.dumps(notebook).encode()


def _payload(case: Case) -> str:
    return (case.folder / "payload.py").read_text(encoding="utf-8")


def _cell(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """A cell of which `case.yml` says only what matters."""
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": ""} | given
    if cell["cell_type"] == "code":
        cell = {"execution_count": None, "outputs": []} | cell
    return cell
