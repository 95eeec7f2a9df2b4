"""Rubrics and known bugs that are in order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograding.course import Edit, KnownBug, bugs_of, load_bug, load_course, load_rubric, rubric_of
from autograding.grader.errors import ConfigurationError

VALID = Path(__file__).parent / "valid"
REPOSITORY = Path(__file__).parents[2]


def test_a_rubric_has_five_bands_a_question_best_first() -> None:
    rubric = load_rubric(VALID / "rubric.yml")

    assert [question.id for question in rubric.questions] == ["q1", "q2", "q3"]
    assert [(band.low, band.high) for band in rubric.questions[0].bands] == [
        (9, 10),
        (7, 8),
        (5, 6),
        (3, 4),
        (0, 2),
    ]


def test_a_known_bug_is_what_its_file_says() -> None:
    assert load_bug(VALID / "bug.yml") == KnownBug(
        VALID / "bug.yml",
        "The product is elementwise",
        "matmul",
        "* is elementwise",
        (Edit("return a @ b\n", "return a * b\n"),),
    )


def test_a_bug_of_an_assignment_must_name_one_of_its_exercises(root: Path) -> None:
    bugs = root / "modules" / "02_beta" / "bugs"
    bugs.mkdir()
    shutil.copy(VALID / "bug.yml", bugs / "elementwise.yml")

    assert [bug.exercise for bug in bugs_of(load_course(root).resolve("beta"))] == ["matmul"]


def test_mistakes_in_several_known_bugs_are_reported_together(root: Path) -> None:
    bugs = root / "modules" / "02_beta" / "bugs"
    bugs.mkdir()
    (bugs / "one.yml").write_text("title: [", encoding="utf-8")
    (bugs / "two.yml").write_text("", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"(?s)one\.yml:1: .*two\.yml:1: the file is empty"):
        bugs_of(load_course(root).resolve("beta"))


def test_a_module_without_rubric_is_refused(root: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"rubric\.yml: there is no such file"):
        rubric_of(load_course(root).resolve("beta"))


@pytest.mark.parametrize("name", ["00_setup", "01_tensor"])
def test_the_rubric_and_the_known_bugs_of_a_shipped_module_are_in_order(name: str) -> None:
    assignment = load_course(REPOSITORY).resolve(name)

    assert len(rubric_of(assignment).questions) == len(assignment.questions)
    assert len(bugs_of(assignment)) > 0
