"""Files of a regrade appear whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.regrade.files import Folder, UnreadableResult, locked, put_in_place, read, write
from autograding.regrade.model import Chosen, Origin, Plan, Prepared, Problem

CHOSEN = Chosen(student="ann", login="ann", repository="org/x", commit="a" * 40)
ORIGIN = Origin(assignment="01_alpha", course_commit="c" * 40, dirty=False, secret="0123")
# Takes a while to write, so that a kill falls into the middle.
WRITER = """
import sys
from pathlib import Path
from autograding.regrade.files import write
from autograding.regrade.model import Chosen, Problem
chosen = Chosen(student="ann", login="ann", repository="org/x", commit="a" * 40)
while True:
    write(Path(sys.argv[1]), Problem(chosen=chosen, why="x" * 30_000_000))
"""


def prepared(notebook: bytes | None = None, brought: dict[str, bytes] | None = None) -> Prepared:
    return Prepared(chosen=CHOSEN, origin=ORIGIN, seed="ff", notebook=notebook, brought=brought or {})


def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as process:
        while not path.exists() and process.poll() is None:
            time.sleep(0.01)
        half = list(tmp_path.glob(".writing-*"))
        while not half and process.poll() is None:
            half = [item for item in tmp_path.glob(".writing-*") if item.stat().st_size]
        process.send_signal(signal.SIGKILL)
    assert half
    assert len(read(path, Problem).why) == 30_000_000


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / ".writing-x").write_text("{")
    (tmp_path / ".new-x" / "details").mkdir(parents=True)
    write(folder.problem("ann"), Problem(chosen=CHOSEN, why="x"))
    with locked(folder):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "ann.problem.json"]


def test_a_folder_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    for name in ("new", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    put_in_place(tmp_path / "new", tmp_path / "place")
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["new"]


@given(st.none() | st.binary(), st.dictionaries(st.text(), st.binary(), max_size=3))
def test_bytes_come_back_as_they_were(notebook: bytes | None, brought: dict[str, bytes]) -> None:
    item = prepared(notebook, brought)
    assert Prepared.model_validate_json(item.model_dump_json(by_alias=True)) == item


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "tinytorch-classroom/prepared/v9"}'])
def test_what_cannot_be_read_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(UnreadableResult, match="this is no Prepared of this version"):
        read(tmp_path / "x", Prepared)


@given(st.binary())
def test_no_bytes_are_taken_for_a_plan_that_is_none(junk: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Plan.model_validate_json(junk)


def test_a_result_and_what_belongs_to_it_are_told_apart(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    write(folder.prepared("ann-1"), prepared())
    write(folder.problem("ann-1"), Problem(chosen=CHOSEN, why="x"))
    write(folder.path / "plan.json", Plan(origin=ORIGIN, chosen=(), problems=()))
    folder.result("ann-2").touch()
    assert [path.name for path in folder.results()] == ["ann-2.json"]
