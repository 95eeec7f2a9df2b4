"""Which commits have to be graded again before grades are final."""

from __future__ import annotations

from datetime import timedelta

from autograding.gradebook.pending import pending_commits
from autograding.gradebook.policy import Policy, grade_everyone

from .conftest import DUE, RULE, Assignment, final_graded, observed, stored

EARLIER = DUE - timedelta(days=3)


def pending(*events):
    grades = grade_everyone(stored(*events), ["s-001"], [Assignment()], Policy(RULE))
    return [(int(item.commit, 16), item.why) for item in pending_commits(grades.values())]


def test_the_commit_that_counts_is_pending_and_no_other():
    assert pending(observed(70, EARLIER, commit=1), observed(60, commit=2)) == [(2, "counts")]


def test_with_its_final_grade_nothing_is_pending():
    assert pending(observed(70), final_graded(50)) == []


def test_where_the_final_grade_lets_another_commit_count_that_one_is_pending():
    late = observed(69, DUE + timedelta(hours=1), commit=2)
    assert pending(observed(70, commit=1), late, final_graded(50)) == [(2, "counts")]


def test_a_newest_commit_that_is_flagged_is_pending_beside_the_one_that_counts():
    flagged = observed(70, commit=2, flags=("protected_changed",))
    assert pending(observed(60, EARLIER, commit=1), flagged) == [(1, "counts"), (2, "flagged")]


def test_a_newest_commit_that_was_not_run_is_pending():
    assert pending(observed(None, flags=("not_run",))) == [(1, "not run")]


def test_the_untouched_starter_is_not_pending():
    assert pending(observed(None, flags=("not_run",), starter=True)) == []
