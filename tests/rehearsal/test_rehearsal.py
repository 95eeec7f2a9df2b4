"""The rehearsal: the whole path, from lesson sources to a line in the gradebook."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograding.course import Course
from autograding.grader.errors import ConfigurationError
from autograding.rehearsal.rehearse import Rehearsal, rehearse
from autograding.rehearsal.students import make_class
from tests.conftest import ROOT

# One assignment that ships nothing of earlier modules, and one that does. The way of a commit is the same for
# every other; that each can be graded is proved by tests/assignments.
REHEARSED = ("01_tensor", "02_activations")
TABLE = """\
student  what they did      01_tensor     02_activations
-------  -----------------  ------------  --------------
ada      all done           70 graded     70 graded
ben      half done          30 graded     25 graded
chen     untouched starter  0 graded      0 graded
dalia    one broken cell    60 graded     50 graded
emre     a known bug        68.91 graded  58 graded
fatou    late               56 late       56 late
goran    tampered workflow  flagged       flagged
hana     never pushed       missing       missing"""


@pytest.fixture(scope="module")
def rehearsal(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    few = replace(course, assignments=tuple(course.resolve(name) for name in REHEARSED))
    # That notebooks and checkpoints are run is shown where one commit is graded.
    return rehearse(few, tmp_path_factory.mktemp("rehearsal") / "course", quick=True)


@pytest.mark.slow
def test_the_table_is_the_one_expected_line_by_line(rehearsal: Rehearsal) -> None:
    assert rehearsal.table.splitlines() == TABLE.splitlines()


@pytest.mark.slow
def test_the_csv_has_a_row_a_student_and_columns_for_each_assignment(rehearsal: Rehearsal) -> None:
    with rehearsal.csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["github_username"] for row in rows] == [student.login for student in rehearsal.students]
    ben = rows[1]
    assert (ben["01_tensor"], ben["01_tensor_state"], ben["02_activations"]) == ("30", "graded", "25")


@pytest.mark.slow
def test_only_the_tampered_repositories_need_a_person(rehearsal: Rehearsal) -> None:
    flagged = {item.repository.partition("/")[2] for item in rehearsal.collected.report.undecided}
    assert flagged == {"01-tensor-goran", "02-activations-goran"}


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
