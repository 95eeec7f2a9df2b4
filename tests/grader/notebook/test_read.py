"""What a person sees when a submitted file is not a notebook that can be graded."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.grader.errors import NotebookError
from autograding.grader.notebook import read
from autograding.grader.notebook.read import Notebook, read_notebook, read_notebook_file

GO_BACK = "go back to the last version that worked, for example: git checkout HEAD~1 -- box.ipynb"
CLEAR = "clear the outputs (Edit > Clear Outputs of All Cells), save and commit again"


def message(data: bytes | str) -> str:
    with pytest.raises(NotebookError) as caught:
        read_notebook(data.encode() if isinstance(data, str) else data, "box.ipynb")
    return str(caught.value)


def with_cells(*cells: object, **fields: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | fields).encode()


def code(**fields: object) -> dict[str, object]:
    return {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1"} | fields


def test_a_cell_is_read_with_its_position_kind_id_and_source():
    found = read_notebook(
        with_cells({"cell_type": "markdown", "source": ["# A\n", "B"]}, code()), "box.ipynb"
    )
    assert [(cell.position, cell.kind, cell.id, cell.source) for cell in found.cells] == [
        (1, "markdown", None, "# A\nB"),
        (2, "code", "a", "x = 1"),
    ]


def test_what_a_cell_says_of_itself_is_read():
    ours = {"role": "answer", "exercise": "01.box", "question": "01.q1"}
    cell = read_notebook(with_cells(code(metadata={"tinytorch": ours})), "box.ipynb").cells[0]
    assert (cell.role, cell.exercise, cell.question) == ("answer", "01.box", "01.q1")


def test_an_id_that_an_editor_dropped_is_taken_from_our_metadata():
    cell = {"cell_type": "code", "source": "", "metadata": {"tinytorch": {"cell": "box"}}}
    assert read_notebook(with_cells(cell, nbformat_minor=0), "box.ipynb").cells[0].id == "box"


def test_a_byte_order_mark_is_tolerated():
    assert read_notebook(b"\xef\xbb\xbf" + with_cells(code()), "box.ipynb").cells[0].id == "a"


def test_line_ends_of_windows_are_unified():
    assert read_notebook(with_cells(code(source="a\r\nb\rc")), "box.ipynb").cells[0].source == "a\nb\nc"


def test_half_of_a_surrogate_pair_is_replaced():
    assert read_notebook(with_cells(code(source="x = '\ud800'")), "box.ipynb").cells[0].source == "x = '?'"


@pytest.mark.parametrize("text", ["", "  \n\n", "\ufeff"])
def test_an_empty_file_is_named(text):
    assert message(text) == f"box.ipynb: the file is empty\n  {GO_BACK}"


def test_a_file_that_is_not_json_is_named_with_line_and_column():
    assert message('{\n "cells": [\n  oops\n ]\n}') == (
        "box.ipynb: line 3, column 3: this is not JSON, so it is not a notebook (Expecting value)\n"
        f"  edit notebooks in Jupyter or VS Code only; {GO_BACK}"
    )


def test_a_python_file_in_place_of_a_notebook_is_named():
    assert message("import numpy as np\n").startswith("box.ipynb: line 1, column 1: this is not JSON")


def test_a_notebook_cut_in_the_middle_is_named():
    assert "this is not JSON" in message(with_cells(code())[:40])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> main\n ]}', "line 3"),
        ('{\n "cells": [],\n "a": 1\n>>>>>>> main\n}', "line 4"),
    ],
)
def test_conflict_markers_are_named_with_their_line_and_how_to_resolve_them(text, line):
    found = message(text)
    assert found.startswith(f"box.ipynb: {line}: the file has unresolved merge conflicts")
    assert found.endswith(
        "take the whole file from one version: git log --all --oneline -- box.ipynb lists them, "
        "git checkout COMMIT -- box.ipynb takes one; then commit"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_file_in_another_encoding_is_refused(encoding):
    data = "\ufeff".encode("utf-16-be") * (encoding == "utf-16-be") + "{}".encode(encoding)
    assert message(data) == (
        "box.ipynb: the file is stored as UTF-16 or UTF-32; a notebook is UTF-8\n"
        "  save it from Jupyter or VS Code, not from a text editor or a PowerShell redirection (>)"
    )


def test_bytes_that_are_not_utf8_are_named_with_their_line():
    assert (
        message(b'{\n"a": "\xff"}') == f"box.ipynb: line 2: the file is not UTF-8 text (byte 8)\n  {GO_BACK}"
    )


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(read, "MAX_BYTES", 2 * 1024**2)
    assert message(b"[" * (2 * 1024**2 + 1)) == f"box.ipynb: the file is larger than 2 MiB\n  {CLEAR}"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(value):
    found = message(f'{{"cells": [], "nbformat": 4, "x": {value}}}')
    assert found.startswith(
        f"box.ipynb: the file is not valid JSON: it contains {value}, which is not JSON\n"
    )


def test_a_key_that_stands_twice_is_refused():
    assert message('{"nbformat": 4, "cells": [], "cells": []}').startswith(
        "box.ipynb: the file is not valid JSON: the key 'cells' stands twice in one object\n"
    )


def test_a_huge_number_is_refused():
    assert message('{"nbformat": 4, "cells": [], "x": ' + "1" * 5000 + "}").startswith(
        "box.ipynb: the file is not valid JSON: it contains a whole number of 5000 digits\n"
    )


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000])
def test_deep_nesting_is_refused(text):
    assert message(text) == f"box.ipynb: the file is nested too deeply to be a notebook\n  {GO_BACK}"


@pytest.mark.parametrize("text", ["[]", "1", "null", '"cells"', "{}", '{"a": 1}'])
def test_json_that_is_not_a_notebook_is_refused(text):
    assert message(text) == (
        "box.ipynb: this is JSON, but not a notebook: a notebook is an object with nbformat and cells\n"
        f"  {GO_BACK}"
    )


def test_format_3_is_refused_with_the_command_that_converts_it():
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet()])
    assert message(nbformat.writes(old, version=3)) == (
        "box.ipynb: the notebook is stored in format 3; the course reads format 4\n"
        "  convert it in the folder that holds it: uv run python -c 'import nbformat; "
        'nbformat.write(nbformat.read("box.ipynb", as_version=4), "box.ipynb")\''
    )


def test_a_newer_format_is_refused():
    assert message(with_cells(nbformat=5)).startswith(
        "box.ipynb: the notebook is stored in format 5, which is newer than the course reads (4)\n"
    )


@pytest.mark.parametrize("value", ["4", None, True, 4.5])
def test_a_format_that_is_no_number_is_refused(value):
    assert message(with_cells(nbformat=value)) == (
        f"box.ipynb: the notebook does not say its format (nbformat)\n  {GO_BACK}"
    )


@pytest.mark.parametrize(
    "content", [{"nbformat": 4}, {"nbformat": 4, "cells": {}}, {"nbformat": 4, "cells": None}]
)
def test_a_notebook_without_cells_is_refused(content):
    assert message(json.dumps(content)) == f"box.ipynb: the notebook has no list of cells\n  {GO_BACK}"


def test_too_many_cells_are_refused():
    assert message(with_cells(*[code()] * 2001)) == (
        "box.ipynb: the notebook has 2001 cells; the limit is 2000\n"
        "  delete the cells that do not belong to the assignment"
    )


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        (3, "a cell must be an object, not a number"),
        (None, "a cell must be an object, not null"),
        (code(cell_type="heading"), "the cell's type must be code, markdown or raw"),
        (code(cell_type=["code"]), "the cell's type must be code, markdown or raw"),
        ({"cell_type": "code", "metadata": {}}, "the cell has no source"),
        (code(source=3), "the source must be text or a list of texts, not a number"),
        (code(source={"a": 1}), "the source must be text or a list of texts, not an object"),
        (
            code(source=["a", 3]),
            "the source must be text or a list of texts, not a list with other things than texts",
        ),
        (code(metadata="none"), "the metadata must be an object, not text"),
    ],
)
def test_a_cell_that_is_not_one_is_named_by_its_position(cell, what):
    assert message(with_cells(code(), cell)) == f"box.ipynb: cell 2: {what}\n  {GO_BACK}"


def test_a_folder_is_not_a_notebook(tmp_path):
    (tmp_path / "box.ipynb").mkdir()
    with pytest.raises(NotebookError) as caught:
        read_notebook_file(tmp_path / "box.ipynb")
    assert str(caught.value) == (
        "box.ipynb: this is a folder, not a notebook\n  give the path of a file that ends in .ipynb"
    )


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(NotebookError, match="there is no such notebook"):
        read_notebook_file(tmp_path / "box.ipynb")


def test_a_file_is_read_from_disk(tmp_path):
    (tmp_path / "box.ipynb").write_bytes(with_cells(code()))
    assert read_notebook_file(tmp_path / "box.ipynb").cells[0].source == "x = 1"


def reads_or_refuses(data: bytes) -> bool:
    try:
        return isinstance(read_notebook(data, "box.ipynb"), Notebook)
    except NotebookError as error:
        return bool(error.what)


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    assert reads_or_refuses(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "x"]) | JSON,
        "id": st.text() | JSON,
        "source": st.text() | st.lists(st.text()) | JSON,
        "metadata": st.dictionaries(st.sampled_from(["tinytorch", "tags"]), JSON) | JSON,
    },
)
NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([3, 4, 5]) | JSON,
        "cells": st.lists(CELL) | JSON,
        "metadata": JSON,
    },
)


@given(NOTEBOOK)
def test_anything_like_a_notebook_is_read_or_refused(content):
    assert reads_or_refuses(json.dumps(content).encode())
