"""`prerequisites: own`: students bring their earlier modules along, and ours stand in where those fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograding.assignments.final import grade_finally, grade_push
from autograding.assignments.proof.validate import validate_assignments
from autograding.course import load_course
from autograding.lesson import notebook_json, read_lesson
from tests.assignments.conftest import PROJECT, Workshop

SECRET = "the secret of the course"
BROUGHT = "tinytorch/core/alpha.py"
WORKING = "def spread(values):\n    return float(max(values) - min(values))\n"
BROKEN = "def spread(values):\n    return 0.0\n"


@pytest.fixture
def own(workshop: Workshop) -> Workshop:
    workshop.edit("classroom.yml", "weights:", "prerequisites: own\nweights:")
    return workshop


@pytest.fixture
def student(own: Workshop, tmp_path: Path) -> Path:
    """A repository of 02-beta with beta solved."""
    path = Path(shutil.copytree(own.render("beta").path, tmp_path / "students" / "02-beta"))
    beta = own.course.resolve("beta")
    (path / "beta.ipynb").write_text(notebook_json(read_lesson(beta.lesson), beta))
    return path


def commit(student: Path) -> None:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "add", "-A"], cwd=student, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "-m", "My work"], cwd=student, check=True)


def bring(student: Path, source: str) -> None:
    (student / BROUGHT).write_text(source)
    commit(student)


def tito(student: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograding.grader.tito.main", "module", *arguments]
    return subprocess.run(command, cwd=student, capture_output=True, text=True, check=False)


def score_of_push(student: Path, tmp_path: Path) -> float:
    return grade_push(student, tmp_path / "grade").score


def final_grade(own: Workshop, student: Path):
    return grade_finally(own.course, student, own.output / "grade", student="ann", secret=SECRET)


def test_nothing_of_the_reference_is_shipped(own: Workshop) -> None:
    assert not (own.render("beta").path / BROUGHT).exists()


def test_an_assignment_can_be_rendered_while_an_earlier_one_is_open(own: Workshop) -> None:
    assert own.render("beta").manifest.brought == {BROUGHT: "01_alpha"}


def test_a_push_runs_on_what_the_student_brought(student: Path, tmp_path: Path) -> None:
    bring(student, WORKING)
    assert score_of_push(student, tmp_path) == 70


def test_a_push_feels_a_mistake_in_what_was_brought(student: Path, tmp_path: Path) -> None:
    bring(student, BROKEN)
    assert score_of_push(student, tmp_path) == 0


def test_the_final_grade_does_not_feel_a_mistake_in_what_was_brought(own: Workshop, student: Path) -> None:
    bring(student, BROKEN)
    assert final_grade(own, student).score == 70


def test_the_final_grade_says_that_our_version_stood_in(own: Workshop, student: Path) -> None:
    bring(student, BROKEN)
    assert [(flag.kind, flag.detail) for flag in final_grade(own, student).flags] == [
        ("earlier_module", "2 of 2 tests pass only with our version of the modules brought along")
    ]


def test_the_final_grade_does_without_what_was_not_brought(own: Workshop, student: Path) -> None:
    commit(student)
    grade = final_grade(own, student)
    assert (grade.score, [flag.kind for flag in grade.flags]) == (70, ["earlier_module", "not_brought"])


def test_our_version_does_not_mend_a_mistake_of_this_assignment(own: Workshop, student: Path) -> None:
    bring(student, BROKEN)
    notebook = json.loads((student / "beta.ipynb").read_text())
    text = json.dumps(notebook).replace("spread(values) / largest", "spread(values) * largest")
    (student / "beta.ipynb").write_text(text)
    bring(student, BROKEN + "\n")
    assert final_grade(own, student).score == 0


def test_the_assignments_of_such_a_course_are_proved_too(own: Workshop) -> None:
    (validation,) = validate_assignments(own.course, [own.course.resolve("beta")])
    assert validation.passed


def test_earlier_modules_are_brought_from_the_repositories_next_door(own: Workshop, student: Path) -> None:
    alpha = own.course.resolve("alpha")
    path = shutil.copytree(own.render("alpha").path, student.parent / "01-alpha")
    (path / "alpha.ipynb").write_text(notebook_json(read_lesson(alpha.lesson), alpha))
    done = tito(student, "bring")
    assert (done.returncode, done.stderr) == (0, "")
    assert "def spread" in (student / BROUGHT).read_text()


def test_an_earlier_module_that_is_not_found_is_named(student: Path) -> None:
    done = tito(student, "bring")
    assert done.returncode == 1
    assert "01_alpha" in done.stdout
    assert "no repository of it was found" in done.stdout
    assert not (student / BROUGHT).exists()


def test_a_folder_that_is_not_there_is_named(student: Path) -> None:
    done = tito(student, "bring", "nowhere")
    assert (done.returncode, "there is no such folder" in done.stderr) == (2, True)


@pytest.mark.slow
def test_broken_modules_01_and_03_cost_nothing_in_07(tmp_path: Path) -> None:
    """07's tests need module 01 and nothing of 03: only with 01 broken as well is our version needed."""
    root = tmp_path / "course"
    for name in ("modules", "milestones", "template"):
        shutil.copytree(PROJECT / name, root / name)
    text = (PROJECT / "classroom.yml").read_text()
    (root / "classroom.yml").write_text(text.replace("prerequisites: reference", "prerequisites: own"))
    workshop = Workshop(root, tmp_path / "output")
    assignment = load_course(root).resolve("07")
    student = shutil.copytree(workshop.render("07").path, tmp_path / "07-optimizers")
    notebook = json.loads(notebook_json(read_lesson(assignment.lesson), assignment))
    exported = [cell for cell in notebook["cells"] if "".join(cell["source"]).startswith("#| export")]
    notebook["cells"] = exported  # the other cells measure for ten seconds, and no point depends on them
    (student / "optimizers.ipynb").write_text(json.dumps(notebook))
    for name in ("tensor", "activations", "layers", "losses", "autograd"):
        shutil.copy(PROJECT / "tinytorch" / "core" / f"{name}.py", student / "tinytorch" / "core")
    for name in ("tensor", "layers"):
        broken = f"raise RuntimeError('my {name}.py is broken')\n"
        (student / "tinytorch" / "core" / f"{name}.py").write_text(broken)
    commit(student)
    grade = grade_finally(load_course(root), student, tmp_path / "grade", student="ann", secret=SECRET)
    assert (grade.score, grade.checkpoint.passed) == (70, True)
    assert "earlier_module" in {flag.kind for flag in grade.flags}
