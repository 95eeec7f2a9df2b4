"""`tito module export`: the notebook becomes a file of the package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.grader.tito.conftest import Tito


def change_cell(repository: Path, cell_id: str, source: str) -> None:
    path = repository / "tensor.ipynb"
    notebook = json.loads(path.read_text())
    cell = next(cell for cell in notebook["cells"] if cell["id"] == cell_id)
    cell["source"] = source
    path.write_text(json.dumps(notebook))


def test_the_package_file_is_written_and_can_be_imported(tito: Tito, repository: Path) -> None:
    answer = tito("module", "export")
    assert answer.status == 0
    assert answer.out == "tinytorch/core/tensor.py is written.\n"
    code = "from tinytorch import Tensor; print(Tensor.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Tensor\n"


def test_a_second_export_changes_nothing(tito: Tito, repository: Path) -> None:
    tito("module", "export")
    before = (repository / "tinytorch/core/tensor.py").stat()
    assert tito("module", "export").out == "tinytorch/core/tensor.py is up to date.\n"
    assert (repository / "tinytorch/core/tensor.py").stat().st_mtime_ns == before.st_mtime_ns


def test_nothing_else_is_left_behind(tito: Tito, repository: Path) -> None:
    before = set(repository.rglob("*"))
    tito("module", "export")
    assert set(repository.rglob("*")) - before == {repository / "tinytorch/core/tensor.py"}


def test_a_cell_that_does_not_compile_is_named_and_the_rest_exported(tito: Tito, repository: Path) -> None:
    change_cell(repository, "footprint", "#| export\ndef broken(:\n    pass\n")
    answer = tito("module", "export")
    assert answer.status == 1
    assert "(footprint)" in answer.out
    assert "line 2" in answer.out
    assert "class Tensor" in (repository / "tinytorch/core/tensor.py").read_text()


def test_a_notebook_that_is_no_notebook_is_explained(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").write_text("<<<<<<< HEAD\n")
    answer = tito("module", "export")
    assert answer.status == 1
    assert "unresolved merge conflicts" in answer.err
    assert not (repository / "tinytorch/core/tensor.py").exists()


def test_a_missing_notebook_is_explained(tito: Tito, repository: Path) -> None:
    (repository / "tensor.ipynb").unlink()
    answer = tito("module", "export")
    assert answer.status == 1
    assert "uv run tito module reset puts the starter version there" in answer.err
