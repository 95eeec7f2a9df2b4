"""`tito module test` at home and `tito grade` in the workflow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.grader.tito.conftest import Tito

pytestmark = pytest.mark.slow


def test_the_result_is_a_table_and_a_low_score_is_no_failure(tito: Tito) -> None:
    answer = tito("module", "test")
    assert answer.status == 0
    assert answer.out.startswith("Tensor: 0 of 70 points\n")
    assert "01.create" in answer.out
    assert "not written yet" in answer.out


def test_the_results_stay_in_a_folder_that_git_ignores(tito: Tito, repository: Path) -> None:
    answer = tito("module", "test")
    assert "Results: grade (" in answer.out
    assert json.loads((repository / "grade/grade.json").read_text())["score"] == 0


def test_the_results_go_where_they_are_wanted(tito: Tito, tmp_path: Path) -> None:
    tito("module", "test", "--output", str(tmp_path / "results"))
    assert (tmp_path / "results/summary.md").read_text().startswith("# Tensor: 0 of 70 points")


def test_in_process_runs_plain_pytest_and_gives_no_grade(tito: Tito) -> None:
    answer = tito("module", "test", "--in-process", "--exercise", "matmul")
    assert answer.status == 1
    assert "this gives no grade" in answer.out
    assert "failed" in answer.out


def test_an_unknown_exercise_is_answered_with_those_there_are(tito: Tito) -> None:
    answer = tito("module", "test", "--in-process", "--exercise", "matmull")
    assert answer.status == 2
    assert "there is no exercise matmull" in answer.err
    assert "create, footprint, arith, matcheck, matmul" in answer.err


def test_a_debugger_needs_in_process(tito: Tito) -> None:
    answer = tito("module", "test", "--pdb")
    assert answer.status == 2
    assert "tito module test --in-process --pdb" in answer.err


def test_the_workflow_gets_summary_and_annotations(tito: Tito, tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    answer = tito(
        "grade", "--output", str(tmp_path / "grade"), variables={"GITHUB_STEP_SUMMARY": str(summary)}
    )
    assert answer.status == 0
    assert summary.read_text().startswith("# Tensor: 0 of 70 points")
    assert "\n::notice title=TinyTorch grade record::{" in answer.out


def test_a_repository_that_cannot_be_graded_says_so_in_the_summary(
    tito: Tito, repository: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary"
    (repository / "assignment.json").write_text("{}")
    answer = tito(
        "grade", "--output", str(tmp_path / "grade"), variables={"GITHUB_STEP_SUMMARY": str(summary)}
    )
    assert answer.status == 1
    assert summary.read_text().startswith("# No grade")
    assert (tmp_path / "grade/summary.md").read_text() == summary.read_text()
    assert "grade record" not in answer.out
