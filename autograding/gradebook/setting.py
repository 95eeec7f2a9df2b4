"""What a collection needs, taken from the course's own files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from autograding.course import Course, load_roster
from autograding.github.expected import load_expected
from autograding.gradebook.collection import Setting
from autograding.gradebook.policy import LateRule, Policy
from autograding.grader.errors import ConfigurationError


def setting_of(course: Course, rendered: Path) -> Setting:
    """The setting of a course whose assignments are rendered in `rendered`. Raises ConfigurationError."""
    return Setting(
        organization=course.organization,
        students=load_roster(roster_of(course)),
        assignments=course.assignments,
        expected=load_expected(rendered, course.assignments),
        policy=policy_of(course),
        zone=course.timezone,
    )


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
