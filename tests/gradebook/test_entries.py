"""What people enter into the gradebook, and what it does to a grade."""

from __future__ import annotations

from datetime import timedelta

import pytest

from autograding.gradebook.policy import Policy, grade_everyone
from autograding.gradebook.store import Gradebook, Stored

from .conftest import (
    DUE,
    NOW,
    RULE,
    Assignment,
    decided,
    excused,
    extended,
    final_graded,
    observed,
    overridden,
    scored,
    stored,
)

PLAIN = Policy(RULE)
LATE = observed(70, DUE + timedelta(hours=30))
FLAGGED = observed(70, flags=("protected_changed",))


def grade(*events, policy=PLAIN):
    return grade_everyone(stored(*events), ["s-001"], [Assignment()], policy)["s-001", "01_tensor"]


def newest(path):
    with Gradebook(path) as book:
        return grade_everyone(book.events(), ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]


def test_an_override_is_the_score_whatever_is_collected():
    result = grade(observed(10), overridden(65))
    assert (result.score, result.state, result.final) == (65, "overridden", True)


def test_an_override_survives_every_later_collection_and_final_grade(path):
    with Gradebook(path) as book:
        book.append([observed(10, commit=1), overridden(65)], NOW)
        book.append([observed(70, commit=2), final_graded(20, commit=2)], NOW + timedelta(days=1))
        book.append([observed(10, commit=1)], NOW + timedelta(days=2))
    assert (newest(path).score, newest(path).state) == (65, "overridden")


def test_an_override_that_is_lifted_gives_the_collected_grade_back(path):
    with Gradebook(path) as book:
        book.append([observed(10), overridden(65)], NOW)
        book.append([overridden(None)], NOW)
    assert (newest(path).score, newest(path).state) == (10, "graded")


def test_an_extension_moves_the_date_from_which_days_are_charged():
    result = grade(LATE, extended(DUE + timedelta(hours=24)))
    assert (result.score, result.chosen.days_late) == (pytest.approx(63), 1)
    assert (result.due, result.own_due) == (DUE, DUE + timedelta(hours=24))


def test_an_extension_to_a_date_before_everybodys_changes_nothing():
    assert grade(observed(70, DUE), extended(DUE - timedelta(days=9))).score == 70


def test_who_goes_on_working_within_an_extension_does_not_lose_what_was_there_at_the_due_date():
    good, worse = observed(70, commit=1), observed(40, DUE + timedelta(hours=5), commit=2)
    assert grade(good, worse, extended(DUE + timedelta(days=3))).score == 70


def test_an_excused_assignment_is_neither_missing_nor_late():
    assert (grade(excused()).state, grade(LATE, excused()).state) == ("excused", "excused")


def test_an_excusal_that_is_taken_back_is_as_if_it_had_not_been(path):
    with Gradebook(path) as book:
        book.append([excused()], NOW)
        book.append([excused(excused=False)], NOW)
    assert newest(path).state == "missing"


def test_a_released_record_counts_and_is_no_longer_flagged():
    result = grade(FLAGGED, decided(FLAGGED, True))
    assert (result.score, result.state, result.flags, result.chosen.released) == (70, "graded", (), True)


def test_a_released_record_waits_again_when_its_score_changes():
    changed = Stored(3, 2, NOW, observed(69, flags=("protected_changed",)))
    events = [*stored(FLAGGED, decided(FLAGGED, True)), changed]
    result = grade_everyone(events, ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]
    assert (result.score, result.state) == (None, "flagged")


def test_a_released_record_waits_again_when_there_is_another_flag():
    changed = Stored(3, 2, NOW, observed(70, flags=("protected_changed", "several_suites")))
    events = [*stored(FLAGGED, decided(FLAGGED, True)), changed]
    result = grade_everyone(events, ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]
    assert (result.score, result.state) == (None, "flagged")


def test_a_rejected_record_does_not_count_though_nothing_is_odd_about_it():
    result = grade(observed(70), decided(observed(70), False))
    assert (result.score, result.state) == (None, "rejected")


def test_a_rejected_commit_does_not_count_with_a_final_grade_either():
    assert grade(observed(70), final_graded(60), decided(observed(70), False)).score is None


def test_what_was_there_before_a_rejected_commit_counts():
    earlier = observed(30, DUE - timedelta(days=3), commit=1)
    bad = observed(70, commit=2)
    result = grade(earlier, bad, decided(bad, False))
    assert (result.score, result.state) == (30, "graded")


def test_a_decision_that_is_taken_back_leaves_the_record_flagged():
    assert grade(FLAGGED, decided(FLAGGED, None)).state == "flagged"


def test_answers_add_their_points_to_those_of_the_exercises():
    result = grade(observed(60), scored(9), scored(7, "01.q2"))
    assert (result.score, result.points) == (60, 76)


def test_an_answer_is_as_late_as_the_commit_it_was_read_in():
    [question] = grade(LATE, scored(10, commit=1)).questions
    assert (question.days_late, question.worth) == (2, 8)


def test_an_answer_read_in_an_unknown_commit_is_not_late():
    [question] = grade(LATE, scored(10, commit=None)).questions
    assert question.worth == 10


def test_a_grader_who_scores_again_replaces_the_score(path):
    with Gradebook(path) as book:
        book.append([scored(9)], NOW)
        book.append([scored(4)], NOW)
    assert newest(path).points == 4


def test_a_score_that_is_taken_back_is_no_score(path):
    with Gradebook(path) as book:
        book.append([scored(9)], NOW)
        book.append([scored(None)], NOW)
    assert newest(path).points is None


def test_the_best_commit_in_time_counts_where_the_course_says_so():
    earlier = observed(70, DUE - timedelta(days=3), commit=1)
    assert grade(earlier, observed(20, commit=2), policy=Policy(RULE, attempt="best")).score == 70
