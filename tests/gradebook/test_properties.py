"""What holds of every grade, whatever happened and however the course is set up."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograding.gradebook.course_grade import grade_course
from autograding.gradebook.policy import LateRule, Policy, grade_everyone

from .conftest import (
    DUE,
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

patient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ASSIGNMENTS = [Assignment("01_tensor"), Assignment("02_activations", part="midterm")]
scores = st.integers(0, 70).map(float)
moments = st.integers(-5 * 24, 8 * 24).map(lambda hours: DUE + timedelta(hours=hours))
commits = st.integers(1, 4)
policies = st.builds(
    Policy,
    late=st.builds(
        LateRule,
        grace=st.integers(0, 3).map(lambda hours: timedelta(hours=hours)),
        penalty_per_day=st.sampled_from([0.0, 0.1, 0.25, 1.0]),
        floor=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    attempt=st.sampled_from(["last", "best"]),
    slip_days=st.integers(0, 3),
    weights=st.just({"modules": 60.0, "checkpoints": 10.0, "midterm": 20.0, "final": 10.0}),
)


def on(assignment, event):
    """The same event, about another assignment (and another repository)."""
    change = {"assignment": assignment}
    if event.kind == "grade_observed":
        change["repository_id"] = int(assignment[:2])
    return event.model_copy(update=change)


def observations(assignment):
    """At most one record of each commit, some flagged, some released, some graded again."""
    flags = st.sampled_from([(), (), ("protected_changed",)])
    one = st.builds(
        lambda score, at, commit, flags: on(assignment, observed(score, at, commit=commit, flags=flags)),
        scores,
        moments,
        commits,
        flags,
    )
    return st.lists(one, max_size=4, unique_by=lambda event: event.commit)


@st.composite
def histories(draw):
    """The events about one student in two assignments."""
    events = []
    for item in ASSIGNMENTS:
        seen = draw(observations(item.id))
        events += seen
        events += [
            decided(event, draw(st.sampled_from([True, False]))) for event in seen if draw(st.booleans())
        ]
        finals = draw(
            st.lists(
                st.builds(lambda s, c: final_graded(s, commit=c), scores, commits),
                max_size=2,
                unique_by=lambda event: event.commit,
            )
        )
        events += [on(item.id, event) for event in finals]
    if draw(st.booleans()):
        events.append(scored(draw(st.integers(0, 10)), commit=draw(st.none() | commits)))
    if draw(st.integers(0, 9)) == 0:
        events.append(overridden(draw(scores)))
    if draw(st.integers(0, 9)) == 0:
        events.append(excused("02_activations"))
    return events


def grades(events, policy):
    return grade_everyone(events, ["s-001"], ASSIGNMENTS, policy)


def course(events, policy):
    return grade_course("s-001", ASSIGNMENTS, grades(events, policy), policy).percent or 0.0


def points(events, policy):
    return {pair: grade.points or 0.0 for pair, grade in grades(events, policy).items()}


@patient
@given(histories(), policies, st.randoms())
def test_the_order_of_events_changes_nothing(events, policy, random):
    known = stored(*events)
    shuffled = random.sample(known, len(known))
    assert grades(shuffled, policy) == grades(known, policy)


@patient
@given(histories(), policies, st.data())
def test_a_higher_score_never_lowers_the_course_grade(events, policy, data):
    places = [
        place for place, event in enumerate(events) if event.kind in ("final_graded", "grade_overridden")
    ] + [place for place, event in enumerate(events) if event.kind == "grade_observed" and not event.flags]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    better = raised(events[place], data.draw(scores))
    changed = [*events[:place], better, *events[place + 1 :]]
    assert course(stored(*changed), policy) >= course(stored(*events), policy) - 1e-7


def raised(event, score):
    """The event with this score, where that is more."""
    if event.kind == "grade_observed":
        record = event.record.model_copy(update={"score": max(score, event.record.score)})
        return event.model_copy(update={"record": record})
    return event.model_copy(update={"score": max(score, event.score)})


@patient
@given(scores, st.integers(0, 10**6), policies)
def test_there_is_no_penalty_before_the_due_date(score, seconds, policy):
    [grade, _] = grades(stored(observed(score, DUE - timedelta(seconds=seconds))), policy).values()
    assert (grade.score, grade.state, grade.slip_days) == (score, "graded", 0)


@patient
@given(histories(), policies, moments)
def test_an_extension_never_lowers_the_course_grade(events, policy, due):
    extension = extended(due)
    assert course(stored(*events, extension), policy) >= course(stored(*events), policy) - 1e-7


@patient
@given(histories(), policies.filter(lambda policy: policy.slip_days == 0), moments, moments)
def test_a_longer_extension_never_lowers_the_grade_of_an_assignment(events, policy, one, other):
    shorter, longer = sorted((one, other))
    first = points(stored(*events, extended(shorter)), policy)
    second = points(stored(*events, extended(longer)), policy)
    assert all(second[pair] >= first[pair] for pair in first)


@patient
@given(histories(), policies, st.integers(0, 4))
def test_slip_days_never_lower_any_grade_and_more_of_them_never_lower_the_course_grade(events, policy, more):
    known = stored(*events)
    plain = Policy(policy.late, policy.attempt, 0, policy.weights)
    richer = Policy(policy.late, policy.attempt, policy.slip_days + more, policy.weights)
    without, with_days = points(known, plain), points(known, policy)
    assert all(with_days[pair] >= without[pair] for pair in without)
    assert course(known, richer) >= course(known, policy) - 1e-7


@patient
@given(histories(), policies)
def test_no_more_slip_days_are_spent_than_there_are(events, policy):
    spent = sum(grade.slip_days for grade in grades(stored(*events), policy).values())
    assert spent <= policy.slip_days


@patient
@given(histories(), policies)
def test_a_course_grade_lies_between_nothing_and_everything(events, policy):
    assert 0 <= course(stored(*events), policy) <= 100 + 1e-9


@patient
@given(histories(), policies)
def test_a_flagged_record_that_nobody_released_never_counts(events, policy):
    released = {event.commit for event in events if event.kind == "record_decided" and event.counts}
    final = {event.commit for event in events if event.kind == "final_graded"}
    bad = (
        {event.commit for event in events if event.kind == "grade_observed" and event.flags}
        - released
        - final
    )
    good = {event.commit for event in events if event.kind == "grade_observed" and not event.flags}
    chosen = {grade.chosen.commit for grade in grades(stored(*events), policy).values() if grade.chosen}
    assert not chosen & (bad - good)
