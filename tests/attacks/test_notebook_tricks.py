"""Metadata and structure of the notebook: only its code counts, by what it defines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacks.conftest import HONEST_WORK, Submit
from tests.attacks.test_payloads import HONEST_POINTS

FAILING_CELL = {
    "cell_type": "code",
    "id": "failing",
    "metadata": {},
    "execution_count": 1,
    "outputs": [],
    "source": "1 / 0",
}


def tagged(tag: str) -> Any:
    cell = FAILING_CELL | {"metadata": {"tags": [tag]}}
    return lambda notebook: notebook["cells"].append(cell)


def allowing_errors(notebook: dict[str, Any]) -> None:
    notebook["metadata"]["execution"] = {"allow_errors": True, "timeout": -1}
    notebook["cells"].append(FAILING_CELL)


def mocking(notebook: dict[str, Any]) -> None:
    notebook["metadata"]["nbmake"] = {"mock": {"numpy": 1}, "post_cell_execute": ["import os; os._exit(0)"]}
    notebook["cells"].append(FAILING_CELL)


def other_kernel(notebook: dict[str, Any]) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook["cells"].append(FAILING_CELL)


def faked_outputs(notebook: dict[str, Any]) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "70/70"}
    notebook["cells"].append(FAILING_CELL | {"outputs": [output]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(tagged("raises-exception"), id="A67-raises-exception"),
        pytest.param(tagged("skip-execution"), id="A68-skip-execution"),
        pytest.param(allowing_errors, id="A69-allow-errors"),
        pytest.param(mocking, id="A70-nbmake-mock"),
        pytest.param(other_kernel, id="A81-other-kernel"),
        pytest.param(faked_outputs, id="A78-faked-outputs"),
    ],
)
def test_a_failing_cell_is_reported_whatever_the_metadata_say(change: Any, submit: Submit) -> None:
    grade = submit(
        "create", "footprint", "arith", "matcheck", "matmul", "shape", "index", "reduce",
        change=change, notebook=True,
    )  # fmt: skip
    assert grade.score == 70
    assert grade.notebook.failure is not None
    assert (grade.notebook.failure.cell, grade.notebook.failure.message) == (
        "failing",
        "ZeroDivisionError: division by zero",
    )


def test_reversed_cells_never_earn_more_than_the_work_in_them(submit: Submit) -> None:
    assert submit(*HONEST_WORK, change=lambda notebook: notebook["cells"].reverse()).score <= HONEST_POINTS


def test_cells_that_stand_twice_count_once(submit: Submit) -> None:
    grade = submit(*HONEST_WORK, change=lambda notebook: notebook["cells"].extend(notebook["cells"][:]))
    assert grade.score == HONEST_POINTS
    assert "cell_duplicated" in {flag.kind for flag in grade.flags}


def test_code_in_markdown_cells_is_missed_and_flagged(submit: Submit) -> None:
    def as_markdown(notebook: dict[str, Any]) -> None:
        notebook["cells"] = [
            {"cell_type": "markdown", "id": cell["id"], "metadata": {}, "source": cell["source"]}
            for cell in notebook["cells"]
        ]

    grade = submit(*HONEST_WORK, change=as_markdown)
    assert grade.score == 0
    assert "cell_not_code" in {flag.kind for flag in grade.flags}
