"""Slip days are spent exactly, always the same way, and never to a student's harm."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.gradebook.policy import Policy, grade_everyone
from autograding.gradebook.slip import spend

from .conftest import DUE, RULE, Assignment, excused, observed, stored

TWO = [Assignment("01_tensor"), Assignment("02_activations")]


def grade(*events, days, assignments=TWO):
    policy = Policy(RULE, slip_days=days)
    grades = grade_everyone(stored(*events), ["s-001"], assignments, policy)
    return [(item.score, item.slip_days) for item in grades.values()]


def late(assignment, score, hours):
    event = observed(score, DUE + timedelta(hours=hours), repository_id=int(assignment[:2]))
    return event.model_copy(update={"assignment": assignment})


def test_a_slip_day_makes_up_for_a_day_late():
    assert grade(late("01_tensor", 70, 20), days=1) == [(70, 1), (None, 0)]


def test_days_are_spent_where_they_gain_most():
    events = late("01_tensor", 30, 20), late("02_activations", 70, 20)
    assert grade(*events, days=1) == [(27, 0), (70, 1)]


def test_no_day_is_spent_where_it_gains_nothing():
    assert grade(observed(70), late("02_activations", 0, 30), days=5) == [(70, 0), (0, 0)]


def test_of_equal_ways_the_earlier_assignment_gets_the_day():
    assert grade(late("01_tensor", 70, 9), late("02_activations", 70, 9), days=1) == [(70, 1), (63, 0)]


def test_nothing_is_spent_on_what_a_student_is_excused_from():
    events = late("01_tensor", 70, 20), late("02_activations", 10, 20), excused("01_tensor")
    assert grade(*events, days=1)[1] == (10, 1)


def test_what_counts_more_in_the_course_grade_goes_first():
    assignments = [Assignment("01_tensor"), Assignment("02_activations", weight=9)]
    events = late("01_tensor", 70, 20), late("02_activations", 30, 20)
    assert grade(*events, days=1, assignments=assignments) == [(pytest.approx(63), 0), (30, 1)]


gains = st.lists(
    st.lists(st.integers(0, 4), min_size=1, max_size=4).map(lambda steps: [0, *sorted(steps)][:4]),
    max_size=5,
)


def brute_force(gains, days):
    """Every way to spend, the best by gain, then fewest days, then earliest."""
    ways = [way for way in product(*(range(len(options)) for options in gains)) if sum(way) <= days]
    return max(
        ways,
        key=lambda way: (sum(options[k] for options, k in zip(gains, way, strict=True)), -sum(way), way),
    )


@given(gains, st.integers(0, 8))
def test_the_days_are_spent_as_trying_every_way_would(gains, days):
    assert spend(gains, days) == brute_force(gains, days)


@given(st.lists(st.lists(st.integers(-4, 4), min_size=1, max_size=4), max_size=4), st.integers(0, 6))
def test_that_holds_also_where_another_day_gains_less(gains, days):
    assert spend(gains, days) == brute_force(gains, days)
