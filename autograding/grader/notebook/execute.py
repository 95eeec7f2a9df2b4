"""Run the student's notebook with papermill in the sandbox, for feedback. It gives no points."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograding.grader.grade import CellFailure, NotebookRun
from autograding.grader.manifest import Manifest
from autograding.grader.worker import sandbox

BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograding.grader.worker.notebook import main; "
    "main(sys.argv[2:])"
)
MAX_EXECUTED = 20 * 2**20
MESSAGE_LIMIT = 500
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True)
class Executed:
    """The executed notebook as text (the input again where none came out) and what happened in it."""

    text: str
    run: NotebookRun


def execute_notebook(runnable: str, package: Path, manifest: Manifest) -> Executed:
    """Run the clean notebook `runnable` beside the student's package.

    `package` holds `tinytorch/`; the kernel imports it from there. Whatever the
    notebook does, this returns within the manifest's total time.
    """
    with tempfile.TemporaryDirectory(prefix="notebook-") as name:
        folder = Path(name).resolve()
        work = folder / "work"
        work.mkdir()
        (work / "tinytorch").symlink_to(package / "tinytorch")
        source, target = work / "lesson.ipynb", work / "executed.ipynb"
        source.write_text(runnable, encoding="utf-8")
        finished = _run(sandbox.install_worker(folder / "inside"), source, target, package, manifest)
        text = _read(target) or runnable
        return Executed(text, read_run(text, manifest, finished))


def _run(inside: Path, source: Path, target: Path, package: Path, manifest: Manifest) -> bool:
    limits = manifest.limits
    settings = {
        "parameters": manifest.parameters,
        "memory_mb": limits.memory_mb * 2,
        "cpu_seconds": int(limits.total_seconds),
        "cell_seconds": int(limits.cell_seconds),
    }
    process = sandbox.start_python(
        BOOTSTRAP,
        [str(inside), str(source), str(target), json.dumps(settings)],
        sandbox.View(readable=(inside, package), writable=(source.parent,)),
        folder=source.parent,
        threads=2,
    )
    try:
        process.wait(timeout=limits.total_seconds)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        sandbox.stop(process)


def _read(path: Path) -> str | None:
    """The notebook that came out of the sandbox, or None where there is none to use."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_EXECUTED:
            return None
        text = path.read_text(encoding="utf-8")
        return text if isinstance(json.loads(text).get("cells"), list) else None
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def read_run(text: str, manifest: Manifest, finished: bool) -> NotebookRun:
    """What happened, read from the executed notebook, which is text from the student's side.

    Positions count the cells of the lesson, without the parameters that papermill
    adds.
    """
    roles = {cell.id: cell.role for cell in manifest.cells}
    checks: list[CellFailure] = []
    position = 0
    for cell in json.loads(text)["cells"]:
        if not isinstance(cell, dict) or _is_injected(cell):
            continue
        position += 1
        if cell.get("cell_type") != "code" or not _source(cell).strip():
            continue
        name = str(cell.get("id", ""))[:64]
        error = _error(cell)
        if error is not None and roles.get(name) == "check":
            checks.append(CellFailure(name, position, error))
        elif error is not None:
            return NotebookRun(False, CellFailure(name, position, error), tuple(checks))
        elif cell.get("execution_count") is None:
            reason = "the notebook stopped before or in this cell" if finished else _too_long(manifest)
            return NotebookRun(False, CellFailure(name, position, reason), tuple(checks))
    return NotebookRun(True, None, tuple(checks))


def _too_long(manifest: Manifest) -> str:
    return f"the notebook took more than {manifest.limits.total_seconds:g} seconds"


def _is_injected(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and "injected-parameters" in tags


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _error(cell: dict[str, Any]) -> str | None:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict) and output.get("output_type") == "error":
            value = str(output.get("evalue", "")).strip()
            first = value.splitlines()[0] if value else ""
            return steady(f"{output.get('ename', 'Error')}: {first}".removesuffix(": "))[:MESSAGE_LIMIT]
    return None


def steady(text: str) -> str:
    """A message without memory addresses, so that equal runs give equal bytes."""
    return ADDRESS.sub("0x…", text)
