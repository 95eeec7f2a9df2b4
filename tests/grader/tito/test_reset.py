"""`tito module reset`: back to the starter, and nothing is ever lost."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.grader.tito.conftest import Tito

WORK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'


def git(repository: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A Student", "-c", "user.email=student@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)


def test_the_starter_comes_back_and_the_work_is_kept(tito: Tito, repository: Path) -> None:
    starter = (repository / "tensor.ipynb").read_bytes()
    (repository / "tensor.ipynb").write_text(WORK)
    answer = tito("module", "reset", "--yes")
    assert answer.status == 0
    assert (repository / "tensor.ipynb").read_bytes() == starter
    backups = list((repository / "backups").iterdir())
    assert [path.read_text() for path in backups] == [WORK]
    assert f"Yours is in backups/{backups[0].name}" in answer.out


def test_a_backup_is_named_by_the_time(tito: Tito, repository: Path) -> None:
    tito("module", "reset", "--yes")
    names = [path.name for path in (repository / "backups").iterdir()]
    assert [re.sub(r"\d", "0", name) for name in names] == ["tensor-0000-00-00-000000.ipynb"]


def test_two_resets_in_one_second_keep_both(tito: Tito, repository: Path) -> None:
    tito("module", "reset", "--yes")
    (repository / "tensor.ipynb").write_text(WORK)
    tito("module", "reset", "--yes")
    assert len(list((repository / "backups").iterdir())) == 2


def test_the_starter_is_found_under_later_commits(tito: Tito, repository: Path) -> None:
    starter = (repository / "tensor.ipynb").read_bytes()
    (repository / "tensor.ipynb").write_text(WORK)
    git(repository, "commit", "--all", "--message", "Work")
    assert tito("module", "reset", "--yes").status == 0
    assert (repository / "tensor.ipynb").read_bytes() == starter


def test_backups_are_not_committed_by_accident(tito: Tito, repository: Path) -> None:
    tito("module", "reset", "--yes")
    done = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_a_missing_notebook_comes_back_without_a_backup(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").unlink()
    answer = tito("module", "reset", "--yes")
    assert answer.status == 0
    assert (repository / "tensor.ipynb").is_file()
    assert not (repository / "backups").exists()


def test_without_a_person_to_ask_nothing_is_changed(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").write_text(WORK)
    answer = tito("module", "reset")
    assert answer.status == 1
    assert "uv run tito module reset --yes" in answer.err
    assert (repository / "tensor.ipynb").read_text() == WORK


def test_a_history_without_the_starter_is_explained(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").write_text(WORK)
    git(repository, "checkout", "--quiet", "--orphan", "new")
    git(repository, "commit", "--all", "--message", "Only my work")
    git(repository, "branch", "-D", "main")
    answer = tito("module", "reset", "--yes")
    assert answer.status == 1
    assert "ask your instructor for a fresh copy" in answer.err
    assert (repository / "tensor.ipynb").read_text() == WORK


def test_a_part_of_the_history_is_completed_first(tito: Tito, repository: Path, tmp_path: Path) -> None:
    (repository / "tensor.ipynb").write_text(WORK)
    git(repository, "commit", "--all", "--message", "Work")
    shallow = tmp_path / "shallow"
    git(repository, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(shallow))
    answer = tito("module", "reset", "--yes", folder=shallow)
    assert answer.status == 1
    assert "git fetch --unshallow" in answer.err


def test_a_downloaded_folder_without_git_is_explained(tito: Tito, repository: Path) -> None:
    (repository / ".git").rename(repository.parent / "git")
    answer = tito("module", "reset", "--yes")
    assert answer.status == 1
    assert "clone your repository with git clone" in answer.err


def test_a_backup_that_cannot_be_made_stops_the_reset(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").write_text(WORK)
    (repository / "backups").write_text("a file where the folder should be")
    answer = tito("module", "reset", "--yes")
    assert answer.status == 1
    assert "nothing was changed" in answer.err
    assert (repository / "tensor.ipynb").read_text() == WORK
