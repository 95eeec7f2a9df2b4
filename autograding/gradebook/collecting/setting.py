"""What a collection needs, taken from the course's own files."""

from __future__ import annotations

from pathlib import Path

from autograding.course import Course, load_roster
from autograding.github.expected import load_expected
from autograding.gradebook.collecting.collection import Setting
from autograding.gradebook.setting import policy_of, roster_of


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
