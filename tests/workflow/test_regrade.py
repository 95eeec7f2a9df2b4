"""The workflow of final grades, run for real: a class of four on two machines."""

from __future__ import annotations

import base64
import shutil
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from autograding.gradebook.collecting.branch import GradebookBranch
from autograding.gradebook.events import FinalGraded
from autograding.gradebook.store import Gradebook
from autograding.regrade.command import collect
from autograding.regrade.model import FinalResult
from tests.regrade.classroom import SECRET, Classroom, make_classroom
from tests.regrade.repositories import git, make_repository
from tests.regrade.server import GitServer, serve
from tests.regrade.test_record import DUE, pushed
from tests.workflow.act import Dispatched, dispatch_workflow
from tests.workflow.test_static import ROOT

pytestmark = pytest.mark.slow

REGRADE = ROOT / ".github" / "workflows" / "regrade.yml"
TOKEN = "ghp_theTokenOfTheCourse"
# What an instructor's repository holds besides the course itself.
PROJECT = (
    "autograding",
    "scripts",
    "tinytorch",
    ".github",
    "pyproject.toml",
    "uv.lock",
    "README.md",
    "LICENSE",
)


@dataclass(frozen=True)
class Ran:
    classroom: Classroom
    server: GitServer
    run: Dispatched
    branch: GradebookBranch


def instructors_repository(folder: Path) -> Classroom:
    """The small course with this project's code, and a class on a server."""
    classroom = make_classroom(folder)
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, classroom.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, classroom.root / name)
    (classroom.root / ".gitignore").write_text(".venv/\n__pycache__/\n*.egg-info/\nbuild/\n")
    git(classroom.root, "add", "--all")
    git(classroom.root, "commit", "--quiet", "--message", "The course with its code")
    git(classroom.root, "remote", "add", "origin", "https://github.com/org/course")
    return classroom


def collected(classroom: Classroom, folder: Path) -> GradebookBranch:
    """The branch that a collection has left: four of the class have pushed."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare", "instructor.git")
    book = folder / "gradebook.sqlite"
    with Gradebook(book) as opened:
        for number, login in enumerate(("Ann", "bob", "cyd", "eve")):
            seen = {"commit": classroom.commits[login], "repository_id": number}
            opened.append([pushed("a", student=login.lower()).model_copy(update=seen)], DUE)
    branch = GradebookBranch(str(folder / "instructor.git"), "gradebook")
    branch.push([book], "Collection")
    return branch


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("regrade")
    classroom = instructors_repository(folder)
    branch = collected(classroom, folder / "kept")
    inputs = {"assignment": "alpha", "shards": "2", "without_sandbox": "true"}
    secrets = {"TINYTORCH_SECRET": SECRET, "CLASSROOM_TOKEN": TOKEN}
    with serve(classroom.server.parent) as server:
        run = dispatch_workflow(
            classroom.root,
            folder / "act",
            REGRADE.name,
            inputs,
            secrets,
            environment={"GITHUB_SERVER_URL": server.url},
            variables={"GRADEBOOK_REMOTE": branch.remote},
        )
    return Ran(classroom, server, run, branch)


def names(files: dict[str, bytes]) -> set[str]:
    """The first part of each file's name, without the commit."""
    return {name.partition("/")[0].partition("-")[0] for name in files}


def results(ran: Ran) -> dict[str, FinalResult]:
    found = [
        FinalResult.model_validate_json(data)
        for name, data in ran.run.artifacts["final-grades"].items()
        if name.startswith("results/") and name.count("/") == 1
    ]
    return {result.chosen.login: result for result in found}


def test_every_student_whose_commit_is_there_is_graded(ran: Ran) -> None:
    assert {login: result.score for login, result in results(ran).items()} == {"Ann": 70, "bob": 40, "eve": 0}


def test_the_grades_name_the_commit_of_the_course_and_the_secret(ran: Ran) -> None:
    origins = {result.origin for result in results(ran).values()}
    assert origins == {ran.classroom.origin}


def test_the_machines_share_the_work(ran: Ran) -> None:
    shares = [names(ran.run.artifacts[f"results-{number}"]) for number in range(2)]
    assert shares == [{"ann", "eve"}, {"bob"}]


def test_a_commit_without_a_grade_fails_the_run_after_all_others_are_graded(ran: Ran) -> None:
    failed = [job for job, result in ran.run.results.items() if result == "failure"]
    assert failed == ["Final grades/Check and record"]
    assert "graded finally: 3, without a grade: 1" in ran.run.log
    assert "there is no such repository, or the token may not read it" in ran.run.log


def test_the_log_names_commits_and_no_student(ran: Ran) -> None:
    """A166."""
    assert ran.classroom.commits["Ann"][:12] in ran.run.log
    for student in ("01-alpha-cyd", "01-alpha-ann", "ann@example.org"):
        assert student not in ran.run.log


def test_the_students_repositories_are_read_with_the_token_of_the_classroom(ran: Ran) -> None:
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert {given for _, given in ran.server.seen} == {f"Basic {encoded}"}


def test_no_secret_is_handed_on_from_job_to_job(ran: Ran) -> None:
    """A108: what the machines that run student code are given holds neither secret nor token."""
    for files in ran.run.artifacts.values():
        for data in files.values():
            assert SECRET.encode() not in data
            assert TOKEN.encode() not in data


def test_the_kept_artifact_has_what_a_student_may_see_beside_the_full_record(ran: Ran) -> None:
    bob = results(ran)["bob"].chosen.key
    files = {name for name in ran.run.artifacts["final-grades"] if name.startswith(f"results/{bob}/")}
    wanted = ("executed.ipynb", "grade.json", "student.json", "summary.md", "timings.json")
    assert files == {f"results/{bob}/{name}" for name in wanted}


def test_the_grades_stand_in_the_gradebook_on_its_branch_and_in_its_table(ran: Ran, tmp_path: Path) -> None:
    ran.branch.fetch(tmp_path)
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        events = [item.event for item in book.events()]
    assert len(events) == 7
    assert sorted(event.score for event in events if isinstance(event, FinalGraded)) == [0, 40, 70]
    assert "bob@example.org,bob,Bob,40," in (tmp_path / "grades.csv").read_text()


def test_the_kept_artifact_can_be_recorded_at_home(ran: Ran, tmp_path: Path) -> None:
    for name, data in ran.run.artifacts["final-grades"].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    book = tmp_path / "gradebook.sqlite"
    shown = StringIO()
    planned, found = tmp_path / "plan", tmp_path / "results"
    status = collect(Console(file=shown), ran.classroom.root, planned, found, book)
    assert status == 1
    with Gradebook(book) as opened:
        assert sorted(item.event.score for item in opened.events()) == [0, 40, 70]


def test_a_public_repository_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """A166: artifacts of a public repository are anybody's."""
    make_repository(tmp_path / "course", {".github/workflows/regrade.yml": REGRADE.read_text()})
    git(tmp_path / "course", "remote", "add", "origin", "https://github.com/org/course")
    run = dispatch_workflow(
        tmp_path / "course", tmp_path / "act", REGRADE.name, {"assignment": "alpha"}, {}, private=False
    )
    assert run.results == {"Final grades/Choose and fetch": "failure"}
    assert run.artifacts == {}
