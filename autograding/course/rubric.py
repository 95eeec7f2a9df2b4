"""Rubrics: how graders score the written answers of a module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from autograding.course.document import Document, read_document
from autograding.course.fields import BANDS, BandPoints, Keys, ShortId, Text
from autograding.course.mistakes import Mistake, advise, describe
from autograding.course.schema import Check, read_model, unique

if TYPE_CHECKING:
    from autograding.course.course import Assignment

FILENAME = "rubric.yml"


class Band(Keys):
    """A band of points: what a grader looks for, and an answer that belongs there."""

    points: BandPoints = Field(description=f"one of {', '.join(BANDS)}")
    look_for: Text = Field(description="what an answer in this band has")
    sample: Text = Field(description="an answer that belongs in this band")

    @property
    def low(self) -> int:
        """The fewest points of the band."""
        return int(self.points.split("-")[0])

    @property
    def high(self) -> int:
        """The most points of the band."""
        return int(self.points.split("-")[1])


class RubricQuestion(Keys):
    """A question and its five bands, best first."""

    id: ShortId = Field(description="the id of a question of module.yml")
    question: Text = Field(description="the text of the question")
    bands: tuple[Band, ...] = Field(description=f"the five bands {', '.join(BANDS)}")


class Rubric(Keys):
    """The file `rubric.yml`."""

    questions: tuple[RubricQuestion, ...] = Field(description="a list of id, question and bands")


def load_rubric(path: Path, questions: Sequence[str] | None = None) -> Rubric:
    """The rubric in a file. Raises ConfigurationError with every mistake in it.

    `questions`, when given, are the short ids of module.yml: the rubric must
    hold exactly these.
    """
    checks: list[Check] = [_bands, _ids]
    if questions is not None:
        checks.append(lambda document: _same_questions(document, questions))
    return read_model(read_document(path), Rubric, checks)


def rubric_of(assignment: Assignment) -> Rubric:
    """The rubric of an assignment, checked against its questions. Raises ConfigurationError."""
    return load_rubric(assignment.folder / FILENAME, [question.cell for question in assignment.questions])


def _ids(document: Document) -> Iterator[Mistake]:
    yield from unique(document, [(*item, "id") for item in document.items("questions")], "id")


def _bands(document: Document) -> Iterator[Mistake]:
    """The five bands, best first. Says nothing where a band's points are wrong in themselves."""
    for question in document.items("questions"):
        points = [document.get(*band, "points") for band in document.items(*question, "bands")]
        complete = isinstance(document.get(*question, "bands"), list) and all(
            item in BANDS for item in points
        )
        if complete and points != list(BANDS):
            what = f"expected the bands {', '.join(BANDS)} in this order, got {', '.join(points) or 'none'}"
            yield document.mistake((*question, "bands"), what)


def _same_questions(document: Document, questions: Sequence[str]) -> Iterator[Mistake]:
    places = [(*item, "id") for item in document.items("questions")]
    names = [document.get(*place) for place in places]
    for place, name in zip(places, names, strict=True):
        if isinstance(name, str) and name not in questions:
            mend = advise(name, questions, "questions of module.yml")
            yield document.mistake(place, f"module.yml has no question {describe(name)}", mend)
    for question in questions:
        if question not in names:
            yield document.mistake(("questions",), f"the question {question} of module.yml is missing")
