"""`tito module status`: what is done and what is left."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograding.grader.tito.progress import due
from tests.grader.tito.conftest import Tito

NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)


def change_cell(repository: Path, cell_id: str, text: str) -> None:
    path = repository / "tensor.ipynb"
    notebook = json.loads(path.read_text())
    cell = next(cell for cell in notebook["cells"] if cell["id"] == cell_id)
    cell["source"] = text
    path.write_text(json.dumps(notebook))


def line_of(text: str, start: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start))


def git(repository: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A Student", "-c", "user.email=student@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)


def test_the_starter_has_nothing_written_answered_or_exported(tito: Tito) -> None:
    out = tito("module", "status").out
    assert line_of(out, "01.matmul").endswith("12 points  not written yet")
    assert line_of(out, "01.q1").endswith("no answer yet")
    assert line_of(out, "tinytorch/core/tensor.py").endswith("not exported yet: uv run tito module export")


def test_a_changed_cell_counts_as_written(tito: Tito, repository: Path) -> None:
    change_cell(repository, "footprint", "#| export\nclass Tensor(Tensor):\n    pass\n")
    assert line_of(tito("module", "status").out, "01.footprint").endswith("written")


def test_a_deleted_cell_is_named(tito: Tito, repository: Path) -> None:
    path = repository / "tensor.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "footprint"]
    path.write_text(json.dumps(notebook))
    assert line_of(tito("module", "status").out, "01.footprint").endswith("cell footprint is missing")


def test_an_answer_is_counted_in_words(tito: Tito, repository: Path) -> None:
    change_cell(repository, "q1", "It moves twelve bytes.")
    assert line_of(tito("module", "status").out, "01.q1").endswith("4 words")


def test_an_export_is_up_to_date_until_the_notebook_changes(tito: Tito, repository: Path) -> None:
    tito("module", "export")
    assert line_of(tito("module", "status").out, "tinytorch/core/tensor.py").endswith("up to date")
    change_cell(repository, "footprint", "#| export\nanswer = 42\n")
    stale = "older than your notebook: uv run tito module export"
    assert line_of(tito("module", "status").out, "tinytorch/core/tensor.py").endswith(stale)


def test_work_that_is_not_committed_is_said(tito: Tito, repository: Path) -> None:
    change_cell(repository, "q1", "An answer.")
    assert "tensor.ipynb has changed" in line_of(tito("module", "status").out, "commit")


def test_commits_that_are_not_pushed_are_counted(tito: Tito, repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(repository, "push", "--quiet", "--set-upstream", "origin", "HEAD")
    assert line_of(tito("module", "status").out, "push").endswith("pushed")
    change_cell(repository, "q1", "An answer.")
    git(repository, "commit", "--all", "--message", "Answer")
    assert line_of(tito("module", "status").out, "push").endswith("1 commit not pushed: git push")


def test_a_repository_without_a_remote_says_how_to_push(tito: Tito) -> None:
    assert line_of(tito("module", "status").out, "push").endswith("git push -u origin HEAD")


def test_a_notebook_that_cannot_be_read_is_a_row(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").write_text("")
    answer = tito("module", "status")
    assert answer.status == 0
    assert "the file is empty" in line_of(answer.out, "tensor.ipynb")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, "no due date"),
        ("2026-09-25T23:59:00+02:00", "2026-09-25 23:59 (UTC+02:00), in 5 days"),
        ("2026-09-20T15:30:00+00:00", "2026-09-20 15:30 (UTC), in 3 hours"),
        ("2026-09-20T12:01:00+00:00", "2026-09-20 12:01 (UTC), in 1 minute"),
        ("2026-09-18T12:00:00+00:00", "2026-09-18 12:00 (UTC), 2 days ago"),
        ("next week", "next week"),
    ],
)
def test_the_due_date_says_how_far_away_it_is(moment: str | None, text: str) -> None:
    assert due(moment, NOW) == text
