"""The rehearsal: the whole path, from lesson sources to a line in the gradebook."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from autograding.course import Course
from autograding.grader.errors import ConfigurationError
from autograding.rehearsal.rehearse import Rehearsal, rehearse
from autograding.rehearsal.students import make_class
from tests.conftest import ROOT

TABLE = """\
student  what they did      00_setup      01_tensor     02_activations
-------  -----------------  ------------  ------------  --------------
ada      all done           70 graded     70 graded     70 graded
ben      half done          25 graded     30 graded     25 graded
chen     untouched starter  0 graded      0 graded      0 graded
dalia    one broken cell    55 graded     60 graded     50 graded
emre     a known bug        68.12 graded  68.91 graded  61 graded
fatou    late               56 late       56 late       56 late
goran    tampered workflow  flagged       flagged       flagged
hana     never pushed       missing       missing       missing"""


@pytest.fixture(scope="module")
def rehearsal(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return rehearse(course, tmp_path_factory.mktemp("rehearsal") / "course")


@pytest.mark.slow
def test_the_table_is_the_one_expected_line_by_line(rehearsal: Rehearsal) -> None:
    assert rehearsal.table.splitlines() == TABLE.splitlines()


@pytest.mark.slow
def test_the_csv_has_a_row_a_student_and_columns_for_each_assignment(rehearsal: Rehearsal) -> None:
    with rehearsal.csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["github_username"] for row in rows] == [student.login for student in rehearsal.students]
    assert (rows[1]["00_setup"], rows[1]["01_tensor"], rows[1]["01_tensor_state"]) == ("25", "30", "graded")


@pytest.mark.slow
def test_only_the_tampered_repositories_need_a_person(rehearsal: Rehearsal) -> None:
    flagged = {item.repository.partition("/")[2] for item in rehearsal.collected.report.flagged}
    assert flagged == {"00-setup-goran", "01-tensor-goran", "02-activations-goran"}


@pytest.mark.slow
def test_the_late_push_is_recognized_by_the_servers_clock(rehearsal: Rehearsal) -> None:
    late = rehearsal.collected.grades["s0006", "01_tensor"]
    assert late.chosen is not None
    assert (late.chosen.days_late, late.chosen.score, late.score) == (2, 70, 56)


def test_a_folder_with_other_things_is_refused(course: Course, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="is no rehearsal"):
        rehearse(course, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_logins_stay_unique_in_a_large_class() -> None:
    logins = [student.login for student in make_class(100)]
    assert len(set(logins)) == 100


def test_the_script_explains_a_refusal_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/rehearse_course.py", "--output", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "name another folder with --output" in done.stderr
    assert "Traceback" not in done.stderr
