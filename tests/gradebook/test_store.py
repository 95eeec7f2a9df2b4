"""The gradebook file keeps what it was told, and nothing else is done to it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from autograding.gradebook.errors import GradebookError
from autograding.gradebook.store import Gradebook
from autograding.gradebook.versions import SCHEMA_VERSION, VERSIONS

from .conftest import NOW, final_graded, observed

ROOT = Path(__file__).parents[2]
VERSION_1 = Path(__file__).parent / "version_1.sqlite"


def append(path, *events):
    with Gradebook(path) as book:
        return book.append(events, NOW)


def read(path):
    with Gradebook(path) as book:
        return book.events()


def test_an_event_comes_back_as_it_was_recorded(path):
    append(path, observed(62.5, flags=("protected_changed",)))
    [item] = read(path)
    assert (item.revision, item.recorded_at) == (1, NOW)
    assert item.event == observed(62.5, flags=("protected_changed",))


def test_the_same_event_twice_is_recorded_once(path):
    assert (append(path, observed()), append(path, observed())) == (1, 0)
    assert len(read(path)) == 1


def test_a_change_about_the_same_commit_is_a_new_revision_and_the_old_one_stays(path):
    append(path, observed(None, flags=("not_run",)))
    append(path, observed(70))
    assert [(item.revision, item.event.counts) for item in read(path)] == [(1, False), (2, True)]


def test_a_change_back_is_recorded_too(path):
    append(path, observed(70))
    append(path, observed(70, flags=("protected_changed",)))
    append(path, observed(70))
    assert [item.event.counts for item in read(path)] == [True, False, True]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{}'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT id, kind, subject, revision, 'x', 'x', '{}' FROM events",
        "REPLACE INTO events SELECT 99, kind, subject, revision, 'x', 'x', '{}' FROM events",
    ],
)
def test_the_file_itself_refuses_to_change_or_forget_an_event(path, statement):
    append(path, observed())
    before = read(path)
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="the gradebook is append-only"):
        database.execute(statement)
    database.close()
    assert read(path) == before


def test_a_batch_that_fails_halfway_leaves_nothing_behind(path):
    def batch():
        yield observed(commit=1)
        raise KeyboardInterrupt

    with Gradebook(path) as book, pytest.raises(KeyboardInterrupt):
        book.append(batch(), NOW)
    assert read(path) == ()


def test_a_process_killed_in_the_middle_of_a_batch_leaves_a_gradebook_that_opens(path):
    append(path, observed(commit=1))
    script = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
database.execute(
    "INSERT INTO events (kind, subject, revision, recorded_at, digest, body) VALUES ('x','x',1,'x','x','{}')"
)
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -9
    assert len(read(path)) == 1


def test_two_writers_at_once_lose_nothing_and_repeat_nothing(path):
    append(path)
    events = [observed(commit=number) for number in range(1, 41)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: append(path, *events), range(4)))
    assert sum(counts) == 40
    assert len(read(path)) == 40


def test_a_new_gradebook_is_readable_by_its_owner_alone(path):
    append(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_gradebook_of_a_newer_version_is_refused_and_left_alone(path):
    append(path, observed())
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(GradebookError, match=r"version 3, .* up to 2\n  update this repository"):
        Gradebook(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE grades (x)")
    database.commit()
    database.close()
    before = path.read_bytes()
    with pytest.raises(GradebookError, match="this is a database, but not a gradebook"):
        Gradebook(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"identifier,login\n" * 100, b"SQLite format 3\0" + b"x" * 2000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(GradebookError, match="not a gradebook, or it is damaged"):
        Gradebook(path)
    assert path.read_bytes() == content


def test_a_damaged_gradebook_is_told_with_advice_and_left_alone(path):
    append(path, *(observed(commit=number) for number in range(1, 50)))
    damaged = path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)
    path.write_bytes(damaged)
    with pytest.raises(GradebookError, match="restore a backup"):
        read(path)
    assert path.read_bytes() == damaged


def test_an_event_no_program_of_ours_wrote_is_told_by_its_number(path):
    append(path)
    database = sqlite3.connect(path)
    database.execute(
        "INSERT INTO events (kind, subject, revision, recorded_at, digest, body) "
        "VALUES ('gift', 's', 1, '2026-01-01T00:00:00+00:00', '', '{\"score\": 100}')"
    )
    database.commit()
    database.close()
    with pytest.raises(GradebookError, match="event 1 cannot be read"):
        read(path)


def test_a_folder_or_a_missing_folder_is_told(tmp_path):
    with pytest.raises(GradebookError, match="this is a folder"):
        Gradebook(tmp_path)
    with pytest.raises(GradebookError, match="the folder for the gradebook does not exist"):
        Gradebook(tmp_path / "none" / "gradebook.sqlite")


def test_a_gradebook_that_is_being_written_elsewhere_is_told(path, monkeypatch):
    append(path)
    monkeypatch.setattr("autograding.gradebook.store.BUSY_SECONDS", 0.05)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(GradebookError, match="another program is writing to the gradebook"):
        Gradebook(path)
    writer.close()


def test_a_gradebook_of_version_1_is_brought_up_to_date_with_every_event_as_it_was(path):
    shutil.copy(VERSION_1, path)
    rows = "SELECT id, kind, subject, revision, recorded_at, digest, body FROM events ORDER BY id"
    with closing(sqlite3.connect(VERSION_1)) as database:
        before = database.execute(rows).fetchall()
    events = read(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(rows).fetchall() == before
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert [(item.event.student, item.revision) for item in events] == [
        ("s-001", 1),
        ("s-002", 1),
        ("s-003", 1),
        ("s-002", 2),
        ("s-001", 1),
    ]


def test_a_gradebook_of_version_1_goes_on_as_one_of_today(path):
    shutil.copy(VERSION_1, path)
    assert append(path, observed(commit=9), final_graded(50)) == 2
    assert len(read(path)) == 7


def test_what_is_kept_of_an_old_version_in_use_elsewhere_waits_its_turn(path, monkeypatch):
    shutil.copy(VERSION_1, path)
    monkeypatch.setattr("autograding.gradebook.store.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match="another program is writing"):
            Gradebook(path)
    assert len(read(path)) == 5


def test_a_migration_that_fails_halfway_leaves_the_old_version(path, monkeypatch):
    shutil.copy(VERSION_1, path)
    broken = (*VERSIONS[:-1], (*VERSIONS[-1], "CREATE VIEW current_events AS SELECT 1"))
    monkeypatch.setattr("autograding.gradebook.store.VERSIONS", broken)
    with pytest.raises(GradebookError):
        Gradebook(path)
    assert path.read_bytes() == VERSION_1.read_bytes()


WRITER = """
import sys
from pathlib import Path
from autograding.gradebook.store import Gradebook
from tests.gradebook.conftest import NOW, observed
first = int(sys.argv[2])
for number in range(first, first + 8):
    with Gradebook(Path(sys.argv[1])) as book:
        book.append([observed(commit=number), observed(commit=1)], NOW)
"""


@pytest.mark.slow
def test_several_processes_that_write_at_once_lose_nothing_and_repeat_nothing(path):
    append(path)
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [
        subprocess.Popen([*command, str(first)], cwd=ROOT, stderr=subprocess.PIPE)
        for first in (100, 200, 300)
    ]
    assert [writer.communicate()[1] for writer in writers] == [b"", b"", b""]
    commits = sorted(int(item.event.commit, 16) for item in read(path))
    assert commits == [1, *range(100, 108), *range(200, 208), *range(300, 308)]


ENDLESS = """
import itertools, sys
from pathlib import Path
from autograding.gradebook.store import Gradebook
from tests.gradebook.conftest import NOW, observed
with Gradebook(Path(sys.argv[1])) as book:
    for number in itertools.count(1):
        book.append([observed(commit=number * 10 + place) for place in range(10)], NOW)
        print(number, flush=True)
"""


def test_a_process_killed_while_it_writes_loses_nothing_that_it_had_committed(path):
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        told = [writer.stdout.readline() for _ in range(5)]
        writer.kill()
        told += writer.stdout.readlines()
    commits = [int(item.event.commit, 16) for item in read(path)]
    assert set(range(10, 10 * len(told) + 10)) <= set(commits)
    assert len(commits) % 10 == 0


def test_a_backup_holds_what_was_there_and_no_more(path, tmp_path):
    append(path, observed(commit=1))
    with Gradebook(path) as book:
        book.backup(tmp_path / "backup.sqlite")
    append(path, observed(commit=2))
    assert [int(item.event.commit, 16) for item in read(tmp_path / "backup.sqlite")] == [1]
    assert (tmp_path / "backup.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_backup_replaces_no_file(path, tmp_path):
    (tmp_path / "backup.sqlite").write_text("precious")
    append(path)
    with Gradebook(path) as book, pytest.raises(GradebookError, match="a backup replaces nothing"):
        book.backup(tmp_path / "backup.sqlite")
    assert (tmp_path / "backup.sqlite").read_text() == "precious"


def test_a_gradebook_that_is_damaged_anywhere_is_refused_before_anything_is_written(path):
    append(path, *(observed(commit=number) for number in range(1, 50)))
    data = bytearray(path.read_bytes())
    # A page that adding an event does not touch: the one with the text of an event in the middle.
    page = data.index(b'"commit":"' + f"{20:040x}".encode()) // 4096 * 4096
    data[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(GradebookError, match="restore a backup"):
        append(path, observed(commit=99))
    assert path.read_bytes() == bytes(data)


def test_the_events_of_one_student_are_found_without_the_others(path):
    append(path, observed(), observed(commit=2).model_copy(update={"student": "s-002"}))
    with Gradebook(path) as book:
        assert [item.event.student for item in book.events("s-002")] == ["s-002"]
