"""Equal inputs give equal bytes, whoever grades them, where, and how that machine is set up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograding.assignments.render import render_assignment
from autograding.course import load_course
from tests.conftest import ROOT

# What a student's messages can hold that differs from run to run: an address, the order of a set, a
# temporary folder, where a package lies, the locale and the time zone.
WORK = {
    "spread": """#| export
import locale
import time

class Thing:
    pass

def spread(values):
    if len(values) == 2:
        raise ValueError(f"{Thing()} {set('abcdefgh')} {Thing} {open}")
    raise ValueError(f"{np} {__file__} {time.tzname} {locale.getlocale()} {sorted(map(str, {Thing()}))}")
""",
    "label": """#| export
def label(number):
    if number == 0:
        open("nowhere/at/all")
    return {f"{number}{letter}" for letter in "abcdefgh"}
""",
}
PROGRAM = """
import os, sys
from pathlib import Path
umask, repository, output = sys.argv[1:]
os.umask(int(umask, 8))
from autograding.grader.grade import encode_record
from autograding.grader.run import grade_repository
grade = grade_repository(Path(repository), Path(output))
Path(output, "record.json").write_text(encode_record(grade))
"""
RESULTS = ("grade.json", "summary.md", "record.json")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The small course's first module with work in it that fails in every unsteady way."""
    shutil.copytree(ROOT / "tests/assignments/small_course", tmp_path / "course")
    course = load_course(tmp_path / "course")
    path = render_assignment(course, course.resolve("alpha"), tmp_path / "01-alpha").path
    notebook = json.loads((path / "alpha.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = WORK.get(cell["id"], cell["source"])
    (path / "alpha.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return path


def results(repository: Path, place: Path, umask: str, variables: dict[str, str]) -> dict[str, bytes]:
    """The bytes of a grade that is made in `place`, from a copy there, in that environment."""
    place.mkdir(parents=True)
    for name in ("temporary", "home"):
        (place / name).mkdir()
    copy = shutil.copytree(repository, place / "copy", symlinks=True)
    own = {"TMPDIR": str(place / "temporary"), "HOME": str(place / "home")}
    command = [sys.executable, "-c", PROGRAM, umask, str(copy), str(place / "output")]
    subprocess.run(command, cwd=place, env=os.environ | own | variables, check=True)
    return {name: (place / "output" / name).read_bytes() for name in RESULTS}


@pytest.mark.slow
def test_the_grade_is_the_same_on_two_machines_that_differ_in_everything(
    repository: Path, tmp_path: Path
) -> None:
    one = results(
        repository,
        tmp_path / "one",
        "022",
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "OMP_NUM_THREADS": "1"},
    )
    two = results(
        repository,
        tmp_path / "another folder" / "ü",
        "077",
        {"PYTHONHASHSEED": "2", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "4", "COLUMNS": "40"},
    )
    assert one == two
    assert b"0x7f" not in one["grade.json"]
    assert b"not written yet" not in one["grade.json"]
