"""Find the starter notebook again and put it back without losing anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograding.grader.errors import GradingError, NotebookError
from autograding.grader.manifest import Manifest
from autograding.grader.notebook.read import read_notebook
from autograding.grader.tito.export import replace_file
from autograding.grader.tito.repository import git, git_line

BACKUPS = "backups"


def find_starter(repository: Path, manifest: Manifest) -> bytes:
    """The starter notebook, out of the history of the repository. Raises GradingError.

    The oldest committed version whose cells are exactly the stubs and placeholders
    of the manifest: so it is found whatever the commits are called, and never
    taken from a version that somebody has worked on.
    """
    log = git(repository, "log", "--reverse", "--format=%H", "HEAD", "--remotes", "--", manifest.notebook)
    if log is None and git_line(repository, "rev-parse", "--git-dir"):
        log = b""
    if log is None:
        raise GradingError(
            "the starter notebook stands in the git history, and this folder has none",
            where=str(repository),
            mend="clone your repository with git clone, and copy your notebook into the clone",
        )
    for commit in log.decode().split():
        data = git(repository, "cat-file", "blob", f"{commit}:{manifest.notebook}")
        if data is not None and is_starter(data, manifest):
            return data
    shallow = git_line(repository, "rev-parse", "--is-shallow-repository") == "true"
    raise GradingError(
        "the starter notebook is not in the git history that is here",
        where=str(repository),
        mend="this clone has only part of the history, fetch the rest: git fetch --unshallow"
        if shallow
        else "ask your instructor for a fresh copy of the assignment; your notebook was left as it is",
    )


def is_starter(data: bytes, manifest: Manifest) -> bool:
    """Whether every exercise and answer cell of this notebook is as it was handed out."""
    try:
        cells = read_notebook(data, manifest.notebook).cells
    except NotebookError:
        return False
    sources = {cell.id: cell.source.strip() for cell in cells}
    return all(sources.get(cell.id) == cell.stub.strip() for cell in manifest.cells if cell.stub)


def restore_starter(repository: Path, manifest: Manifest, starter: bytes, now: datetime) -> str | None:
    """Put the starter notebook in place; returns where the student's own is kept, if there was one."""
    path = repository / manifest.notebook
    if path.is_dir() and not path.is_symlink():
        raise GradingError("this is a folder; move it away", where=manifest.notebook)
    backup = _keep(path, repository / BACKUPS, now) if path.exists() or path.is_symlink() else None
    replace_file(path, starter)
    return str(backup.relative_to(repository)) if backup else None


def _keep(path: Path, folder: Path, now: datetime) -> Path:
    try:
        data = path.read_bytes()
        folder.mkdir(exist_ok=True)
        for number in range(1, 1000):
            name = f"{path.stem}-{now:%Y-%m-%d-%H%M%S}{f'-{number}' if number > 1 else ''}{path.suffix}"
            try:
                with (folder / name).open("xb") as file:
                    file.write(data)
            except FileExistsError:
                continue
            return folder / name
    except OSError as error:
        raise GradingError(
            f"a backup of your notebook cannot be made ({error.strerror}), so nothing was changed",
            where=str(folder),
        ) from error
    raise GradingError("there are too many backups of this second", where=str(folder), mend="try again")
