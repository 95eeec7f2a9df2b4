"""The grade for the course: parts, what is not there yet, and what does not count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from autograding.gradebook.course_grade import grade_course
from autograding.gradebook.policy import Policy, grade_everyone
from autograding.gradebook.weights import stakes

from .conftest import DUE, RULE, Assignment, excused, final_graded, observed, overridden, scored, stored

WEIGHTS = {"modules": 64.0, "checkpoints": 6.0, "midterm": 15.0, "final": 15.0}
ALL = [
    Assignment("01_tensor"),
    Assignment("02_activations"),
    Assignment("1986_mlp", part="midterm"),
    Assignment("2017_transformer", part="final"),
]
QUESTIONS = [scored(10, f"01.q{number}") for number in (1, 2, 3)]


def course(*events, assignments=ALL, weights=WEIGHTS):
    policy = Policy(RULE, weights=weights)
    grades = grade_everyone(stored(*events), ["s-001"], assignments, policy)
    return grade_course("s-001", assignments, grades, policy)


def test_the_stakes_of_all_assignments_are_the_whole_course():
    counts = stakes(ALL, WEIGHTS)
    assert counts["01_tensor"].points == 32
    assert counts["1986_mlp"].points == 15
    assert counts["01_tensor"].checkpoint == 1.5
    assert sum(item.points + item.checkpoint for item in counts.values()) == pytest.approx(100)


def test_seventy_for_exercises_and_thirty_for_answers_and_the_checkpoint_are_full_marks():
    assert course(observed(70), *QUESTIONS).percent == pytest.approx(32 + 1.5)


def test_what_is_not_there_counts_as_nothing_in_the_course_grade_and_not_at_all_so_far():
    result = course(observed(35))
    assert result.percent == pytest.approx(32 * 0.35 + 1.5)
    assert result.so_far == pytest.approx((64 * 0.5 + 6) / 0.7)


def test_nothing_graded_is_no_grade_so_far_and_not_zero():
    assert (course().percent, course().so_far) == (0, None)


def test_what_a_student_is_excused_from_is_left_out_of_the_mean():
    assert course(observed(70), *QUESTIONS, excused("02_activations")).percent == pytest.approx(64 + 2)


def test_a_part_in_which_nothing_is_left_leaves_its_percent_to_the_others():
    counts = stakes(ALL[:2], WEIGHTS)
    assert counts["01_tensor"].points == pytest.approx(32 / 0.7)
    assert sum(item.points + item.checkpoint for item in counts.values()) == pytest.approx(100)


def test_who_is_excused_from_everything_has_no_course_grade():
    assert course(excused(), assignments=ALL[:1]).percent is None


def test_a_weight_divides_a_part_and_a_weight_of_0_takes_an_assignment_out_of_it():
    assignments = [Assignment("00_setup", weight=0), Assignment("01_tensor", weight=3), Assignment("02_x")]
    counts = stakes(assignments, {"modules": 100.0})
    assert {id: item.points for id, item in counts.items()} == {"01_tensor": 75, "02_x": 25}


def test_a_late_checkpoint_keeps_what_the_exercises_keep():
    result = course(
        observed(70, DUE + timedelta(hours=20)), assignments=ALL[:1], weights={"checkpoints": 100.0}
    )
    assert result.percent == pytest.approx(90)


def test_an_override_counts_in_the_course_grade():
    assert course(overridden(70), assignments=ALL[:1], weights={"modules": 100.0}).percent == pytest.approx(
        70
    )


def test_a_course_grade_is_final_when_every_commit_is_and_every_answer_is_scored():
    one = ALL[:1]
    assert not course(observed(70), *QUESTIONS, assignments=one).final
    assert not course(observed(70), final_graded(60), *QUESTIONS[:2], assignments=one).final
    assert course(observed(70), final_graded(60), *QUESTIONS, assignments=one).final
