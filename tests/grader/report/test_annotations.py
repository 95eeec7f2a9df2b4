"""The annotations of a run: the record that is collected and the points notice that tools look for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograding.grader.errors import GradingError
from autograding.grader.grade import Flag
from autograding.grader.report.annotations import annotations, notice
from tests.grader.report import samples

PREFIX = "::notice title=TinyTorch grade record::"


def test_the_record_comes_first_and_is_the_one_that_is_collected() -> None:
    first = annotations(samples.HALF_DONE)[0]
    assert first.startswith(PREFIX)
    record = json.loads(first.removeprefix(PREFIX))
    assert record["score"] == 56.67
    assert record["exercises"] == {"01.create": 30, "01.matmul": 26.67}
    assert record["commit"] == samples.HALF_DONE.commit


def test_the_points_notice_is_what_github_classroom_read() -> None:
    assert annotations(samples.FULL)[1:] == [
        "::notice title=Autograding complete::Points 70/70",
        '::notice title=Autograding report::{"totalPoints":70,"maxPoints":70}',
    ]


def test_points_that_are_not_whole_are_rounded() -> None:
    assert annotations(samples.HALF_DONE)[1] == "::notice title=Autograding complete::Points 56.67/70"


def test_an_annotation_is_one_line() -> None:
    assert [line for line in annotations(samples.TROUBLED) if "\n" in line] == []


def test_equal_grades_give_equal_annotations() -> None:
    assert annotations(samples.HALF_DONE) == annotations(replace(samples.HALF_DONE))


def test_a_record_that_github_would_cut_is_refused() -> None:
    flags = tuple(Flag(f"kind_{number}", "") for number in range(600))
    with pytest.raises(GradingError, match="GitHub keeps 4096"):
        annotations(replace(samples.HALF_DONE, flags=flags))


def test_a_notice_cannot_be_broken_by_its_text() -> None:
    assert notice("a,b:c", "50%\n::error::x") == "::notice title=a%2Cb%3Ac::50%25%0A::error::x"
