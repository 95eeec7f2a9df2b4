"""The commands as an instructor runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from autograding.gradebook.events import FinalGraded
from autograding.gradebook.store import Gradebook
from autograding.regrade.command import Source, regrade, take_secrets
from autograding.regrade.fetch import GITHUB
from autograding.regrade.files import Folder, read
from autograding.regrade.model import FinalResult
from autograding.regrade.stages import Options
from tests.assignments.conftest import PROJECT
from tests.regrade.classroom import SECRET, Classroom
from tests.regrade.server import serve
from tests.regrade.test_record import DUE, pushed

SCRIPT = PROJECT / "scripts" / "regrade_submissions.py"
TOKEN = "ghp_theTokenOfTheCourse"


def environment(**extra: str) -> dict[str, str]:
    return os.environ | {"TINYTORCH_SECRET": SECRET, "GITHUB_TOKEN": TOKEN} | extra


def command(room: Classroom, folder: Path, *arguments: str) -> list[str]:
    fixed = ["--root", str(room.root), "--output", str(folder), "--gradebook", str(folder / "book.sqlite")]
    # Where there is a sandbox it is used all the same: these tests hold on every machine.
    fixed += ["--no-notebook", "--without-sandbox"]
    return [sys.executable, str(SCRIPT), "--assignment", "alpha", *fixed, *arguments]


def run(room: Classroom, folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        command(room, folder, *arguments),
        env=environment(**extra),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def recorded(folder: Path) -> dict[str, float]:
    with Gradebook(folder / "book.sqlite") as book:
        events = [item.event for item in book.events()]
    return {item.student.partition("@")[0]: item.score for item in events if isinstance(item, FinalGraded)}


def test_a_list_is_graded_and_recorded_and_what_failed_is_listed(
    classroom: Classroom, tmp_path: Path
) -> None:
    listing = classroom.write_list(tmp_path / "list.csv", "bob", "dan")
    done = run(classroom, tmp_path / "out", "--list", str(listing))
    assert done.returncode == 1
    assert "graded finally: 1, without a grade: 1, mean 40 points" in done.stdout
    assert "A person must look:" in done.stdout
    assert "the repository has no such commit" in done.stdout
    assert recorded(tmp_path / "out") == {"bob": 40}
    assert SECRET not in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_the_gradebook_says_what_to_grade_and_whose_turn_it_is_no_more(
    classroom: Classroom, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    event = pushed("b", student="bob").model_copy(update={"commit": classroom.commits["bob"]})
    with Gradebook(out / "book.sqlite") as book:
        book.append([event], DUE)
    with serve(classroom.server.parent) as server:
        done = run(classroom, out, "--from", "gradebook", GITHUB_SERVER_URL=server.url)
        assert done.returncode == 0, done.stdout
        assert recorded(out) == {"bob": 40}
        requests = len(server.seen)
        done = run(classroom, out, "--from", "gradebook", GITHUB_SERVER_URL=server.url)
        assert done.returncode == 0, done.stdout
        assert "nothing to grade: every commit that counts has its final grade" in done.stdout
        assert len(server.seen) == requests


def test_a_run_that_is_killed_loses_nothing_and_leaves_nothing_half_written(
    classroom: Classroom, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    listing = classroom.write_list(tmp_path / "list.csv", "bob", "eve")
    arguments = command(classroom, out, "--list", str(listing), "--jobs", "1")
    folder = Folder(out / "01_alpha")
    with subprocess.Popen(
        arguments, env=environment(), cwd=out, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not folder.results() and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    kept = {path.name: (read(path, FinalResult), path.stat().st_mtime_ns) for path in folder.results()}
    assert len(kept) == 1
    done = run(classroom, out, "--list", str(listing))
    assert done.returncode == 0, done.stdout
    assert "graded finally: 2 (1 of them by an earlier run)" in done.stdout
    assert (
        kept.items()
        <= {
            path.name: (read(path, FinalResult), path.stat().st_mtime_ns) for path in folder.results()
        }.items()
    )
    assert [path.name for path in folder.path.glob(".*-*")] == []


def test_one_source_of_commits_is_named(classroom: Classroom, tmp_path: Path) -> None:
    done = run(classroom, tmp_path / "out")
    assert done.returncode == 2
    assert "name one source" in done.stderr


@pytest.mark.parametrize(
    ("source", "secret", "server", "sandbox", "message"),
    [
        (Source(listing=Path("none.csv")), SECRET, GITHUB, "bubblewrap", "none.csv"),
        (Source(gradebook=Path("none.sqlite")), SECRET, GITHUB, "bubblewrap", "there is no gradebook here"),
        (Source(gradebook=Path("none.sqlite")), "", GITHUB, "bubblewrap", "TINYTORCH_SECRET is not set"),
        (Source(gradebook=Path("none.sqlite")), SECRET, GITHUB, "none", "this machine has no sandbox"),
        (Source(), SECRET, "http://example.org", "bubblewrap", "not the address of a server"),
    ],
)
def test_a_wrong_configuration_is_explained(
    classroom: Classroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: Source,
    secret: str,
    server: str,
    sandbox: str,
    message: str,
) -> None:
    monkeypatch.setenv("TINYTORCH_SECRET", secret)
    monkeypatch.setattr("autograding.grader.worker.sandbox.kind", lambda: sandbox)
    shown = StringIO()
    status = regrade(
        Console(file=shown),
        classroom.root,
        "alpha",
        source,
        tmp_path,
        tmp_path / "book.sqlite",
        Options(),
        server=server,
    )
    assert status == 2
    assert message in shown.getvalue()


def test_no_process_that_is_started_later_inherits_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYTORCH_SECRET", SECRET)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert take_secrets() == (SECRET, TOKEN)
    shown = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    assert SECRET not in shown
    assert TOKEN not in shown


def test_the_dates_of_the_small_course_are_those_these_tests_speak_of(classroom: Classroom) -> None:
    assert classroom.alpha.due == datetime.fromisoformat(DUE.isoformat())
