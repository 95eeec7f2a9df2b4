"""A final grade replaces what a push showed; lateness stays that of the push."""

from __future__ import annotations

from datetime import timedelta

import pytest

from autograding.gradebook.policy import Policy, grade_everyone

from .conftest import DUE, RULE, Assignment, final_graded, observed, stored


def grade(*events):
    return grade_everyone(stored(*events), ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]


def test_a_grade_of_a_push_is_provisional():
    assert not grade(observed(70)).final


def test_a_final_grade_replaces_the_provisional_one_of_its_commit():
    result = grade(observed(70), final_graded(52.5))
    assert (result.score, result.final, result.state) == (52.5, True, "graded")


def test_a_final_grade_is_as_late_as_the_push_of_its_commit_and_not_as_its_grading():
    result = grade(observed(70, DUE + timedelta(hours=30)), final_graded(50))
    assert (result.score, result.chosen.days_late, result.state) == (pytest.approx(40), 2, "late")


def test_a_final_grade_of_another_commit_changes_nothing_about_this_one():
    result = grade(observed(30, DUE - timedelta(hours=3), commit=1), observed(70, commit=2), final_graded(1))
    assert result.chosen.commit == f"{1:040x}"
    last = grade(observed(30, DUE - timedelta(days=3), commit=1), observed(70, commit=2), final_graded(1))
    assert (last.score, last.final) == (70, False)


def test_a_flagged_commit_counts_once_it_has_a_final_grade():
    result = grade(observed(70, flags=("protected_changed",)), final_graded(35))
    assert (result.score, result.state, result.flags) == (35, "graded", ())


def test_a_commit_that_was_never_run_counts_once_it_has_a_final_grade():
    result = grade(observed(None, flags=("not_run",)), final_graded(35))
    assert (result.chosen.score, result.final) == (35, True)


def test_a_commit_that_was_never_run_is_as_late_as_its_first_sighting():
    [seen, final] = stored(observed(None, flags=("not_run",)), final_graded(35))
    result = grade_everyone([seen, final], ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]
    assert result.chosen.submitted == seen.recorded_at


def test_a_commit_known_from_its_final_grade_alone_counts_and_is_not_late():
    result = grade(final_graded(35, repository_id=None))
    assert (result.score, result.chosen.submitted, result.chosen.days_late) == (35, None, 0)


def test_a_run_that_is_deleted_afterwards_takes_nothing_back():
    before = observed(20, DUE - timedelta(hours=1), commit=2)
    gone = before.model_copy(
        update={"run": None, "record": None, "flags": observed(flags=("not_run",)).flags}
    )
    first, second, third = stored(observed(70, commit=1), before, gone)
    events = [first, second, type(third)(3, 2, third.recorded_at, third.event)]
    result = grade_everyone(events, ["s-001"], [Assignment()], Policy(RULE))["s-001", "01_tensor"]
    assert (result.score, result.state) == (20, "graded")
