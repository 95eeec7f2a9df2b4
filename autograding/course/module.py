"""What `module.yml` and `milestone.yml` say: one module or milestone of the course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from autograding.course.document import Document
from autograding.course.fields import (
    AssignmentId,
    Construct,
    DataFile,
    FunctionName,
    Hours,
    ImportName,
    Keys,
    LessonFile,
    Mebibytes,
    Package,
    Points,
    Seconds,
    ShortId,
    Text,
)
from autograding.course.mistakes import Mistake, advise, describe
from autograding.course.schema import adds_up, examine, unique
from autograding.grader.manifest import Limits

EXERCISE_POINTS = 70
QUESTION_POINTS = 30

Tier = Literal["intro", "foundation", "architecture", "optimization", "capstone"]

_DEFAULT = Limits()


class ScoredItem(Keys):
    """An exercise or a question: an id, a title for people, and what it is worth."""

    id: ShortId = Field(description="a short id such as matmul or q1")
    title: Text = Field(description="what a student reads beside the points")
    points: Points = Field(description="what it is worth")


class LimitKeys(Keys):
    """Limits of a grading run where the defaults do not do."""

    call_seconds: Seconds = _DEFAULT.call_seconds
    test_seconds: Seconds = _DEFAULT.test_seconds
    cell_seconds: Seconds = _DEFAULT.cell_seconds
    total_seconds: Seconds = _DEFAULT.total_seconds
    memory_mb: Mebibytes = _DEFAULT.memory_mb


class ForbiddenKeys(Keys):
    """What some code must do without: in these exercises and functions, or in the whole module."""

    uses: tuple[Construct, ...] = Field(
        description="a list of constructs such as [numpy.matmul, .dot, '@', for]"
    )
    because: Text = Field(description="why, as it goes on after 'uses numpy.dot, but ...'")
    exercises: tuple[ShortId, ...] = ()
    functions: tuple[FunctionName, ...] = ()


class _AssignmentKeys(Keys):
    """What modules and milestones have in common."""

    title: Text = Field(description="what it is called, such as Tensor")
    package: Package = Field(description="where the notebook exports to, such as tinytorch.core.tensor")
    lesson: LessonFile = Field(description="the lesson's file in this folder, such as tensor.py")
    prerequisites: tuple[AssignmentId, ...] = ()
    hours: Hours = Field(description="how long it takes, such as 4-6")
    summary: Text = Field(description="one sentence for READMEs")
    exercises: tuple[ScoredItem, ...] = Field(description="a list of id, title and points")
    questions: tuple[ScoredItem, ...] = Field(description="a list of id, title and points")
    allowed_imports: tuple[ImportName, ...] = ()
    forbidden: tuple[ForbiddenKeys, ...] = ()
    limits: LimitKeys = LimitKeys()
    common_lines: tuple[Text, ...] = ()
    data: tuple[DataFile, ...] = ()


class Module(_AssignmentKeys):
    """The file `module.yml`."""

    tier: Tier = Field(description="one of intro, foundation, architecture, optimization, capstone")


class Milestone(_AssignmentKeys):
    """The file `milestone.yml`."""

    @property
    def tier(self) -> str:
        """Milestones stand beside the tiers."""
        return "milestone"


def examine_module(document: Document) -> tuple[Module | None, list[Mistake]]:
    """The module, or None and every mistake in the file."""
    return examine(document, Module, (_sums, _ids, _rules))


def examine_milestone(document: Document) -> tuple[Milestone | None, list[Mistake]]:
    """The milestone, or None and every mistake in the file."""
    return examine(document, Milestone, (_sums, _ids, _rules))


def _sums(document: Document) -> Iterator[Mistake]:
    for key, total in (("exercises", EXERCISE_POINTS), ("questions", QUESTION_POINTS)):
        if isinstance(document.get(key), list):
            points = [(*item, "points") for item in document.items(key)]
            yield from adds_up(document, total, points, (key,))


def _ids(document: Document) -> Iterator[Mistake]:
    """Exercises and questions share one namespace: `01.matmul`, `01.q1`."""
    scored = [*document.items("exercises"), *document.items("questions")]
    yield from unique(document, [(*item, "id") for item in scored], "id")
    yield from unique(document, document.items("prerequisites"), "name")
    yield from unique(document, document.items("data"), "name")


def _rules(document: Document) -> Iterator[Mistake]:
    """Rules name exercises that there are, and nothing twice."""
    yield from unique(document, document.items("allowed_imports"), "name")
    known = [document.get(*item, "id") for item in document.items("exercises")]
    known = [id for id in known if isinstance(id, str)]
    for rule in document.items("forbidden"):
        for key, kind in (("uses", "construct"), ("exercises", "exercise"), ("functions", "function")):
            yield from unique(document, document.items(*rule, key), kind)
        for place in document.items(*rule, "exercises"):
            name = document.get(*place)
            if isinstance(name, str) and name not in known:
                what = f"there is no exercise {describe(name)}"
                yield document.mistake(place, what, advise(name, known, "exercises"))
        if document.get(*rule, "uses") == []:
            yield document.mistake((*rule, "uses"), "expected at least one construct, got none")
