"""Grading one student repository: provisional and final."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from autograding.assignments.final import (
    Submission,
    SubmissionError,
    final_seed,
    grade_finally,
    grade_push,
)
from autograding.grader.errors import ConfigurationError
from tests.assignments.conftest import Workshop

SECRET = "the secret of the course"


@pytest.fixture
def student(clean: Workshop, tmp_path: Path) -> Path:
    """A clone of the starter in which a student has solved the first exercise and committed."""
    path = tmp_path / "student"
    shutil.copytree(clean.output / "01-alpha", path)
    notebook = json.loads((path / "alpha.ipynb").read_text())
    notebook["cells"][3]["source"] = [
        "#| export\n",
        "def spread(values):\n",
        "    return float(max(values) - min(values))",
    ]
    (path / "alpha.ipynb").write_text(json.dumps(notebook))
    commit(path, "Write spread")
    return path


@pytest.fixture
def course(clean: Workshop, tmp_path: Path) -> Workshop:
    shutil.copytree(clean.root, tmp_path / "course")
    return Workshop(tmp_path / "course", tmp_path / "output")


def commit(path: Path, message: str) -> str:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", *identity, "commit", "-q", "-a", "-m", message], cwd=path, check=True)
    return head(path)


def head(path: Path) -> str:
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=path, capture_output=True, text=True, check=True).stdout.strip()


def final_score(course: Workshop, student: Path) -> float:
    output = course.output / "grade"
    return grade_finally(course.course, student, output, student="ann", secret=SECRET).score


def test_a_push_is_graded_with_the_visible_tests(student: Path, tmp_path: Path) -> None:
    grade = grade_push(student, tmp_path / "grade")
    assert (grade.score, grade.final, grade.commit) == (40, False, head(student))
    assert len([test for exercise in grade.exercises for test in exercise.tests]) == 4


def test_the_final_grade_has_hidden_tests_and_the_students_commit(student: Path, course: Workshop) -> None:
    output = course.output / "grade"
    grade = grade_finally(course.course, student, output, student="ann", secret=SECRET)
    assert (grade.score, grade.final, grade.commit) == (40, True, head(student))
    assert len([test for exercise in grade.exercises for test in exercise.tests]) == 6
    assert grade.flags == ()
    assert json.loads((output / "grade.json").read_text())["commit"] == head(student)


def test_the_final_grade_takes_the_notebook_as_committed(student: Path, course: Workshop) -> None:
    (student / "alpha.ipynb").write_text("{}")
    assert final_score(course, student) == 40


def test_the_final_grade_takes_nothing_but_the_notebook(student: Path, course: Workshop) -> None:
    (student / "tests" / "test_alpha.py").write_text("")
    (student / "tinytorch" / "__init__.py").write_text("raise SystemExit")
    commit(student, "Tamper")
    assert final_score(course, student) == 40


def test_a_git_filter_of_the_student_is_not_run(student: Path, course: Workshop, tmp_path: Path) -> None:
    (student / ".gitattributes").write_text("*.ipynb filter=evil\n")
    commit(student, "Filter")
    trace = tmp_path / "trace"
    program = f"sh -c 'touch {trace}; cat'"
    for key in ("filter.evil.clean", "filter.evil.smudge", "core.fsmonitor"):
        subprocess.run(["git", "config", key, program], cwd=student, check=True)
    assert final_score(course, student) == 40
    assert not trace.exists()


def test_a_commit_without_a_notebook_scores_nothing(student: Path, course: Workshop) -> None:
    subprocess.run(["git", "rm", "-q", "alpha.ipynb"], cwd=student, check=True)
    commit(student, "Remove the notebook")
    output = course.output / "grade"
    grade = grade_finally(course.course, student, output, student="ann", secret=SECRET)
    assert grade.score == 0
    assert [flag.kind for flag in grade.flags] == ["notebook_missing"]


def test_a_link_in_place_of_the_notebook_is_not_followed(student: Path, course: Workshop) -> None:
    (student / "alpha.ipynb").unlink()
    (student / "alpha.ipynb").symlink_to("/etc/hostname")
    commit(student, "Link")
    assert final_score(course, student) == 0


def test_a_broken_manifest_is_named_by_the_instructor(student: Path, course: Workshop) -> None:
    (student / "assignment.json").write_text("<<<<<<< HEAD\n")
    commit(student, "Conflict")
    output = course.output / "grade"
    with pytest.raises(SubmissionError, match="name the assignment with --assignment"):
        grade_finally(course.course, student, output, student="ann", secret=SECRET)
    grade = grade_finally(course.course, student, output, student="ann", secret=SECRET, assignment="alpha")
    assert grade.score == 40


def test_a_manifest_of_an_unknown_assignment_is_refused(student: Path, course: Workshop) -> None:
    manifest = (student / "assignment.json").read_text()
    (student / "assignment.json").write_text(manifest.replace("01_alpha", "07_omega"))
    commit(student, "Rename")
    with pytest.raises(ConfigurationError, match="07_omega"):
        final_score(course, student)


def test_a_repository_without_commits_was_not_handed_in(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "empty")], check=True)
    with pytest.raises(SubmissionError, match="no commits: nothing was handed in"):
        grade_push(tmp_path / "empty", tmp_path / "grade")


def test_a_folder_without_git_is_no_submission(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="not a git repository"):
        grade_push(tmp_path, tmp_path / "grade")


def test_a_worktree_of_a_repository_is_graded(student: Path, course: Workshop, tmp_path: Path) -> None:
    worktree = tmp_path / "worktree"
    subprocess.run(["git", "worktree", "add", "-q", str(worktree)], cwd=student, check=True)
    assert final_score(course, worktree) == 40


def test_a_final_grade_needs_the_secret(student: Path, course: Workshop) -> None:
    with pytest.raises(ConfigurationError, match="TINYTORCH_SECRET is not set"):
        grade_finally(course.course, student, course.output, student="ann", secret="")


def test_the_seed_depends_on_secret_student_commit_and_assignment() -> None:
    submission = Submission("c0ffee", "01_alpha", None)
    seeds = {
        final_seed("s", "ann", submission),
        final_seed("t", "ann", submission),
        final_seed("s", "bob", submission),
        final_seed("s", "ann", Submission("decade", "01_alpha", None)),
        final_seed("s", "ann", Submission("c0ffee", "02_beta", None)),
    }
    assert len(seeds) == 5


def test_the_seed_is_the_same_whatever_the_case_of_the_login() -> None:
    submission = Submission("c0ffee", "01_alpha", None)
    assert final_seed("s", "Ann", submission) == final_seed("s", "ann", submission)


def test_the_script_grades_a_push(student: Path, course: Workshop) -> None:
    result = course.run("grade_submission.py", str(student), "--output", str(course.output))
    assert result.returncode == 0, result.stderr
    assert "40 of 70 points  01_alpha, provisional" in result.stdout
    names = {path.name for path in course.output.iterdir()}
    assert names == {"grade.json", "summary.md", "executed.ipynb", "timings.json"}


def test_the_script_grades_finally_with_the_secret_of_the_environment(
    student: Path, course: Workshop
) -> None:
    arguments = [str(student), "--final", "--student", "ann", "--output", str(course.output)]
    result = course.run("grade_submission.py", *arguments, env=os.environ | {"TINYTORCH_SECRET": SECRET})
    assert result.returncode == 0, result.stderr
    assert "40 of 70 points  01_alpha, final" in result.stdout
    assert SECRET not in result.stdout


def test_the_script_says_what_is_missing_for_a_final_grade(student: Path, course: Workshop) -> None:
    result = course.run("grade_submission.py", str(student), "--final")
    assert result.returncode == 2
    assert "add --student LOGIN" in result.stdout


def test_the_script_exits_1_where_there_is_nothing_to_grade(course: Workshop, tmp_path: Path) -> None:
    result = course.run("grade_submission.py", str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "there is no such folder" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
