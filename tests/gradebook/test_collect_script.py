"""`scripts/collect_grades.py` as a person runs it: in a course folder, against an emulated GitHub."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograding.github.emulator import (
    EmulatedAnnotation,
    EmulatedCommit,
    EmulatedGitHub,
    EmulatedRepository,
    EmulatedRun,
)
from autograding.github.expected import blob_id
from autograding.grader.grade import RECORD_TITLE
from autograding.grader.manifest import Exercise, Manifest, encode_manifest

from .conftest import MODULE, ROSTER

ROOT = Path(__file__).parents[2]
TOKEN = "ghp_emulated0123456789"
CLASSROOM = """
course:
  title: Machine learning systems
  organization: demo-course
  term: Fall 2026
  timezone: Europe/Berlin
assignments:
  - {id: 01_tensor, due: "2026-09-20T23:59:00+02:00"}
weights: {modules: 100, checkpoints: 0, midterm: 0, final: 0}
late: {grace_minutes: 10, penalty_per_day: 10, floor: 50}
roster: roster.csv
"""
TREES = dict.fromkeys((".github", "tests", "autograding", "pyproject.toml", "uv.lock"), "a" * 40)
MANIFEST = Manifest(
    assignment="01_tensor",
    number="01",
    title="Tensor",
    notebook="tensor.ipynb",
    package="tinytorch.core.tensor",
    exercises=(Exercise("01.create", "Create", 30), Exercise("01.matmul", "Multiply", 40)),
    questions=(),
    tests=(),
    cells=(),
    trees=TREES,
)
TEXT = encode_manifest(MANIFEST)
COMMIT = "c" * 40
RECORD = (
    '{"schema":"tinytorch-classroom/record/v1","assignment":"01_tensor","commit":"%s","manifest":"%s",'
    '"score":62.5,"max_score":70,"exercises":{"01.create":22.5,"01.matmul":40},"answered":[],'
    '"checkpoint":true,"ran":true,"sandbox":"bubblewrap","flags":[]}'
)


@pytest.fixture
def course(tmp_path):
    module = tmp_path / "modules" / "01_tensor"
    (module / "tests").mkdir(parents=True)
    (module / "tensor.py").write_text("# %%\n")
    (module / "tests" / "test_tensor.py").write_text("")
    (module / "module.yml").write_text(MODULE.replace("NAME", "tensor"))
    (tmp_path / "classroom.yml").write_text(CLASSROOM)
    (tmp_path / "roster.csv").write_text(ROSTER)
    rendered = tmp_path / "build" / "assignments" / "01-tensor"
    rendered.mkdir(parents=True)
    (rendered / "assignment.json").write_text(TEXT)
    return tmp_path


def repository(name="01-tensor-ada", **files):
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    objects = {**TREES, "assignment.json": blob_id(TEXT.encode()), **files}
    pushed = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
    run = EmulatedRun(COMMIT, pushed, (EmulatedAnnotation(RECORD_TITLE, RECORD % (COMMIT, digest)),))
    return EmulatedRepository(name, 1, pushed, head=EmulatedCommit(COMMIT, pushed, objects), runs=(run,))


def collect(course, *arguments, token=TOKEN):
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "collect_grades.py", *arguments],
        cwd=course,
        env={"PATH": os.environ["PATH"], "GITHUB_TOKEN": token, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def serve():
    def serve(*repositories):
        return EmulatedGitHub(organization="demo-course", repositories=repositories, tokens=[TOKEN])

    return serve


def test_a_collection_ends_with_a_table_a_csv_and_status_0(course, serve):
    with serve(repository()) as github:
        done = collect(course, "--api-url", github.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "repositories read: 1 (empty: 0, no submissions: 0), new in the gradebook: 1" in done.stdout
    assert (course / "grades.csv").read_text().splitlines() == [
        "identifier,github_username,name,01_tensor,01_tensor_state,01_tensor_submitted,total",
        "s-001,ada,Ada Lovelace,62.5,graded,2026-09-20T14:00:00+02:00,62.5",
        "s-002,grace,Grace Hopper,,missing,,0",
    ]
    assert (course / "gradebook.sqlite").is_file()


def test_what_needs_a_person_is_listed_and_the_status_is_1(course, serve):
    with serve(repository(**{".github": "b" * 40})) as github:
        done = collect(course, "--api-url", github.url)
    assert done.returncode == 1
    assert (
        "demo-course/01-tensor-ada at cccccccccccc: does not count: "
        "protected_changed (.github is bbbbbbbbbbbb, not aaaaaaaaaaaa)" in done.stderr
    )
    assert "flagged" in (course / "grades.csv").read_text()


def test_files_go_where_they_are_wanted(course, serve):
    with serve(repository()) as github:
        options = ["--gradebook", "book.db", "--output", "out.csv", "--course", str(course)]
        done = collect(course, "--api-url", github.url, *options)
    assert done.returncode == 0
    assert (course / "book.db").is_file()
    assert (course / "out.csv").is_file()


def test_without_a_token_the_status_is_2_and_the_message_says_how_to_get_one(course, serve):
    with serve() as github:
        done = collect(course, "--api-url", github.url, token="")
    assert done.returncode == 2
    assert "there is no token for GitHub in GITHUB_TOKEN" in done.stderr
    assert "`repo` and `read:org`" in done.stderr


def test_a_refused_token_is_status_2_and_is_not_shown(course, serve):
    with serve() as github:
        done = collect(course, "--api-url", github.url, token="ghp_refused9876543210")
    assert done.returncode == 2
    assert "ghp_refused9876543210" not in done.stdout + done.stderr


def test_an_organization_that_does_not_exist_is_status_2(course):
    with EmulatedGitHub(organization="another", tokens=[TOKEN]) as github:
        done = collect(course, "--api-url", github.url)
    assert done.returncode == 2
    assert "GitHub knows no organization demo-course" in done.stderr


def test_a_course_that_was_not_rendered_is_status_2_with_the_command_that_renders(course, serve):
    (course / "build" / "assignments" / "01-tensor" / "assignment.json").unlink()
    with serve() as github:
        done = collect(course, "--api-url", github.url)
    assert done.returncode == 2
    assert "uv run scripts/generate_assignments.py" in done.stderr


def test_a_course_without_a_roster_is_status_2(course, serve):
    (course / "classroom.yml").write_text(CLASSROOM.replace("roster: roster.csv\n", ""))
    with serve() as github:
        done = collect(course, "--api-url", github.url)
    assert done.returncode == 2
    assert "there is no roster" in done.stderr


def test_a_file_that_is_no_gradebook_is_status_1_and_is_left_alone(course, serve):
    (course / "gradebook.sqlite").write_text("not a database at all, but long enough to look like one\n" * 40)
    before = (course / "gradebook.sqlite").read_bytes()
    with serve(repository()) as github:
        done = collect(course, "--api-url", github.url)
    assert done.returncode == 1
    assert "not a gradebook, or it is damaged" in done.stderr
    assert (course / "gradebook.sqlite").read_bytes() == before


def test_an_unknown_option_is_status_2(course):
    assert collect(course, "--no-such-option").returncode == 2


def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(course, serve):
    with serve(repository()) as github:
        done = collect(course, "--api-url", github.url, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "would read 1 of 1 repositories, 0 commits without a grade" in done.stdout
    assert "at most 1 requests and 3 points of 4,999 left this hour" in done.stdout
    assert sorted(path.name for path in course.glob("grade*")) == []


def test_a_budget_that_is_spent_is_told_and_the_status_is_1(course, serve):
    with serve(repository()) as github:
        done = collect(course, "--api-url", github.url, "--budget", "2")
        assert github.requests == []
    assert done.returncode == 1
    assert "not everything was read: the budget of 2 points does not allow for another 3" in done.stderr


def test_a_class_summary_is_added_to_a_file(course, serve):
    (course / "summary.md").write_text("# Before\n")
    with serve(repository()) as github:
        collect(course, "--api-url", github.url, "--summary", "summary.md")
    text = (course / "summary.md").read_text()
    assert text.startswith("# Before\n# Grades of demo-course\n")
    assert "| 01_tensor | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 62.5 |" in text
    assert "## No commit was ever seen of: 1\n\n- s-002\n" in text


def test_a_grade_is_explained_without_asking_github(course, serve):
    with serve(repository()) as github:
        collect(course, "--api-url", github.url)
    done = collect(course, "--explain", "ada", "01", token="")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Ada Lovelace (s-001, ada): 01_tensor\n")
    assert "grade: 62.5 of 100 points (graded, provisional)" in done.stdout


def test_the_gradebook_is_copied_without_asking_github(course, serve):
    with serve(repository()) as github:
        collect(course, "--api-url", github.url)
    done = collect(course, "--backup", "copy.sqlite", token="")
    assert (done.returncode, done.stdout) == (0, "written: copy.sqlite\n")
    assert "62.5" in collect(course, "--gradebook", "copy.sqlite", "--explain", "ada", token="").stdout


def test_an_assignment_without_explain_is_status_2(course):
    done = collect(course, "01_tensor")
    assert done.returncode == 2
    assert "goes with --explain STUDENT" in " ".join(done.stderr.split())
