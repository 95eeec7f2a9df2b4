"""The workflow that collects every night, run for real: a summary, and a branch that keeps the gradebook."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograding.assignments.render import render_assignment
from autograding.course import load_course
from autograding.github.emulator import EmulatedCommit, EmulatedGitHub
from autograding.github.emulator.university import Account, make_university
from autograding.github.expected import Expected, load_expected
from tests.workflow.act import Run, run_workflow
from tests.workflow.repositories import add_origin, git

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "autograding",
    "tinytorch",
    "scripts",
    "template",
    "modules/00_setup",
    "pyproject.toml",
    "uv.lock",
    "README.md",
)
TOKEN = "collect-token"
PUSHED = datetime(2027, 1, 20, 12, tzinfo=UTC)
CLASSROOM = """
course:
  title: Machine learning systems
  organization: demo-course
  term: Spring 2027
  timezone: UTC
assignments:
  - {id: 00_setup, due: "2027-01-29T23:59:00Z"}
weights: {modules: 100, checkpoints: 0, midterm: 0, final: 0}
late: {grace_minutes: 10, penalty_per_day: 10, floor: 50}
roster: roster.csv
"""
ROSTER = "identifier,github_username,github_id,name\ns-001,ada,1,Ada Lovelace\ns-002,grace,2,Grace Hopper\n"


class Instructor:
    """The instructor's repository, with an origin, and the emulated GitHub of the class."""

    def __init__(self, folder: Path, github: EmulatedGitHub) -> None:
        self.folder = folder
        self.github = github
        self.repository = folder / "instructor"
        self.origin = folder / "origin.git"
        self.runs: list[Run] = []
        for part in PARTS:
            source, target = ROOT / part, self.repository / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        workflows = self.repository / ".github" / "workflows"
        workflows.mkdir(parents=True)
        shutil.copy(ROOT / ".github" / "workflows" / "collect.yml", workflows)
        (self.repository / "classroom.yml").write_text(CLASSROOM)
        (self.repository / "roster.csv").write_text(ROSTER)
        (self.repository / ".gitignore").write_text("build/\n.venv/\n__pycache__/\n")
        git(self.repository.parent, "init", "--quiet", "--initial-branch=main", str(self.repository))
        git(self.repository, "add", "--all")
        git(self.repository, "commit", "--quiet", "-m", "The course")
        add_origin(self.repository, self.origin)

    def expected(self) -> Expected:
        """The assignment as the workflow will render it."""
        course = load_course(self.repository)
        assignment = course.resolve("00_setup")
        target = self.folder / "rendered" / assignment.slug
        target.parent.mkdir()
        render_assignment(course, assignment, target, reveal_open=True)
        return load_expected(target.parent, [assignment])[0]

    def collect(self, event_name: str = "schedule") -> Run:
        run = run_workflow(
            self.repository,
            self.folder / f"act{len(self.runs)}",
            event_name=event_name,
            options=(
                *("--var", "COLLECT_GRADES=true", "--var", f"COLLECT_API_URL={self.github.url}"),
                *("--secret", f"COLLECT_TOKEN={TOKEN}", "--secret", "GITHUB_TOKEN=unused"),
                *("--var", f"GRADEBOOK_REMOTE={self.origin}"),
            ),
        )
        self.runs.append(run)
        return run

    def kept(self, name: str) -> bytes:
        """A file of the gradebook's branch."""
        show = ["git", "--git-dir", str(self.origin), "show", f"gradebook:{name}"]
        return subprocess.run(show, check=True, capture_output=True).stdout

    def commits(self) -> int:
        """How many commits the gradebook's branch has."""
        return int(git(self.origin, "rev-list", "--count", "gradebook"))


@pytest.fixture(scope="module")
def instructor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instructor]:
    """A class of two, collected once by schedule with one submission, and once by hand with another."""
    with EmulatedGitHub(organization="demo-course", tokens=[TOKEN]) as github:
        instructor = Instructor(tmp_path_factory.mktemp("collect"), github)
        accounts = [Account("ada", 1), Account("grace", 2)]
        ada, grace = make_university([instructor.expected()], accounts, PUSHED, every=timedelta(hours=1))
        github.repositories = [ada]
        instructor.collect()
        tampered = EmulatedCommit(grace.head.oid, PUSHED, {**grace.head.files, ".github": "b" * 40})
        github.repositories = [ada, replace(grace, head=tampered)]
        instructor.collect("workflow_dispatch")
        yield instructor


def test_the_night_ends_well_where_nothing_needs_a_person(instructor: Instructor) -> None:
    assert instructor.runs[0].result == "success"
    assert set(instructor.runs[0].steps.values()) == {"success"}


def test_the_summary_shows_where_the_class_stands(instructor: Instructor) -> None:
    first = instructor.runs[0].summary
    assert first.startswith("# Grades of demo-course")
    assert "| 00_setup | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1 |" in first
    assert "- s-002" in first


def test_the_summary_names_no_student(instructor: Instructor) -> None:
    assert "Lovelace" not in instructor.runs[0].summary


def test_the_gradebook_and_the_grades_are_kept_on_a_branch(instructor: Instructor) -> None:
    assert instructor.kept("gradebook.sqlite").startswith(b"SQLite format 3")
    assert b"s-001,ada,Ada Lovelace," in instructor.kept("grades.csv")


def test_what_needs_a_person_makes_the_run_fail_and_is_kept_all_the_same(instructor: Instructor) -> None:
    second = instructor.runs[1]
    assert second.result == "failure"
    assert second.steps["Keep the gradebook"] == "success"
    assert "protected" in second.summary
    assert instructor.commits() == 2


def test_a_run_goes_on_from_the_gradebook_that_the_one_before_it_kept(instructor: Instructor) -> None:
    assert b"s-001,ada,Ada Lovelace,42" in instructor.kept("grades.csv")
    assert "new in the gradebook: 1," in instructor.runs[1].log


def test_the_token_of_the_organization_stands_in_no_log(instructor: Instructor) -> None:
    assert TOKEN not in "".join(run.log + run.summary for run in instructor.runs)
