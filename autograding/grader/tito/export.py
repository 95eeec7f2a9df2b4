"""Write the package file of an assignment from its notebook."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograding.grader.errors import GradingError
from autograding.grader.files import read_regular
from autograding.grader.grade import CellFailure
from autograding.grader.manifest import Manifest, read_manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.tito.repository import read_lesson_notebook


@dataclass(frozen=True)
class Exported:
    """The package file (relative to the repository), whether it changed, and the cells left out."""

    path: str
    changed: bool
    broken: tuple[CellFailure, ...]


def export_to_package(repository: Path) -> Exported:
    """Export the notebook, as a whole or not at all. Raises NotebookError."""
    manifest = read_manifest(repository)
    result = export_package(read_lesson_notebook(repository, manifest), manifest)
    data = result.source.encode()
    changed = exported_source(repository, manifest) != data
    if changed:
        replace_file(repository / manifest.package_path, data)
    return Exported(manifest.package_path, changed, result.broken)


def exported_source(repository: Path, manifest: Manifest) -> bytes | None:
    """The package file as it stands, or None where there is none."""
    try:
        return read_regular(repository, manifest.package_path)
    except FileNotFoundError:
        return None


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` into `path` so that no reader ever sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GradingError(
            f"the file cannot be written ({error.strerror})",
            where=str(path),
            mend="check that the disk is not full and that the folder is yours",
        ) from error
