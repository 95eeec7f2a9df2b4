"""The student's notebook as it lies in the repository, whatever state it is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograding.grader.errors import NotebookError
from autograding.grader.files import read_regular
from autograding.grader.grade import CellFailure, Flag
from autograding.grader.manifest import Manifest
from autograding.grader.notebook.read import Notebook, read_notebook, structure_flags


@dataclass(frozen=True)
class Submission:
    """The notebook (empty where it could not be read), why not, and what a grader should look at."""

    notebook: Notebook
    failure: CellFailure | None
    flags: tuple[Flag, ...]


def read_submission(repository: Path, manifest: Manifest) -> Submission:
    """Read the notebook of a repository. Whatever is wrong with it becomes part of the answer."""
    try:
        notebook = read_notebook(read_regular(repository, manifest.notebook), manifest.notebook)
    except FileNotFoundError:
        restore = f"git checkout origin/HEAD -- {manifest.notebook}"
        return _unreadable(
            manifest, "notebook_missing", f"there is no {manifest.notebook}; restore it: {restore}"
        )
    except NotebookError as error:
        reason = f"{error.what}. {error.mend}" if error.mend else error.what
        return _unreadable(
            manifest, "notebook_unreadable", f"{manifest.notebook}: {' '.join(reason.split())}"
        )
    return Submission(notebook, None, structure_flags(notebook, manifest))


def _unreadable(manifest: Manifest, kind: str, reason: str) -> Submission:
    return Submission(Notebook(manifest.notebook, ()), CellFailure("", 0, reason), (Flag(kind, reason),))
