"""Running a notebook for feedback: whatever it does, its last state comes back with a reason."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest

from autograding.grader.manifest import Limits, Manifest
from autograding.grader.notebook.execute import Executed, execute_notebook
from tests.grader.conftest import MakePackage

FIRST = "print('the first cell')"
LAST = "print('the last cell')"
LIMITS = Limits(cell_seconds=4.0, total_seconds=30.0, memory_mb=512)


def run(manifest: Manifest, make_package: MakePackage, source: str) -> Executed:
    cells = [
        nbformat.v4.new_code_cell(text, id=name)
        for name, text in zip("abc", (FIRST, source, LAST), strict=True)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    package = make_package("VALUE = 7")
    return execute_notebook(nbformat.writes(notebook), package, replace(manifest, limits=LIMITS))


def outputs(executed: Executed, position: int) -> str:
    cells = [cell for cell in json.loads(executed.text)["cells"] if cell["id"] in "abc"]
    return json.dumps(cells[position - 1]["outputs"])


@pytest.mark.slow
def test_a_notebook_uses_the_package(manifest: Manifest, make_package: MakePackage) -> None:
    executed = run(manifest, make_package, "import tinytorch; print(tinytorch.VALUE * 6)")
    assert executed.run.ran
    assert "42" in outputs(executed, 2)


@pytest.mark.slow
def test_a_cell_that_ends_the_kernel_is_named_and_what_came_before_is_kept(
    manifest: Manifest, make_package: MakePackage
) -> None:
    executed = run(manifest, make_package, "import os; os._exit(0)")
    assert executed.run.failure is not None
    assert 2 <= executed.run.failure.position <= 3
    assert "the kernel died here or in the cell before" in executed.run.failure.message
    assert "the first cell" in outputs(executed, 1)


@pytest.mark.slow
def test_a_cell_that_ends_papermill_is_named_too(manifest: Manifest, make_package: MakePackage) -> None:
    executed = run(manifest, make_package, "import os; os.kill(os.getppid(), 9); os._exit(0)")
    assert executed.run.failure is not None
    assert executed.run.failure.position == 2


@pytest.mark.slow
def test_output_without_end_is_cut_and_counted(manifest: Manifest, make_package: MakePackage) -> None:
    executed = run(manifest, make_package, "while True: print('x' * 1000)")
    assert "output cut here: the cell put out" in outputs(executed, 2)
    assert executed.run.failure is not None
    assert "4 seconds, the limit for one cell" in executed.run.failure.message
    assert len(executed.text) < 2 * 2**20


@pytest.mark.slow
def test_an_error_of_many_megabytes_is_cut(manifest: Manifest, make_package: MakePackage) -> None:
    executed = run(manifest, make_package, "raise ValueError('x' * 3_000_000)")
    assert executed.run.failure is not None
    assert executed.run.failure.message.startswith("ValueError: xxx")
    assert len(executed.text) < 2**20
