"""Lay out what one grading run uses, in folders of our own, from declared files only.

`package/tinytorch/` is what the worker imports: the files that came with the
repository, those that the student brought along and the student's exported
module, nothing else that may lie in the repository. `trusted/` holds the tests for the judge.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograding.grader.errors import NotebookError
from autograding.grader.files import read_regular, sha256
from autograding.grader.grade import Flag
from autograding.grader.manifest import Manifest


@dataclass(frozen=True)
class Stage:
    package: Path
    trusted: Path


def lay_out(
    repository: Path, manifest: Manifest, source: str, folder: Path
) -> tuple[Stage, tuple[Flag, ...]]:
    """Copy the declared files of `repository` and the exported `source` below `folder`.

    The judge runs the tests, so a test file that is not as rendered is left out:
    what it should have tested is then missing.
    """
    stage = Stage(folder / "package", folder / "trusted")
    flags = [
        *_copy(repository, sorted(manifest.shipped), stage.package, manifest.shipped, "shipped_changed"),
        *_copy(
            repository,
            _test_files(manifest),
            stage.trusted,
            manifest.protected,
            "protected_changed",
            only_unchanged=True,
        ),
    ]
    flags += _brought(repository, manifest, stage.package)
    stage.package.mkdir(parents=True, exist_ok=True)
    stage.trusted.mkdir(parents=True, exist_ok=True)
    target = stage.package / manifest.package_path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source, encoding="utf-8")
    return stage, tuple(flags)


def changed_protected(repository: Path, manifest: Manifest) -> tuple[Flag, ...]:
    """A flag for every protected file that is not as rendered, other than the tests that `lay_out` reads."""
    tests = set(_test_files(manifest))
    flags = []
    for name, expected in sorted(manifest.protected.items()):
        if name not in tests:
            flags += _compare(repository, name, expected, "protected_changed")[1]
    return tuple(flags)


def with_reference(stage: Stage, reference: Mapping[str, bytes], folder: Path) -> Stage:
    """The same stage with our version of what the student brought along. `folder` must not exist."""
    shutil.copytree(stage.package, folder)
    _write(folder, reference)
    return replace(stage, package=folder)


def _brought(repository: Path, manifest: Manifest, target: Path) -> list[Flag]:
    """Copy what the student brought along. What is missing explains itself when it is imported."""
    flags = []
    for name, assignment in sorted(manifest.brought.items()):
        try:
            _write(target, {name: read_regular(repository, name)})
        except FileNotFoundError:
            flags.append(Flag("not_brought", f"{name} of {assignment} is not here"))
        except NotebookError as error:
            flags.append(Flag("not_brought", f"{name}: {error.what}"))
    return flags


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _test_files(manifest: Manifest) -> list[str]:
    """The tests, the checkpoint, and the arrays that these read."""
    files = {test.id.partition("::")[0] for test in manifest.tests if not test.hidden}
    arrays = {name for name in manifest.protected if PurePosixPath(name).match("tests/*.npz")}
    return sorted(files | arrays | ({manifest.checkpoint} if manifest.checkpoint else set()))


def _copy(
    repository: Path,
    names: list[str],
    target: Path,
    expected: dict[str, str],
    kind: str,
    *,
    only_unchanged: bool = False,
) -> list[Flag]:
    flags: list[Flag] = []
    for name in names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            flags.append(Flag(kind, f"{name}: not a path inside the repository"))
            continue
        data, found = _compare(repository, name, expected.get(name), kind)
        flags += found
        if data is not None and not (only_unchanged and found):
            _write(target, {name: data})
    return flags


def _compare(repository: Path, name: str, expected: str | None, kind: str) -> tuple[bytes | None, list[Flag]]:
    try:
        data = read_regular(repository, name)
    except FileNotFoundError:
        return None, [Flag(kind, f"{name} is missing")]
    except NotebookError as error:
        return None, [Flag(kind, f"{name}: {error.what}")]
    return data, [] if sha256(data) == expected else [Flag(kind, f"{name} was changed")]
