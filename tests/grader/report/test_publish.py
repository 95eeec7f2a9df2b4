"""Handing the result to GitHub Actions."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from autograding.grader.errors import GradingError
from autograding.grader.report.publish import publish


def test_outside_actions_only_the_text_is_printed() -> None:
    out = io.StringIO()
    publish({}, out, summary="# s\n", text="result\n", commands=["::notice::x"])
    assert out.getvalue() == "result\n"


def test_the_summary_is_appended_to_that_of_the_step(tmp_path: Path) -> None:
    place = tmp_path / "summary"
    place.write_text("before\n")
    publish({"GITHUB_STEP_SUMMARY": str(place)}, io.StringIO(), summary="# s\n", text="result\n")
    assert place.read_text() == "before\n# s\n"


def test_the_log_stands_between_stop_commands_and_the_commands_after_them(tmp_path: Path) -> None:
    out = io.StringIO()
    publish(
        {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")},
        out,
        summary="",
        text="result\n",
        commands=["::notice title=a::b"],
    )
    pattern = r"::stop-commands::([0-9a-f]{32})\nresult\n::\1::\n::notice title=a::b\n"
    assert re.fullmatch(pattern, out.getvalue())


def test_the_score_is_an_output_of_the_step(tmp_path: Path) -> None:
    environment = {
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    publish(environment, io.StringIO(), summary="", text="", outputs={"score": 68.91, "max_score": 70})
    assert (tmp_path / "output").read_text() == "score=68.91\nmax_score=70\n"


def test_the_token_is_another_one_each_time(tmp_path: Path) -> None:
    first, second = io.StringIO(), io.StringIO()
    environment = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    publish(environment, first, summary="", text="")
    publish(environment, second, summary="", text="")
    assert first.getvalue() != second.getvalue()


def test_a_summary_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="step summary"):
        publish({"GITHUB_STEP_SUMMARY": str(tmp_path)}, io.StringIO(), summary="", text="")
