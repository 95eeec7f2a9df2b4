"""What grades follow from, besides the events: taken from the course's own files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from autograding.course import Course
from autograding.gradebook.policy import LateRule, Policy
from autograding.grader.errors import ConfigurationError


def roster_of(course: Course) -> Path:
    """Where the roster is. Raises ConfigurationError where the course has none."""
    if course.roster is None:
        raise ConfigurationError(
            "there is no roster, so no repository can be matched to a student",
            where="classroom.yml, key roster",
            mend="add roster: roster.csv, a CSV with the columns identifier,github_username,github_id,name",
        )
    return course.roster


def policy_of(course: Course) -> Policy:
    """The policy that `classroom.yml` states."""
    return Policy(
        late=LateRule(
            grace=timedelta(minutes=course.late.grace_minutes),
            penalty_per_day=course.late.penalty_per_day / 100,
            floor=course.late.floor / 100,
        ),
        attempt=course.attempt,
        slip_days=course.late.slip_days,
        weights=course.weights.model_dump(),
    )
