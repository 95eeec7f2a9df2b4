"""The clean notebook that papermill runs."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.grader.manifest import Cell, Manifest
from autograding.grader.notebook.read import Notebook, NotebookCell, read_notebook, runnable_notebook

TRICKS = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "execution": {"allow_errors": True, "timeout": -1},
        "nbmake": {"mock": {"x": 1}, "post_cell_execute": ["x = 1"]},
        "kernelspec": {"name": "evil", "display_name": "Evil", "language": "R"},
        "widgets": {},
    },
    "cells": [
        {
            "cell_type": "code",
            "id": "box",
            "metadata": {
                "tags": ["raises-exception", "skip-execution"],
                "nbgrader": {},
                "tinytorch": {"role": "check"},
            },
            "source": "1 / 0",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "70 points"}],
            "execution_count": 7,
        },
        {
            "cell_type": "markdown",
            "id": "q1",
            "metadata": {"tags": ["parameters"]},
            "attachments": {"a.png": {"image/png": "AAAA"}},
            "source": "text",
        },
        {"cell_type": "raw", "id": "box-check", "metadata": {"format": "x"}, "source": "raw"},
    ],
}


@pytest.fixture
def run(manifest):
    def convert(notebook: Notebook) -> dict:
        return json.loads(runnable_notebook(notebook, manifest))

    return convert


def test_everything_but_sources_and_ids_is_stripped(run):
    assert run(read_notebook(json.dumps(TRICKS).encode(), "box.ipynb")) == {
        "cells": [
            {
                "cell_type": "code",
                "id": "box",
                "metadata": {},
                "source": "1 / 0",
                "outputs": [],
                "execution_count": None,
            },
            {"cell_type": "markdown", "id": "q1", "metadata": {}, "source": "text"},
            {"cell_type": "raw", "id": "box-check", "metadata": {}, "source": "raw"},
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_check_and_parameters_cells_get_our_tags_back(run, notebook, starter):
    tags = {cell["id"]: cell["metadata"].get("tags") for cell in run(notebook(starter))["cells"]}
    assert {identifier: found for identifier, found in tags.items() if found} == {
        "parameters": ["parameters"],
        "box-check": ["raises-exception"],
    }


def test_only_the_first_of_two_cells_with_an_id_keeps_it(run, notebook):
    cells = run(notebook([("box-check", "1 / 0"), ("box-check", "2 / 0")]))["cells"]
    assert [(cell["id"], cell["metadata"]) for cell in cells] == [
        ("box-check", {"tags": ["raises-exception"]}),
        ("cell-2", {}),
    ]


def test_an_invented_id_takes_none_that_exists(run, notebook):
    cells = run(notebook([("not an id!", ""), ("cell-1", ""), ("x" * 65, "")]))["cells"]
    assert [cell["id"] for cell in cells] == ["cell-1-2", "cell-1", "cell-3"]


CELLS = st.builds(
    NotebookCell,
    st.integers(1, 9),
    st.sampled_from(["code", "markdown", "raw"]),
    st.none() | st.text(max_size=70) | st.sampled_from(["a", "b", "cell-1", "cell-2"]),
    st.text(alphabet=st.characters(codec="utf-8")),
)


@given(st.lists(CELLS, max_size=8))
def test_the_result_is_always_a_valid_notebook(cells):
    empty = Manifest("", "", "", "", "", (), (), (), (Cell("a", "check"), Cell("b", "parameters")))
    text = runnable_notebook(Notebook("box.ipynb", tuple(cells)), empty)
    nbformat.validate(nbformat.reads(text, as_version=4))
