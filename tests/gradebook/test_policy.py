"""From events to a grade: which record counts, and for how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.gradebook.policy import LateRule, Policy, grade_everyone
from autograding.gradebook.store import Stored

from .conftest import DUE, NOW, RULE, Assignment, observed, stored


def grade(events, rule=RULE, due=DUE):
    assignments = [Assignment(due=due)]
    return grade_everyone(events, ["s-001"], assignments, Policy(rule))["s-001", "01_tensor"]


def late(score, hours, commit=2):
    return observed(score, DUE + timedelta(hours=hours), commit=commit)


def test_nothing_observed_is_missing():
    result = grade([])
    assert (result.state, result.score, result.chosen) == ("missing", None, None)


def test_the_last_record_before_the_due_date_counts_even_where_an_earlier_one_was_better():
    earlier = observed(70, DUE - timedelta(hours=2), commit=1)
    last = observed(40, DUE - timedelta(hours=1), commit=2)
    assert grade(stored(earlier, last)).score == 40


def test_the_time_of_the_server_decides_which_is_the_last_not_the_order_of_arrival():
    earlier = observed(70, DUE - timedelta(hours=2), commit=1)
    last = observed(40, DUE - timedelta(hours=1), commit=2)
    assert grade(stored(last, earlier)).score == 40


def test_within_the_grace_period_nothing_is_lost():
    result = grade(stored(observed(70, DUE + timedelta(minutes=15))))
    assert (result.score, result.state) == (70, "graded")


@pytest.mark.parametrize(
    ("hours", "kept"), [(0.26, 0.9), (24, 0.9), (24.01, 0.8), (48, 0.8), (120, 0.5), (900, 0.5)]
)
def test_each_day_begun_costs_its_penalty_down_to_the_floor(hours, kept):
    result = grade(stored(late(70, hours)))
    assert result.score == pytest.approx(70 * kept)
    assert result.state == "late"


def test_a_late_record_counts_only_where_it_is_better_after_its_penalty():
    in_time = observed(60, commit=1)
    assert grade(stored(in_time, late(65, 1))).score == 60
    assert grade(stored(in_time, late(70, 1))).score == 63


def test_of_equal_grades_the_one_in_time_is_taken():
    assert grade(stored(observed(63, commit=1), late(70, 1))).state == "graded"


def test_without_a_due_date_nothing_is_late():
    assert grade(stored(late(70, 9999)), due=None).state == "graded"


def test_a_flagged_record_does_not_count_and_says_why():
    result = grade(stored(observed(70, flags=("protected_changed",))))
    assert (result.state, result.score) == ("flagged", None)
    assert result.flags == ("protected_changed: ",)


def test_an_earlier_grade_holds_while_the_newest_commit_is_flagged():
    result = grade(stored(observed(30, commit=1), observed(70, commit=2, flags=("several_suites",))))
    assert (result.state, result.score) == ("flagged", 30)


def test_an_earlier_grade_holds_while_the_newest_commit_is_not_graded_yet():
    result = grade(stored(observed(30, commit=1), observed(None, commit=2, flags=("not_run",))))
    assert (result.state, result.score) == ("not graded yet", 30)


def test_a_tampered_repository_that_was_not_run_is_flagged_and_not_waiting():
    result = grade(stored(observed(None, flags=("protected_changed", "not_run"))))
    assert result.state == "flagged"


def test_the_starting_commit_without_a_run_is_missing():
    assert grade(stored(observed(None, flags=("not_run",), starter=True))).state == "missing"


def test_what_was_seen_last_of_a_commit_replaces_what_was_seen_before():
    flagged = Stored(1, 1, NOW, observed(70, flags=("protected_changed",)))
    released = Stored(2, 2, NOW, observed(70))
    assert grade([flagged, released]).state == "graded"
    assert grade([released, flagged]).state == "graded"


def test_the_result_carries_the_evidence_of_each_record_considered():
    result = grade(stored(observed(60, commit=1), late(70, 30)))
    assert [(item.commit[-1], item.score, item.days_late, item.kept) for item in result.considered] == [
        ("1", 60, 0, 1.0),
        ("2", 70, 2, 0.8),
    ]
    assert (result.chosen.event_id, result.chosen.run_id, result.chosen.repository) == (
        1,
        77,
        "demo-course/01-tensor-ada",
    )
    assert result.due == DUE


def test_another_students_events_are_not_mine():
    foreign = observed(70).model_copy(update={"student": "s-002"})
    assert grade(stored(foreign)).state == "missing"


scores = st.integers(0, 7000).map(lambda cents: cents / 100)
moments = st.integers(-10 * 24 * 60, 30 * 24 * 60).map(lambda minutes: DUE + timedelta(minutes=minutes))
records = st.lists(st.tuples(scores, moments), min_size=1, max_size=6)
rules = st.builds(
    LateRule,
    grace=st.integers(0, 3000).map(lambda minutes: timedelta(minutes=minutes)),
    penalty_per_day=st.floats(0, 1),
    floor=st.floats(0, 1),
)


def graded(pairs, rule):
    events = [observed(score, at, commit=number) for number, (score, at) in enumerate(pairs, start=1)]
    return grade(stored(*events), rule)


@given(records, rules, st.data())
def test_a_higher_score_never_lowers_the_grade(pairs, rule, data):
    place = data.draw(st.integers(0, len(pairs) - 1))
    better = data.draw(scores.filter(lambda score: score >= pairs[place][0]))
    raised = [*pairs[:place], (better, pairs[place][1]), *pairs[place + 1 :]]
    assert graded(raised, rule).score >= graded(pairs, rule).score


@given(scores, st.integers(0, 10**6), rules)
def test_there_is_no_penalty_before_the_due_date(score, seconds, rule):
    result = graded([(score, DUE - timedelta(seconds=seconds))], rule)
    assert (result.score, result.state) == (score, "graded")


@given(records, rules)
def test_a_grade_is_never_more_than_the_best_score_nor_less_than_nothing(pairs, rule):
    assert 0 <= graded(pairs, rule).score <= max(score for score, _ in pairs)


@given(records, rules, scores, st.integers(0, 30 * 24 * 60))
def test_another_late_record_never_lowers_the_grade(pairs, rule, score, minutes):
    added = (score, DUE + rule.grace + timedelta(minutes=minutes + 1))
    assert graded([*pairs, added], rule).score >= graded(pairs, rule).score


@given(scores, rules, st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_later_is_never_better(score, rule, one, other):
    sooner, later = sorted((one, other))
    first = graded([(score, DUE + timedelta(minutes=sooner))], rule).score
    second = graded([(score, DUE + timedelta(minutes=later))], rule).score
    assert first >= second


@given(records, rules, st.randoms())
def test_the_order_in_which_events_were_recorded_does_not_change_the_score(pairs, rule, random):
    unique = list({at: (score, at) for score, at in pairs}.values())
    shuffled = random.sample(unique, len(unique))
    assert graded(shuffled, rule).score == graded(unique, rule).score


@given(records, rules)
def test_the_zone_a_time_is_written_in_changes_nothing(pairs, rule):
    zoned = [(score, at.astimezone(tz=None)) for score, at in pairs]
    assert graded(zoned, rule).score == graded(pairs, rule).score


def test_a_rule_that_charges_nothing_charges_nothing():
    assert grade(stored(late(70, 500)), replace(RULE, penalty_per_day=0.0)).score == 70
