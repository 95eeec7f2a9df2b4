"""What `classroom.yml` says: the course of one term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from autograding.course.document import Document
from autograding.course.fields import (
    YEARS,
    AssignmentId,
    Branch,
    Days,
    Keys,
    Login,
    Minutes,
    Moment,
    Organization,
    Percent,
    Text,
    Weight,
    Zone,
)
from autograding.course.mistakes import Mistake
from autograding.course.schema import adds_up, examine, unique

FILENAME = "classroom.yml"

Part = Literal["modules", "midterm", "final"]


class CourseKeys(Keys):
    """The course itself, and where on GitHub it lives."""

    title: Text = Field(description="the name of the course as students know it")
    organization: Organization = Field(description="the GitHub organization that owns the repositories")
    term: Text = Field(description="the term, such as Spring 2027")
    timezone: Zone = Field(description="the time zone of the course, such as America/New_York")
    default_branch: Branch = "main"


class ScheduledAssignment(Keys):
    """An assignment of this term.

    Without `release` it is open from the start, without `due` it never closes. `part` is
    what it counts as in the final grade, `weight` how much within that part.
    """

    id: AssignmentId = Field(description="the name of a folder in modules/ or milestones/")
    release: Moment | None = None
    due: Moment | None = None
    part: Part = "modules"
    weight: Weight = 1.0


class Weights(Keys):
    """What each part counts in the final grade, in percent."""

    modules: Percent = Field(description="percent of the final grade")
    checkpoints: Percent = Field(description="percent of the final grade")
    midterm: Percent = Field(description="percent of the final grade")
    final: Percent = Field(description="percent of the final grade")


# 70 % for the work of the term and 30 % for two projects.
DEFAULT_WEIGHTS = Weights(modules=64, checkpoints=6, midterm=15, final=15)


class LatePolicy(Keys):
    """What a late submission costs. By default nothing."""

    grace_minutes: Minutes = 0
    penalty_per_day: Percent = 0.0
    floor: Percent = 0.0
    slip_days: Days = 0


class Classroom(Keys):
    """The file `classroom.yml`."""

    course: CourseKeys = Field(description="title, organization, term and timezone of the course")
    prerequisites: Literal["reference", "own"] = "reference"
    assignments: tuple[ScheduledAssignment, ...] = Field(description="a list of id, release and due")
    weights: Weights = DEFAULT_WEIGHTS
    attempt: Literal["last", "best"] = "last"
    late: LatePolicy = LatePolicy()
    graders: tuple[Login, ...] = ()
    roster: Text | None = None


def examine_classroom(document: Document) -> tuple[Classroom | None, list[Mistake]]:
    """The classroom, or None and every mistake in the file."""
    return examine(document, Classroom, (_sums, _names, _dates), _zone(document))


def _sums(document: Document) -> Iterator[Mistake]:
    if isinstance(document.get("weights"), dict):
        weights = [("weights", key) for key in Weights.model_fields]
        yield from adds_up(document, 100, weights, ("weights",))


def _names(document: Document) -> Iterator[Mistake]:
    entries = [(*entry, "id") for entry in document.items("assignments")]
    yield from unique(document, entries, "id")
    yield from _numbers(document)
    yield from unique(document, document.items("graders"), "login")


def _numbers(document: Document) -> Iterator[Mistake]:
    """The number of an assignment (`01`) qualifies its exercises, so two cannot share one."""
    seen: dict[str, str] = {}
    for entry in document.items("assignments"):
        name = document.get(*entry, "id")
        number = name.partition("_")[0] if isinstance(name, str) else ""
        if number.isdigit() and isinstance(name, str):
            first = seen.setdefault(number, name)
            if first.lower() != name.lower():
                what = f"the number {number} is taken by {first!r}"
                yield document.mistake((*entry, "id"), what, "give the folder a number of its own")


def _dates(document: Document) -> Iterator[Mistake]:
    for entry in document.items("assignments"):
        release, due = (_moment(document.get(*entry, key)) for key in ("release", "due"))
        if release and due and due < release:
            written = document.get(*entry, "release")
            what = f"expected a date after the release ({written}), got {document.get(*entry, 'due')!r}"
            yield document.mistake((*entry, "due"), what)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year in YEARS else None


def _zone(document: Document) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(document.get("course", "timezone")))
    except (LookupError, ValueError, OSError):
        return None
