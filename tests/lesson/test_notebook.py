"""The notebook that a lesson renders to."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograding.grader.errors import LessonError
from autograding.lesson import (
    checkpoint_notebook,
    manifest_cells,
    notebook_json,
    parse_lesson,
    strip_solutions,
)


@pytest.fixture
def lesson(lesson_text):
    return strip_solutions(parse_lesson(lesson_text, "box.py"), "01")


@pytest.fixture
def text(lesson, assignment):
    return notebook_json(lesson, assignment)


@pytest.fixture
def metadata(text):
    return {cell["id"]: cell["metadata"] for cell in json.loads(text)["cells"]}


def test_the_notebook_is_valid_nbformat(text):
    nbformat.validate(nbformat.reads(text, as_version=4))


def test_saving_it_with_nbformat_changes_nothing(text):
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text


def test_equal_lessons_give_equal_bytes(lesson, assignment, text):
    assert notebook_json(lesson, assignment) == text


def test_the_kernel_is_python3(text):
    assert json.loads(text)["metadata"]["kernelspec"]["name"] == "python3"


def test_no_cell_has_an_output(text):
    cells = json.loads(text)["cells"]
    assert {(tuple(cell["outputs"]), cell["execution_count"]) for cell in cells if "outputs" in cell} == {
        ((), None)
    }


def test_an_exercise_cell_is_a_solution_that_nbgrader_does_not_score(metadata):
    assert metadata["box"] == {
        "nbgrader": {
            "cell_type": "code",
            "grade": False,
            "grade_id": "box",
            "locked": False,
            "schema_version": 3,
            "solution": True,
            "task": False,
        },
        "tinytorch": {"cell": "box", "exercise": "01.box", "role": "export"},
    }


def test_an_answer_cell_is_scored_by_hand(metadata):
    assert metadata["q1"] == {
        "nbgrader": {
            "cell_type": "markdown",
            "grade": True,
            "grade_id": "q1",
            "locked": False,
            "points": 10,
            "schema_version": 3,
            "solution": True,
            "task": False,
        },
        "tinytorch": {"cell": "q1", "question": "01.q1", "role": "answer"},
    }


def test_a_check_cell_is_locked_and_may_raise(metadata):
    assert metadata["box-check"] == {
        "nbgrader": {
            "cell_type": "code",
            "grade": False,
            "grade_id": "box-check",
            "locked": True,
            "schema_version": 3,
            "solution": False,
            "task": False,
        },
        "tags": ["check", "raises-exception"],
        "tinytorch": {"cell": "box-check", "exercise": "01.box", "role": "check"},
    }


def test_the_parameters_cell_is_tagged_for_papermill(metadata):
    assert metadata["parameters"]["tags"] == ["parameters"]


def test_a_given_cell_and_plain_cells_have_nothing_of_nbgrader(metadata):
    assert (metadata["imports"], metadata["box-check-1"], metadata["start-1"]) == (
        {"tinytorch": {"cell": "imports", "role": "export"}},
        {},
        {},
    )


def test_the_manifest_knows_the_cells_with_a_role(lesson):
    cells = manifest_cells(lesson, "01")
    assert [(cell.id, cell.role, cell.exercise, cell.defines) for cell in cells] == [
        ("imports", "export", None, ()),
        ("parameters", "parameters", None, ()),
        ("box", "export", "01.box", ("Box", "Box.__init__", "Box.__repr__")),
        ("box-check", "check", "01.box", ()),
        ("grow", "export", "01.grow", ("Box.grow", "total")),
        ("q1", "answer", None, ()),
    ]


def test_the_manifest_holds_the_stubs_and_the_placeholders(lesson):
    stubs = {cell.id: cell.stub for cell in manifest_cells(lesson, "01")}
    assert stubs["box"] == lesson.cells[4].source
    assert stubs["q1"] == "*Your answer: what does a box cost?*"


def test_a_checkpoint_becomes_a_notebook_of_plain_cells():
    text = "# %% [markdown]\n# Can you?\n\n# %%\nfrom x import tt\n\n# %%\nassert tt\n"
    cells = json.loads(checkpoint_notebook(text, "checkpoint.py"))["cells"]
    assert [(cell["id"], cell["cell_type"], cell["metadata"], cell["source"]) for cell in cells] == [
        ("start-1", "markdown", {}, ["Can you?"]),
        ("start-2", "code", {}, ["from x import tt"]),
        ("start-3", "code", {}, ["assert tt"]),
    ]


def test_a_checkpoint_that_does_not_compile_is_refused():
    with pytest.raises(LessonError) as caught:
        checkpoint_notebook("# %%\nx = 1\ny = (\n", "checkpoint.py")
    assert str(caught.value) == "checkpoint.py:3: the cell does not compile: '(' was never closed"


def test_a_checkpoint_with_a_check_cell_is_refused():
    with pytest.raises(LessonError, match="a checkpoint has a cell with the role check"):
        checkpoint_notebook('# %% id="a" tags=["check"]\nx = 1\n', "checkpoint.py")


def test_a_checkpoint_with_a_solution_is_refused():
    with pytest.raises(LessonError, match="a checkpoint has a solution marker"):
        checkpoint_notebook("# %%\n### BEGIN SOLUTION\nx = 1\n", "checkpoint.py")
