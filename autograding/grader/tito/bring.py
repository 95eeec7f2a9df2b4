"""Bring the modules of earlier assignments along, where the course wants students to use their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.manifest import FILENAME, Manifest, read_manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.tito.export import replace_file
from autograding.grader.tito.repository import read_lesson_notebook


@dataclass(frozen=True)
class Brought:
    """One file that this assignment stands on, and what became of it."""

    assignment: str
    path: str
    found: bool
    outcome: str


def bring_along(repository: Path, manifest: Manifest, folders: Sequence[Path]) -> tuple[Brought, ...]:
    """Export each earlier module from its own repository into this one.

    Each of `folders` is such a repository or holds some. A file that is not found is
    left as it is. Raises ConfigurationError for a folder that is not there.
    """
    sources = {manifest.package_path: path for path, manifest in _repositories(folders)}
    return tuple(
        _bring(repository, path, assignment, sources.get(path))
        for path, assignment in sorted(manifest.brought.items(), key=lambda item: item[1])
    )


def _bring(repository: Path, path: str, assignment: str, source: Path | None) -> Brought:
    if source is None:
        return Brought(assignment, path, False, "no repository of it was found")
    try:
        manifest = read_manifest(source)
        result = export_package(read_lesson_notebook(source, manifest), manifest)
    except ClassroomError as error:
        return Brought(assignment, path, False, str(error))
    replace_file(repository / path, result.source.encode())
    broken = "".join(f"; cell {cell.position} does not compile and was left out" for cell in result.broken)
    return Brought(assignment, path, True, f"from {source}{broken}")


def _repositories(folders: Iterable[Path]) -> Iterable[tuple[Path, Manifest]]:
    """The assignment repositories in these folders; what cannot be read is none."""
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(
                "there is no such folder", where=str(folder), mend="name a folder with your repositories"
            )
        inside = [folder] if (folder / FILENAME).is_file() else sorted(folder.glob("*/"))
        for path in inside:
            try:
                yield path, read_manifest(path)
            except ConfigurationError:
                continue
