"""Diagrams of the lessons: on GitHub and in Jupyter, what is wider than 100 columns wraps or scrolls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograding.course import Course
from autograding.lesson import parse_lesson
from tests.conftest import ROOT

COLUMNS = 100
LESSONS = sorted(path.parent for path in ROOT.glob("m*/*/rubric.yml"))
FENCED = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def fenced_lines(lesson: Path) -> list[str]:
    """The lines between fences in the markdown cells of a lesson."""
    cells = parse_lesson(lesson.read_text(encoding="utf-8"), str(lesson)).cells
    texts = [cell.source for cell in cells if cell.kind == "markdown"]
    return [line for text in texts for block in FENCED.findall(text) for line in block.splitlines()]


@pytest.mark.parametrize("folder", LESSONS, ids=lambda folder: folder.name)
def test_no_diagram_is_wider_than_100_columns(folder: Path, course: Course) -> None:
    lines = fenced_lines(course.resolve(folder.name).lesson)
    assert lines
    assert [line for line in lines if len(line) > COLUMNS] == []
