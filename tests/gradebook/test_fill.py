"""Files that Canvas and Moodle exported: our cells are filled, every other byte stays as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.gradebook.exporting import fill_file, left_out, sheet_of, told
from autograding.gradebook.formats.cells import parse_cells
from autograding.gradebook.formats.fill import CANVAS, MOODLE, fill
from autograding.grader.errors import ClassroomError, ConfigurationError

from . import rfc4180
from .conftest import excused, observed, scored

EXPORTS = Path(__file__).parent / "exports"
HEAD = "Student,SIS User ID,01_tensor (1)\n"
ADA = observed(62.5)
GRACE = observed(41, commit=2, repository_id=10).model_copy(update={"student": "s-002"})


@pytest.fixture
def filled(desk, tmp_path):
    def filled(name, system, *events, columns=()):
        target = tmp_path / "filled.csv"
        result = fill_file(desk(*events), system, EXPORTS / name, target, columns)
        return result, target.read_bytes()

    return filled


def test_our_cells_of_a_canvas_export_are_filled_and_every_other_byte_stays(filled):
    _, data = filled("canvas.csv", CANVAS, ADA, GRACE, scored(9))
    before = (EXPORTS / "canvas.csv").read_bytes()
    expected = before.replace(b"Lab 1,9,,4", b"Lab 1,9,71.5,4").replace(b'Lab 2,,"50"', b"Lab 2,,41")
    assert data == expected


def test_our_cells_of_a_moodle_export_are_filled_and_every_other_byte_stays(filled):
    _, data = filled("moodle.csv", MOODLE, ADA, GRACE)
    before = (EXPORTS / "moodle.csv").read_bytes()
    assert data == before.replace(b"S-001;-;-", b"S-001;62.5;-").replace(b";12.50;12.50", b";41;12.50")


def test_an_independent_reader_finds_the_grades_in_the_filled_file(filled):
    _, data = filled("canvas.csv", CANVAS, ADA)
    table = rfc4180.read(data.decode("utf-8-sig", "replace"))
    assert table[3][:7] == [
        'Lovelace, Ada "the first"',
        "11",
        "s-001",
        "ada@example.edu",
        "Lab 1",
        "9",
        "62.5",
    ]


def test_a_column_with_other_full_points_gets_scaled_points_and_a_note(filled):
    late = ADA.model_copy(update={"assignment": "02_activations"})
    result, data = filled("canvas.csv", CANVAS, late)
    assert b"Lab 1,9,,4,6.25,88.5" in data
    assert "02_activations: scaled from 100 to the 10 points of its column" in told(result)


def test_an_excused_student_is_ex_in_canvas_and_left_alone_in_moodle(filled):
    assert b"Lab 1,9,EX,4" in filled("canvas.csv", CANVAS, excused())[1]
    assert b"S-001;-;-" in filled("moodle.csv", MOODLE, excused())[1]


def test_a_student_without_a_grade_keeps_what_stands_there(filled):
    assert filled("canvas.csv", CANVAS)[1] == (EXPORTS / "canvas.csv").read_bytes()


def test_rows_of_nobody_are_listed_with_their_line(filled):
    rows = filled("canvas.csv", CANVAS, ADA)[0].unmatched_rows
    assert [row[:6] for row in rows] == ["line 6", "line 7"]
    assert rows[1] == "line 7 (Student, Test) fits nobody"


def test_students_and_assignments_without_a_place_are_listed(desk):
    result = fill(HEAD + "A,s-001,\n", "c.csv", CANVAS, sheet_of(desk(ADA)), {})
    assert left_out(result) == ["s-002 has no row in the file", "02_activations has no column in the file"]


def test_two_rows_of_one_student_are_left_alone_and_listed(desk):
    text = HEAD + "A,s-001,\nB,S-001,\n"
    result = fill(text, "c.csv", CANVAS, sheet_of(desk(ADA)), {})
    assert result.text == text
    assert result.unmatched_rows == (
        "line 2 (A) is one of 2 of s-001",
        "line 3 (B) is one of 2 of s-001",
    )


def test_a_row_that_fits_two_students_is_left_alone_and_listed(desk):
    text = "Student,SIS User ID,SIS Login ID,01_tensor (1)\nA,s-001,grace,\n"
    result = fill(text, "c.csv", CANVAS, sheet_of(desk(ADA)), {})
    assert (result.text, result.unmatched_rows) == (text, ("line 2 (A) fits two students",))


def test_a_column_of_another_name_is_filled_when_it_is_named(desk):
    text = "Student,SIS User ID,Arrays (99)\nA,s-001,\n"
    result = fill(text, "c.csv", CANVAS, sheet_of(desk(ADA)), {"01_tensor": "arrays"})
    assert result.text.endswith("A,s-001,62.5\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Student,01_tensor (1)\n", "no column says who a row is about; Canvas calls it SIS User ID or"),
        ("SIS User ID,Essay\n", "no column belongs to an assignment"),
        ("SIS User ID,01_tensor (1),Tensor (2)\n", "there are 2 columns for 01_tensor"),
        ('SIS User ID,01_tensor (1)\n"s-001,1\n', "c.csv:2: not valid CSV"),
        ('SIS User ID,01_tensor (1)\ns-"001",1\n"x"y,2\n', "c.csv:3: not valid CSV"),
        ("", "no column says who a row is about"),
    ],
)
def test_a_file_that_cannot_be_filled_with_certainty_is_refused(desk, text, message):
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        fill(text, "c.csv", CANVAS, sheet_of(desk(ADA)), {})


def test_a_named_column_that_is_not_there_is_refused(desk):
    with pytest.raises(ConfigurationError, match="there is no column for 01_tensor"):
        fill(HEAD, "c.csv", CANVAS, sheet_of(desk(ADA)), {"01_tensor": "Arrays"})


def test_a_file_that_is_refused_leaves_no_file_behind(filled, tmp_path):
    with pytest.raises(ClassroomError):
        filled("canvas.csv", CANVAS, ADA, columns=["01_tensor=Nothing"])
    assert not (tmp_path / "filled.csv").exists()


cells = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=6).map(
    lambda text: f'"{text}"'
) | st.text("ab 1-;", max_size=4)
rows = st.lists(st.lists(cells, min_size=2, max_size=4).map(",".join), min_size=1, max_size=5)


@given(rows, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_table_in_which_nothing_is_replaced_is_the_same_text(lines, end, ends):
    text = "a,b,c,d,e,f,g" + end + end.join(lines) + (end if ends else "")
    assert parse_cells(text, "t.csv").replaced({}) == text


@given(rows)
def test_the_cells_are_those_that_an_independent_reader_finds(lines):
    text = "\r\n".join(["a,b,c,d,e,f,g", *lines, ""])
    found = [[cell.value for cell in row] for row in parse_cells(text, "t.csv").rows]
    assert found == rfc4180.read(text)
