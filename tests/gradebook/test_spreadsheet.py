"""What a spreadsheet program makes of the exports: text of a person's stays text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from autograding.course import Student
from autograding.gradebook.exporting import FORMATS, sheet_of
from autograding.gradebook.formats.sheet import cell, csv_text, row

from . import spreadsheet
from .conftest import DUE, observed

pytestmark = pytest.mark.needs(spreadsheet.PROGRAM is not None, "needs Gnumeric, which .ci/run installs")
ASSIGNMENTS = ("01_tensor", "02_activations")
LATE = observed(62.5, DUE + timedelta(hours=30))
NAMES = [
    "=1+2",
    '=HYPERLINK("http://evil.example","click")',
    "+1+2",
    "-2+3",
    "@SUM(1,2)",
    "\t=1+2",
    "\r\n=1+2",
    "\u202e=1+2",
    "＝1+2",
    '"=1+2',
    "'=1+2",
    " =1+2",
]


def test_the_program_computes_a_formula_that_nobody_neutralised(tmp_path):
    assert spreadsheet.formulae("name\n=1+2\n", tmp_path) == ["=1+2"]


def test_no_name_is_computed(tmp_path):
    text = csv_text(["name"], [row([cell(name)]) for name in NAMES])
    assert spreadsheet.formulae(text, tmp_path) == []


@pytest.mark.parametrize("format", ["grades", "course", "long", "github-classroom"])
def test_students_with_such_names_are_text_in_every_export(desk, tmp_path, format):
    students = [Student(f"{name}{place}", name, None, name) for place, name in enumerate(NAMES)]
    current = desk(LATE)
    grades = {(item.identifier, id): current.grades["s-001", id] for item in students for id in ASSIGNMENTS}
    sheet = replace(sheet_of(current), students=students, grades=grades)
    assert spreadsheet.formulae(FORMATS[format][1](sheet, current.policy), tmp_path) == []


def test_points_are_numbers(desk, tmp_path):
    current = desk(LATE)
    text = FORMATS["grades"][1](sheet_of(current), current.policy)
    opened = spreadsheet.cells(text, tmp_path)
    column = next(place for (line, place), content in opened.items() if (line, content) == (0, "01_tensor"))
    assert float(opened[1, column]) == 50
