"""What a person sees of a regrade."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from autograding.regrade.model import Chosen, FinalResult, Origin, Problem
from autograding.regrade.progress import (
    SHOWN,
    attention,
    by_commit,
    by_repository,
    shown,
    step_summary,
    summary,
)
from autograding.regrade.stages import Report

EVIL = "x\x1b[2J\n::error::boo"
ANN = Chosen(student="ann@example.org", login="ann", repository="org/01-alpha-ann", commit="a" * 40)
BOB = Chosen(student="bob@example.org", login="bob", repository="org/01-alpha-bob", commit="b" * 40)
ORIGIN = Origin(assignment="01_alpha", course_commit="c" * 40, dirty=False, secret="0123")
RESULT = FinalResult(
    chosen=ANN,
    origin=ORIGIN,
    score=52.5,
    max_score=70,
    exercises={},
    answered=(),
    checkpoint=True,
    sandbox="bubblewrap",
    flags=(),
)
REPORT = Report(ORIGIN, (RESULT,), (Problem(chosen=BOB, why=EVIL),), kept=1)


@pytest.fixture(autouse=True)
def outside_of_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def run_shown(console: Console) -> None:
    with shown(console, "graded", 2, by_repository) as on_done:
        on_done(ANN, RESULT)
        on_done(BOB, Problem(chosen=BOB, why="x"))


def test_a_log_has_a_line_for_each_submission() -> None:
    seen = StringIO()
    run_shown(Console(file=seen))
    assert seen.getvalue().splitlines() == [
        "graded 1 of 2: org/01-alpha-ann at aaaaaaaaaaaa: 52.5 of 70 points",
        "graded 2 of 2: org/01-alpha-bob at bbbbbbbbbbbb: no result",
    ]


def test_a_terminal_has_a_bar() -> None:
    seen = StringIO()
    run_shown(Console(file=seen, force_terminal=True, width=80))
    assert "2/2" in seen.getvalue()
    assert "org/01-alpha-ann" not in seen.getvalue()


def test_in_actions_there_are_lines_also_where_a_terminal_is_pretended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    seen = StringIO()
    run_shown(Console(file=seen, force_terminal=True, no_color=True, width=80))
    assert seen.getvalue().startswith("graded 1 of 2")


def test_the_end_says_how_many_have_a_grade_and_how_many_have_none() -> None:
    expected = "graded finally: 1 (1 of them by an earlier run), without a grade: 1, mean 52.5 points"
    assert summary(REPORT) == expected


def test_what_came_from_elsewhere_steers_no_log() -> None:
    assert attention(REPORT.problems, by_commit) == ["bbbbbbbbbbbb: x ::error::boo"]
    text = step_summary(REPORT)
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("::")] == []


def test_the_summary_of_a_step_names_no_student() -> None:
    """A166."""
    assert "ann" not in step_summary(REPORT)
    assert "bob" not in step_summary(REPORT)


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [Problem(chosen=BOB, why="x")] * (SHOWN + 3)
    assert attention(many, by_repository)[-1] == "... and 3 more"
    assert step_summary(Report(ORIGIN, (), tuple(many))).endswith("- and 3 more\n")
