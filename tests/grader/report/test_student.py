"""The copy of a final grade that a student may have (A162)."""

from __future__ import annotations

import json
from dataclasses import replace

from autograding.grader.grade import encode_grade
from autograding.grader.report.student import students_copy
from tests.grader.report import samples
from tests.grader.report.samples import MANIFEST

COPY = students_copy(samples.FINAL, MANIFEST)


def test_the_copy_has_no_word_of_a_hidden_test() -> None:
    text = encode_grade(COPY)
    assert "odd_shapes" not in text
    assert "Tensor(7, 5)" not in text
    assert "0.25" not in text


def test_the_copy_says_how_many_hidden_tests_of_an_exercise_passed() -> None:
    group = COPY.exercises[1].tests[-1]
    assert (group.id, group.outcome, group.hint) == ("hidden tests", "failed", "")
    assert group.message == "0 of 1 hidden test passed"


def test_scores_and_visible_tests_are_those_of_the_record() -> None:
    assert COPY.score == samples.FINAL.score
    assert COPY.exercises[0] == samples.FINAL.exercises[0]
    assert COPY.exercises[1].tests[:-1] == samples.MULTIPLIED.tests


def test_the_points_of_the_tests_still_add_up() -> None:
    hidden = replace(samples.HIDDEN_FAILURE, outcome="passed", points=13.34, message="")
    exercise = replace(samples.MULTIPLIED, score=40, tests=(*samples.MULTIPLIED.tests, hidden))
    copy = students_copy(replace(samples.FINAL, exercises=(exercise,)), MANIFEST)
    assert sum(test.points for test in copy.exercises[0].tests) == 40


def test_a_grade_without_hidden_tests_is_its_own_copy() -> None:
    assert json.loads(encode_grade(students_copy(samples.FULL, MANIFEST))) == json.loads(
        encode_grade(samples.FULL)
    )
