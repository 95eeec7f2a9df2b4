"""The result in a terminal and in the log of a workflow."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from autograding.grader.grade import CellFailure, CheckpointResult, Flag, NotebookRun, TestGrade
from autograding.grader.report.console import render_console
from tests.grader.report import samples
from tests.grader.report.samples import MANIFEST
from tests.grader.report.test_text import HOSTILE

HALF = render_console(samples.HALF_DONE, MANIFEST)


def test_the_score_is_the_first_line() -> None:
    assert HALF.startswith("Tensor: 56.67 of 70 points\n")


def test_every_exercise_has_a_line_with_its_points() -> None:
    assert "  01.create Construction and properties      30 / 30   passed\n" in HALF
    assert "  01.matmul Matrix product                26.67 / 40   2 of 3 passed\n" in HALF


def test_a_failed_test_shows_what_was_expected_and_its_hint() -> None:
    assert "    │ expected: array(3, 2) [[1.0, 2.0], …]\n" in HALF
    assert "    Hint: Matrix product sums over the last axis" in HALF


def test_what_is_left_to_do_is_listed() -> None:
    assert "tensor.ipynb stopped at cell 41 (measure-2)" in HALF
    assert "01.q2  no answer yet" in HALF
    assert "Checkpoint: not passed yet" in HALF


def test_a_missing_notebook_is_said() -> None:
    text = render_console(samples.TROUBLED, MANIFEST)
    assert "tensor.ipynb could not be run:" in text
    assert "protected changed: tests/test_tensor.py was changed" in text


@given(HOSTILE)
def test_no_line_can_steer_the_actions_runner(value: str) -> None:
    cell = CellFailure(value, 3, value)
    test = TestGrade(MANIFEST.tests[1].id, "failed", 0, value, value)
    grade = replace(
        samples.HALF_DONE,
        exercises=(replace(samples.MULTIPLIED, title=value, tests=(test,)),),
        checkpoint=CheckpointResult(False, value),
        notebook=NotebookRun(False, cell, (cell,), (cell,)),
        flags=(Flag("kind", value),),
    )
    lines = render_console(grade, MANIFEST).splitlines()
    assert [line for line in lines if line.lstrip().startswith("::") or "##[" in line or "\x1b" in line] == []
