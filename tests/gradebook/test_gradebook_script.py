"""`scripts/gradebook.py` as a person runs it: status, output, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from autograding.gradebook.store import Gradebook

from .conftest import DUE, NOW, observed

SCRIPT = Path(__file__).parents[2] / "scripts" / "gradebook.py"


@pytest.fixture
def run(course_folder, path):
    with Gradebook(path) as book:
        book.append([observed(60, DUE + timedelta(hours=20))], NOW)

    def run(*arguments):
        return subprocess.run(
            [sys.executable, SCRIPT, *arguments],
            cwd=course_folder,
            env={"PATH": os.environ["PATH"], "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def count(path):
    with Gradebook(path) as book:
        return len(book.events())


def test_an_extension_is_entered_with_its_reason_and_explained_afterwards(run):
    entered = run("extend", "tensor", "ada", "2026-09-30", "--reason", "was ill", "--by", "prof")
    assert (entered.returncode, entered.stderr) == (0, "")
    assert "s-001 01_tensor: 54 (late) -> 60 (graded)" in entered.stdout
    assert "was ill (prof)" in run("explain", "ada", "1").stdout


def test_a_table_with_one_wrong_row_is_status_2_and_nothing_of_it_is_recorded(run, course_folder, path):
    rows = [f"1,ada,q{number},5" for number in (1, 2)]
    (course_folder / "scores.csv").write_text(
        "\n".join(["assignment,student,question,points", *rows, "1,ada,q3,50"])
    )
    done = run("scores", "scores.csv", "--by", "grader")
    assert done.returncode == 2
    assert "scores.csv:4: expected points from 0 to 10, got '50'" in done.stderr
    assert count(path) == 1


def test_wrong_usage_is_status_2_and_changes_nothing(run, path):
    assert run("override", "tensor", "ada", "--reason", "x").returncode == 2
    assert run("fill", "sakai", "x.csv", "--output", "y.csv").returncode == 2
    assert count(path) == 1


def test_what_a_person_must_look_at_is_status_1(run, course_folder):
    (course_folder / "roster.csv").write_text("identifier,github_username\ns-002,grace\ns-003,\n")
    done = run("roster")
    assert done.returncode == 1
    assert "s-003 has no GitHub login yet" in done.stderr
    assert "s-001 is in the gradebook and not on the roster" in done.stderr


def test_a_backup_is_a_gradebook_of_its_own(run, course_folder):
    assert run("backup", "copy.sqlite").returncode == 0
    assert run("explain", "ada", "--gradebook", "copy.sqlite").returncode == 0
    assert run("backup", "copy.sqlite").returncode == 1
