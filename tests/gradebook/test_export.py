"""The CSV: stable columns, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.gradebook.errors import GradebookError
from autograding.gradebook.export import grades_csv, write_atomically
from autograding.gradebook.policy import LateRule, Policy, grade_everyone
from autograding.grader.report.text import csv_cell

from . import rfc4180
from .conftest import DUE, Assignment, excused, observed, scored, stored

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Student:
    identifier: str
    login: str = "ada"
    name: str = "Ada Lovelace"


def export(*students, events=()):
    assignments = [Assignment("01_tensor"), Assignment("02_activations")]
    policy = Policy(LateRule(timedelta(0), 0.1, 0.5))
    grades = grade_everyone(events, [student.identifier for student in students], assignments, policy)
    return grades_csv(students, [item.id for item in assignments], grades, ZONE)


def test_the_header_names_three_columns_an_assignment():
    [header] = rfc4180.read(export())
    assert header == [
        "identifier",
        "github_username",
        "name",
        "01_tensor",
        "01_tensor_state",
        "01_tensor_submitted",
        "02_activations",
        "02_activations_state",
        "02_activations_submitted",
        "total",
    ]


def test_times_stand_in_the_zone_of_the_course_with_their_offset():
    [_, row] = rfc4180.read(export(Student("s-001"), events=stored(observed(70, DUE))))
    assert row[3:6] == ["70", "graded", "2026-09-21T00:00:00+02:00"]


@pytest.mark.parametrize(("score", "shown"), [(70.0, "70"), (62.5, "62.5"), (33.333333, "33.33"), (0.0, "0")])
def test_points_stand_as_people_write_them(score, shown):
    [_, row] = rfc4180.read(export(Student("s-001"), events=stored(observed(score))))
    assert (row[3], row[-1]) == (shown, shown)


def test_no_grade_is_an_empty_cell_and_no_zero():
    [_, row] = rfc4180.read(export(Student("s-001")))
    assert row[3:] == ["", "missing", "", "", "missing", "", "0"]


def test_the_points_of_an_assignment_are_those_of_exercises_and_answers():
    [_, row] = rfc4180.read(
        export(Student("s-001"), events=stored(observed(60), scored(9), scored(7.5, "01.q2")))
    )
    assert (row[3], row[-1]) == ("76.5", "76.5")


def test_what_a_student_is_excused_from_has_no_points():
    [_, row] = rfc4180.read(export(Student("s-001"), events=stored(observed(60), excused())))
    assert (row[3], row[4], row[-1]) == ("", "excused", "0")


def test_equal_grades_give_equal_bytes():
    events = stored(observed(62.5))
    assert export(Student("s-001"), events=events) == export(Student("s-001"), events=events)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://evil.example","click")',
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "＝1+1",
    ],
)
def test_what_a_spreadsheet_would_run_is_read_back_as_text(text):
    [_, row] = rfc4180.read(export(Student("s-001", name=text)))
    assert row[2] == f"'{text}"


@pytest.mark.parametrize("text", ["Ada, Countess", 'Ada "the first"', "Å δ א 🎓", "a=b", "x-1"])
def test_other_text_is_read_back_as_it_was(text):
    [_, row] = rfc4180.read(export(Student("s-001", name=text)))
    assert row[2] == text


@given(st.text(), st.text(), st.text())
def test_no_text_of_a_person_adds_a_row_or_a_column_or_starts_a_formula(identifier, login, name):
    table = rfc4180.read(export(Student(identifier, login, name)))
    assert [len(row) for row in table] == [10, 10]
    assert table[1][:3] == [csv_cell(identifier), csv_cell(login), csv_cell(name)]
    assert not any(cell.startswith(FORMULA_STARTS) for cell in table[1])


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    write_atomically(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path):
    write_atomically(tmp_path / "grades.csv", "")
    assert stat.S_IMODE((tmp_path / "grades.csv").stat().st_mode) == 0o600


def test_a_file_that_exists_keeps_its_permissions(tmp_path):
    path = tmp_path / "grades.csv"
    path.touch()
    path.chmod(0o640)
    write_atomically(path, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "grades.csv").mkdir()
    with pytest.raises(GradebookError, match="name another file: --output FILE"):
        write_atomically(tmp_path / "grades.csv", "")
    assert [item.name for item in tmp_path.iterdir()] == ["grades.csv"]
