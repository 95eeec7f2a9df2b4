"""Whatever state a repository is in: what is read of it, and how much of it is trusted.

Nothing runs here; `test_run.py` grades a few such repositories as a whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograding.grader.errors import NotebookError
from autograding.grader.files import read_regular
from autograding.grader.grade import Flag
from autograding.grader.manifest import read_manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.provenance import commit_flags
from autograding.grader.stage import changed_protected, lay_out
from autograding.grader.submission import read_submission
from tests.conftest import Checkout

NOTEBOOK = "tensor.ipynb"
DECLARED = [NOTEBOOK, "tests", "tests/test_tensor.py", "tinytorch/__init__.py", ".github"]
Spoil = Callable[[Path], object]


def gone(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def replaced(make: Spoil) -> Spoil:
    def spoil(path: Path) -> None:
        gone(path)
        make(path)

    return spoil


STATES: dict[str, Spoil] = {
    "missing": gone,
    "a folder": replaced(Path.mkdir),
    "a pipe": replaced(os.mkfifo),
    "a device without end": replaced(lambda path: path.symlink_to("/dev/zero")),
    "a link to a folder": replaced(lambda path: path.symlink_to("/etc")),
    "a link to nothing": replaced(lambda path: path.symlink_to("nowhere")),
    "a link to itself": replaced(lambda path: path.symlink_to(path.name)),
    "another file": replaced(lambda path: path.write_bytes(b"\xff\xfe<<<<<<< HEAD\n")),
    "a file of 11 MiB": replaced(lambda path: path.write_bytes(b" " * (11 * 2**20))),
}


def read_whole(repository: Path, folder: Path) -> tuple[tuple[Flag, ...], list[str]]:
    """All flags that reading a repository raises, and the files that tests would be run from."""
    manifest = read_manifest(repository)
    submission = read_submission(repository, manifest)
    source = export_package(submission.notebook, manifest).source
    stage, flags = lay_out(repository, manifest, source, folder)
    trusted = [path.relative_to(stage.trusted).as_posix() for path in stage.trusted.rglob("*.*")]
    protected = changed_protected(repository, manifest)
    return (*submission.flags, *flags, *protected, *commit_flags(repository, manifest)), sorted(trusted)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", DECLARED)
def test_a_declared_file_in_any_state_is_flagged_and_never_trusted(
    name: str, state: str, checkout: Checkout, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    STATES[state](repository / name)
    flags, trusted = read_whole(repository, tmp_path / "stage")
    assert {flag.kind for flag in flags} & {
        "notebook_missing",
        "notebook_unreadable",
        "protected_changed",
        "shipped_changed",
    }
    assert [path for path in trusted if Path(path).is_relative_to(name)] == []


@pytest.fixture
def nobody() -> Iterator[None]:
    """This process as a user who is not root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.mark.parametrize("name", [NOTEBOOK, "tests/test_tensor.py"])
def test_what_may_not_be_read_is_refused_with_a_reason(name: str, nobody: None) -> None:
    folder = Path(tempfile.mkdtemp())
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    (folder / name).chmod(0)
    (folder / name).parent.chmod(0)
    with pytest.raises(NotebookError, match="cannot be read"):
        read_regular(folder, name)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".git", None),
        (".git/HEAD", b"\xff\x00junk"),
        (".git/config", b"[core\n"),
        (".git/objects", None),
        (".git/refs", None),
    ],
)
def test_a_repository_that_git_cannot_read_belongs_to_no_commit(
    path: str, content: bytes | None, checkout: Checkout
) -> None:
    repository = checkout("01_tensor")
    gone(repository / path)
    if content is not None:
        (repository / path).write_bytes(content)
    kinds = [flag.kind for flag in commit_flags(repository, read_manifest(repository))]
    assert kinds in (["no_commit"], ["uncommitted_changes"])


def test_a_changed_notebook_is_known_without_running_the_filters_of_the_repository(
    checkout: Checkout, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    manifest = read_manifest(repository)
    assert commit_flags(repository, manifest) == ()
    settings = {"filter.evil.clean": f"touch {tmp_path / 'it-ran'}; cat", "core.fsmonitor": "touch it-ran"}
    for name, value in settings.items():
        subprocess.run(["git", "config", name, value], cwd=repository, check=True)
    (repository / ".gitattributes").write_text("*.ipynb filter=evil\n")
    (repository / NOTEBOOK).write_bytes((repository / NOTEBOOK).read_bytes() + b"\n")
    assert [flag.kind for flag in commit_flags(repository, manifest)] == ["uncommitted_changes"]
    assert not (tmp_path / "it-ran").exists()
