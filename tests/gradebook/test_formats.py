"""The formats that grades leave in, each read back by a reader that is not ours."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.course import Student
from autograding.gradebook.exporting import FORMATS, export, off_the_roster, sheet_of
from autograding.gradebook.formats.classroom50 import classroom50_archive, whole_points
from autograding.gradebook.formats.course_form import course_form
from autograding.gradebook.formats.github_classroom import github_classroom_csv
from autograding.gradebook.formats.long_form import long_form
from autograding.gradebook.formats.sheet import cell, csv_text, row
from autograding.grader.errors import ConfigurationError

from . import rfc4180
from .conftest import DUE, excused, final_graded, observed, overridden, scored

LATE = observed(62.5, DUE + timedelta(hours=30))


def read(text):
    """The rows by the names of the header."""
    header, *rows = rfc4180.read(text)
    return [dict(zip(header, cells, strict=True)) for cells in rows]


def test_the_long_form_has_a_row_for_each_exercise_and_answer(desk):
    rows = read(long_form(sheet_of(desk(LATE, scored(9, commit=None)))))
    assert [item["item"] for item in rows[:5]] == ["01.create", "01.matmul", "01.q1", "01.q2", "01.q3"]
    assert rows[1] == {
        "identifier": "s-001",
        "github_username": "ada",
        "name": "Ada Lovelace",
        "assignment": "01_tensor",
        "state": "late",
        "final": "no",
        "commit": f"{1:040x}",
        "submitted": "2026-09-22T06:00:00+02:00",
        "item": "01.matmul",
        "kind": "exercise",
        "points": "32.5",
        "max_points": "40",
        "days_late": "2",
        "counted_points": "26",
    }
    assert (rows[2]["points"], rows[2]["counted_points"], rows[3]["points"]) == ("9", "9", "")


def test_the_counted_points_of_the_long_form_add_up_to_the_grade(desk):
    sheet = sheet_of(desk(LATE, scored(9), overridden(33)))
    rows = [item for item in read(long_form(sheet)) if item["identifier"] == "s-001"]
    total = sum(float(item["counted_points"] or 0) for item in rows)
    assert total == pytest.approx(sheet.grades["s-001", "01_tensor"].points)


def test_the_course_form_has_the_course_grade_and_its_parts(desk):
    current = desk(observed(70), final_graded(60), excused("02_activations"))
    [ada, grace] = read(course_form(sheet_of(current), current.policy))
    assert (ada["course_grade"], ada["modules_percent"], ada["checkpoints_percent"]) == ("64", "54", "10")
    assert (ada["final"], grace["course_grade"], grace["course_grade_so_far"]) == ("no", "0", "")


def test_the_columns_are_those_of_github_classroom(desk):
    text = github_classroom_csv(sheet_of(desk(LATE)))
    assert text.startswith(
        "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,"
        "student_repository_name,student_repository_url,submission_timestamp,points_awarded,points_available\r\n"
    )
    first = read(text)[0]
    assert (first["student_repository_name"], first["submission_timestamp"]) == (
        "01-tensor-ada",
        "2026-09-22 04:00:00 UTC",
    )
    assert (first["points_awarded"], first["points_available"]) == ("50", "100")


def test_a_result_of_classroom_50_has_its_keys_and_sums_that_agree(desk):
    archive = zipfile.ZipFile(io.BytesIO(classroom50_archive(sheet_of(desk(LATE)))))
    assert archive.namelist() == ["demo-course-01-tensor-ada/result.json"]
    result = json.loads(archive.read(archive.namelist()[0]))
    assert result == {
        "schema": "classroom50/result/v1",
        "classroom": "demo-course",
        "assignment": "01-tensor",
        "assignment_type": "individual",
        "owner": "demo-course",
        "submission": "submit/20260922T040000Z-0000000",
        "commit": f"https://github.com/demo-course/01-tensor-ada/commit/{1:040x}",
        "release": "https://github.com/demo-course/01-tensor-ada/releases",
        "review": "https://github.com/demo-course/01-tensor-ada/actions/runs/77",
        "datetime": "2026-09-22T04:00:00Z",
        "graded_at": "2026-09-22T04:00:00Z",
        "score": 63,
        "max-score": 70,
        "tests": [
            {"test-name": "01.create", "passed": True, "score": 30, "max-score": 30},
            {"test-name": "01.matmul", "passed": False, "score": 33, "max-score": 40},
        ],
    }


def test_equal_grades_give_an_equal_archive(desk):
    sheet = sheet_of(desk(LATE))
    assert classroom50_archive(sheet) == classroom50_archive(sheet)


@given(st.lists(st.integers(0, 4000).map(lambda cents: cents / 100), min_size=1, max_size=8))
def test_whole_points_are_near_and_add_up_to_the_rounded_sum(points):
    whole = whole_points(points)
    assert all(abs(one - other) < 1 for one, other in zip(whole, points, strict=True))
    assert abs(sum(whole) - sum(points)) <= 0.5 + 1e-6


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_no_text_of_a_person_adds_a_row_or_a_column_or_starts_a_formula(texts):
    [header, cells] = rfc4180.read(csv_text(["x"] * len(texts), [row(map(cell, texts))]))
    assert len(cells) == len(header) == len(texts)
    assert not any(
        text.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) for text in cells
    )


EVIL = Student('=cmd|" /C calc"!A0', "-login", None, '@SUM(A1),"x"\nnew row')


@pytest.mark.parametrize("format", ["grades", "course", "long", "github-classroom"])
def test_a_person_whose_name_is_a_formula_is_text_in_every_format(desk, format):
    current = desk(LATE)
    grades = {(EVIL.identifier, id): grade for (_, id), grade in current.grades.items()}
    sheet = replace(sheet_of(current), students=[EVIL], grades=grades)
    table = rfc4180.read(FORMATS[format][1](sheet, current.policy))
    assert {len(cells) for cells in table} == {len(table[0])}
    texts = [text for cells in table for text in cells]
    assert """'=cmd|" /C calc"!A0""" in texts
    assert not any(text.startswith(("=", "-", "@")) for text in texts)


def test_all_formats_are_written_and_named(desk, tmp_path):
    lines = export(desk(LATE), tmp_path / "out", [])
    assert len(lines) == len(FORMATS)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        file for file, _ in FORMATS.values()
    )


def test_a_format_that_is_not_known_is_refused_and_nothing_is_written(desk, tmp_path):
    with pytest.raises(ConfigurationError, match="did you mean long"):
        export(desk(LATE), tmp_path / "out", ["grades", "lang"])
    assert not (tmp_path / "out").exists()


def test_who_left_the_roster_is_listed(desk):
    gone = observed(70).model_copy(update={"student": "s-077"})
    assert off_the_roster(desk(gone)) == ["s-077 is in the gradebook and not on the roster, so in no export"]
