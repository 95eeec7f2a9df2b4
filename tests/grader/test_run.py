"""Grading a repository: whatever is in it, the result is a grade that a person can read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from autograding.course import Course
from autograding.grader.errors import ConfigurationError
from autograding.grader.grade import Grade
from autograding.grader.manifest import read_manifest
from autograding.grader.run import grade_repository
from autograding.rehearsal.students import all_done, notebook_with
from tests.conftest import Checkout

NOTEBOOK = "tensor.ipynb"
SCHEMA = json.loads(
    (Path(grade_repository.__code__.co_filename).parent / "grade.schema.json").read_text(encoding="utf-8")
)

GradeTests = Callable[[Path], Grade]


@pytest.fixture
def grade_tests(tmp_path: Path) -> GradeTests:
    """Grade by the tests alone, without running the notebook and the checkpoint."""
    return lambda repository: grade_repository(
        repository, tmp_path / "output", notebook=False, checkpoint=False
    )


def solve(repository: Path, course: Course) -> None:
    assignment = course.resolve("01_tensor")
    notebook = all_done(assignment, assignment.lesson.read_text(encoding="utf-8"))
    (repository / NOTEBOOK).write_text(notebook, encoding="utf-8")


def failure(grade: Grade) -> str:
    assert grade.notebook.failure is not None
    return grade.notebook.failure.message


def flags(grade: Grade) -> set[str]:
    return {flag.kind for flag in grade.flags}


@pytest.mark.slow
def test_the_reference_gets_everything_and_the_result_follows_its_schema(
    checkout: Checkout, course: Course, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    solve(repository, course)
    grade = grade_repository(repository, tmp_path / "output")
    assert (grade.score, grade.max_score) == (70, 70)
    assert (grade.notebook.ran, grade.notebook.checks, grade.checkpoint.passed) == (True, (), True)
    jsonschema.validate(json.loads((tmp_path / "output" / "grade.json").read_text()), SCHEMA)


@pytest.mark.slow
def test_the_starter_gets_nothing_and_the_result_follows_its_schema(
    checkout: Checkout, tmp_path: Path
) -> None:
    grade = grade_repository(checkout("01_tensor"), tmp_path / "output")
    assert (grade.score, grade.checkpoint.passed) == (0, False)
    jsonschema.validate(json.loads((tmp_path / "output" / "grade.json").read_text()), SCHEMA)


@pytest.mark.slow
def test_runs_in_different_folders_give_the_same_bytes(
    checkout: Checkout, course: Course, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    assignment = course.resolve("01_tensor")
    source = assignment.lesson.read_text(encoding="utf-8")
    half = notebook_with(assignment, source, ("create", "arith", "reduce"))
    (repository / NOTEBOOK).write_text(half, encoding="utf-8")
    outputs = [tmp_path / f"run-{number}" for number in range(6)]
    for output in outputs:
        grade_repository(repository, output, notebook=False, checkpoint=False)
    assert len({(output / "grade.json").read_bytes() for output in outputs}) == 1
    assert len({(output / "summary.md").read_bytes() for output in outputs}) == 1


@pytest.mark.slow
def test_the_notebook_and_the_checkpoint_give_the_same_bytes_again(
    checkout: Checkout, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    for name in ("one", "two"):
        grade_repository(repository, tmp_path / name)
    assert (tmp_path / "one/grade.json").read_bytes() == (tmp_path / "two/grade.json").read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"this is no notebook", "not JSON", id="not JSON"),
        pytest.param(b'{"cells": [\n<<<<<<< HEAD\n]}', "conflict", id="conflict markers"),
        pytest.param(
            b'{"worksheets": [], "nbformat": 3, "nbformat_minor": 0}', "in format 3", id="nbformat 3"
        ),
        pytest.param(b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "cells", id="without cells"),
        pytest.param(b"[" * 100_000, "nested", id="nested without end"),
        pytest.param("{}".encode("utf-16"), "UTF-8", id="UTF-16"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_zero_with_a_reason(
    content: bytes, message: str, checkout: Checkout, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    (repository / NOTEBOOK).write_bytes(content)
    grade = grade_tests(repository)
    assert grade.score == 0
    assert message in failure(grade)
    assert "notebook_unreadable" in flags(grade)


def test_a_repository_without_a_notebook_is_zero_with_a_reason(
    checkout: Checkout, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    (repository / NOTEBOOK).unlink()
    grade = grade_tests(repository)
    assert grade.score == 0
    assert "there is no tensor.ipynb" in failure(grade)


def test_a_folder_in_place_of_the_notebook_is_zero_with_a_reason(
    checkout: Checkout, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    (repository / NOTEBOOK).unlink()
    (repository / NOTEBOOK).mkdir()
    assert "a folder, not a file" in failure(grade_tests(repository))


@pytest.mark.parametrize("target", ["/etc/hostname", "README.md"])
def test_a_link_in_place_of_the_notebook_is_not_followed(
    target: str, checkout: Checkout, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    (repository / NOTEBOOK).unlink()
    (repository / NOTEBOOK).symlink_to(target)
    assert "a link, not a file" in failure(grade_tests(repository))


def test_a_pipe_in_place_of_the_notebook_does_not_block(checkout: Checkout, grade_tests: GradeTests) -> None:
    repository = checkout("01_tensor")
    (repository / NOTEBOOK).unlink()
    os.mkfifo(repository / NOTEBOOK)
    assert "not a regular file" in failure(grade_tests(repository))


def test_missing_tests_are_missing_points_with_a_reason(
    checkout: Checkout, course: Course, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    solve(repository, course)
    (repository / "tests/test_tensor.py").unlink()
    grade = grade_tests(repository)
    assert grade.score == 0
    assert {test.outcome for exercise in grade.exercises for test in exercise.tests} == {"missing"}
    assert "protected_changed" in flags(grade)


def test_a_changed_test_file_is_never_run(
    checkout: Checkout, grade_tests: GradeTests, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    trace = tmp_path / "it-ran"
    (repository / "tests/test_tensor.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    assert "protected_changed" in flags(grade_tests(repository))
    assert not trace.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("package", "..tmp.evil"),
        ("package", "os"),
        ("notebook", "../other.ipynb"),
        ("notebook", "/etc/passwd"),
    ],
)
def test_a_manifest_whose_names_lead_elsewhere_is_refused(
    key: str, value: str, checkout: Checkout, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    manifest = json.loads((repository / "assignment.json").read_text())
    (repository / "assignment.json").write_text(json.dumps(manifest | {key: value}))
    with pytest.raises(ConfigurationError, match=key):
        grade_tests(repository)


def test_a_broken_rule_about_the_source_is_flagged_and_costs_nothing(
    checkout: Checkout, course: Course, grade_tests: GradeTests, tmp_path: Path
) -> None:
    repository = checkout("01_tensor")
    solve(repository, course)
    notebook = json.loads((repository / NOTEBOOK).read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "matmul")
    cell["source"] = "".join(cell["source"]).replace(
        "    rows, inner = a.shape\n", "    return np.dot(a, b)\n"
    )
    (repository / NOTEBOOK).write_text(json.dumps(notebook), encoding="utf-8")
    assert grade_tests(repository).score == 70
    detail = "line 4 uses numpy.dot, but it is written with loops and nothing else"
    written = json.loads((tmp_path / "output" / "grade.json").read_text(encoding="utf-8"))
    assert [flag["kind"] for flag in written["flags"] if detail in flag["detail"]] == [
        "construct_not_allowed"
    ]
    assert "construct not allowed" in (tmp_path / "output" / "summary.md").read_text(encoding="utf-8")


def test_a_repository_without_commits_is_graded_and_says_so(
    checkout: Checkout, course: Course, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    solve(repository, course)
    subprocess.run(["git", "-C", repository, "update-ref", "-d", "HEAD"], check=True)
    grade = grade_tests(repository)
    assert (grade.score, grade.commit) == (70, "")
    assert "no_commit" in flags(grade)


def test_changes_after_the_last_commit_are_flagged(
    checkout: Checkout, course: Course, grade_tests: GradeTests
) -> None:
    repository = checkout("01_tensor")
    solve(repository, course)
    assert "uncommitted_changes" in flags(grade_tests(repository))


HIDDEN = """
from autograding.grader.testing import assert_equal, exercise

@exercise("create", hint="One number has no dimensions.")
def test_of_one_number(tt):
    assert_equal(tt.Tensor(3.0).ndim, 0)
"""


def test_hidden_tests_are_expected_beside_those_of_the_manifest(
    checkout: Checkout, course: Course, tmp_path: Path
) -> None:
    repository, hidden = checkout("01_tensor"), tmp_path / "test_tensor_hidden.py"
    solve(repository, course)
    hidden.write_text(HIDDEN)
    grade = grade_repository(
        repository, tmp_path / "output", hidden_tests=hidden, notebook=False, checkpoint=False
    )
    assert (grade.score, grade.final) == (70, True)
    tests = [(exercise.id, test.id) for exercise in grade.exercises for test in exercise.tests]
    assert len(tests) == len(read_manifest(repository).tests) + 1
    assert ("01.create", "tests/test_tensor_hidden.py::test_of_one_number") in tests


def test_hidden_tests_that_cannot_be_imported_are_a_mistake_of_the_course(
    checkout: Checkout, tmp_path: Path
) -> None:
    hidden = tmp_path / "test_tensor_hidden.py"
    hidden.write_text("import nothing_of_this_name\n")
    with pytest.raises(ConfigurationError, match="nothing_of_this_name"):
        grade_repository(
            checkout("01_tensor"),
            tmp_path / "output",
            hidden_tests=hidden,
            notebook=False,
            checkpoint=False,
        )
