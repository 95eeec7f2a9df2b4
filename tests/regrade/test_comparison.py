"""The comparison of a class, from the submissions that a regrade keeps to a table for a person."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha1
from io import StringIO
from pathlib import Path

from rich.console import Console

from autograding.course import Course
from autograding.grader.notebook.read import read_notebook
from autograding.lesson import notebook_json, read_lesson, strip_solutions
from autograding.regrade.comparison import TABLE, compare_class, material_of, work_of
from autograding.regrade.files import Folder, write
from autograding.regrade.model import Chosen, Origin, Prepared
from autograding.rehearsal.students import all_done
from tests.assignments.conftest import PROJECT, SMALL_COURSE
from tests.regrade.repositories import notebook

SCRIPT = PROJECT / "scripts" / "compare_submissions.py"
WRITTEN = """#| export
def label(number):
    words = ["negative", "zero", "positive"]
    place = 1
    for border in (0.0, -0.0):
        place += (number > border) - (number < border)
    return words[max(0, min(2, place))] if number == number else "zero"
"""
COPIED = """#| export
def label(x):
    # entirely my own work
    names = ['negative', 'zero', 'positive']
    i = 2
    for limit in (1.0, -1.0):
        i += (x > limit) - (x < limit)
    return names[max(0, min(2, i))] if x == x else 'zero'
"""
OTHER = """#| export
def label(number):
    sign = int(np.sign(number))
    return {-1: "negative", 0: "zero", 1: "positive"}[sign]
"""


def keep(folder: Path, login: str, text: str, repository: str = "", assignment: str = "01_alpha") -> None:
    """A submission as a regrade keeps it."""
    chosen = Chosen(
        student=f"{login}@example.org",
        login=login,
        repository=repository or f"org/01-alpha-{login}",
        commit=sha1(text.encode(), usedforsecurity=False).hexdigest(),
    )
    origin = Origin(assignment=assignment, course_commit="a" * 40, dirty=False, secret="secret")
    made = Prepared(chosen=chosen, origin=origin, seed="seed", notebook=text.encode(), brought={})
    write(Folder(folder).prepared(chosen.key), made)


@dataclass(frozen=True)
class Compared:
    status: int
    shown: str
    rows: list[dict[str, str]]


def compared(final: Path, *past: Path) -> Compared:
    output = StringIO()
    status = compare_class(Console(file=output, width=200), SMALL_COURSE, "alpha", final, past)
    table = next(final.rglob(TABLE), None)
    rows = list(csv.DictReader(StringIO(table.read_text(encoding="utf-8")))) if table else []
    return Compared(status, output.getvalue(), rows)


def test_a_copy_is_listed_with_what_a_person_needs_to_read_both(tmp_path: Path) -> None:
    for login, source in {"ada": WRITTEN, "bob": COPIED, "cyd": OTHER}.items():
        keep(tmp_path / "final" / "01_alpha", login, notebook(label=source))
    done = compared(tmp_path / "final")
    assert done.status == 0
    [row] = done.rows
    assert (row["student"], row["other_student"]) == ("ada", "bob")
    assert int(row["share_percent"]) > 90
    assert row["exercises"] == f"label {row['shared']}"
    assert (row["repository"], row["other_repository"]) == ("org/01-alpha-ada", "org/01-alpha-bob")
    assert "3 submissions of 01_alpha, 1 pairs alike" in done.shown
    assert "Alike is not copied" in done.shown


def test_a_copy_from_an_earlier_year_is_found_and_its_folder_named(tmp_path: Path) -> None:
    keep(tmp_path / "final" / "01_alpha", "bob", notebook(label=COPIED))
    keep(tmp_path / "2025" / "01_alpha", "ada", notebook(label=WRITTEN))
    done = compared(tmp_path / "final", tmp_path / "2025")
    assert [row["other_folder"] for row in done.rows] == [str(tmp_path / "2025" / "01_alpha")]
    assert "ada (2025)" in done.shown


def test_two_commits_of_a_student_are_one_work(tmp_path: Path) -> None:
    keep(tmp_path, "ada", notebook(label=WRITTEN))
    keep(tmp_path, "ada", notebook(label=WRITTEN + "\n\n"))
    done = compared(tmp_path)
    assert (done.status, done.rows) == (0, [])
    assert "1 submissions" in done.shown


def test_the_starter_alone_has_no_fingerprint(course: Course) -> None:
    """Of a real module, whose starter has code of its own: also where its cells have other ids."""
    tensor = course.resolve("01_tensor")
    material = material_of(tensor)
    starter = notebook_json(strip_solutions(read_lesson(tensor.lesson), tensor.number), tensor)
    moved = notebook(**{f"moved-{number}": source for number, source in enumerate(material.cells.values())})
    works = [work_of("ada", read_notebook(text.encode(), "a.ipynb"), material) for text in (starter, moved)]
    assert [work.fingerprints for work in works] == [frozenset(), frozenset()]


def test_two_who_wrote_the_reference_are_not_alike(small: Course, tmp_path: Path) -> None:
    alpha = small.resolve("alpha")
    for login in ("ada", "bob"):
        keep(tmp_path, login, all_done(alpha, alpha.lesson.read_text()))
    assert compared(tmp_path).rows == []


def test_what_is_no_notebook_is_left_out_and_stops_nothing(tmp_path: Path) -> None:
    keep(tmp_path, "eve", "<<<<<<< HEAD")
    keep(tmp_path, "ada", notebook(label=WRITTEN))
    keep(tmp_path, "bob", notebook(label=COPIED))
    done = compared(tmp_path)
    assert (done.status, len(done.rows)) == (0, 1)


def test_a_damaged_file_is_named_after_everything_else_is_compared(tmp_path: Path) -> None:
    keep(tmp_path, "ada", notebook(label=WRITTEN))
    keep(tmp_path, "bob", notebook(label=COPIED))
    keep(tmp_path, "cyd", notebook(label=OTHER), assignment="02_beta")
    (tmp_path / "dan.prepared.json").write_text("{}")
    done = compared(tmp_path)
    assert (done.status, len(done.rows)) == (1, 1)
    assert "dan.prepared.json" in done.shown
    assert "this is a submission of 02_beta, not of 01_alpha" in done.shown


def test_a_name_that_is_a_formula_or_markup_is_neutralised(tmp_path: Path) -> None:
    keep(tmp_path, "ada", notebook(label=WRITTEN), '=HYPERLINK("https://evil.example","x")')
    keep(tmp_path, "bob", notebook(label=COPIED), "[red]\x1b[2J")
    [row] = compared(tmp_path).rows
    assert row["repository"].startswith("'=HYPERLINK(")
    assert row["other_repository"] == "[red]"


def test_an_empty_folder_is_refused_with_the_command_that_fills_it(tmp_path: Path) -> None:
    done = compared(tmp_path)
    assert done.status == 2
    assert "there are no submissions of 01_alpha" in done.shown
    assert "regrade_submissions.py --assignment 01_alpha" in " ".join(done.shown.split())


def test_the_command_compares_what_a_regrade_has_kept(tmp_path: Path) -> None:
    keep(tmp_path / "build" / "01_alpha", "ada", notebook(label=WRITTEN))
    keep(tmp_path / "old" / "01_alpha", "bob", notebook(label=COPIED))
    arguments = ["--assignment", "1", "--final", str(tmp_path / "build"), "--root", str(SMALL_COURSE)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments, str(tmp_path / "old")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 submissions of 01_alpha, 1 pairs alike" in done.stdout
