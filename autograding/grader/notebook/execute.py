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
DIED = "the kernel died here or in the cell before (os._exit, a crash, or out of memory)"
UNUSABLE = "the executed notebook could not be kept: it printed more than 20 MiB"
NOT_STARTED = "the notebook stopped before this cell"
MAX_EXECUTED = 20 * 2**20
MESSAGE_LIMIT = 500
KERNEL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")
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
        died = finished and not (work / "finished").is_file()
        text = _read(target)
        if text is None:
            return Executed(runnable, NotebookRun(False, CellFailure("", 0, UNUSABLE)))
        reason = "" if finished else f"the notebook took more than {manifest.limits.total_seconds:g} seconds"
        return Executed(text, read_run(runnable, text, manifest, DIED if died else reason))


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


def read_run(runnable: str, text: str, manifest: Manifest, broken_off: str) -> NotebookRun:
    """What happened, read from the executed notebook, which is text from the student's side.

    `broken_off` says why the run ended before its end, where it did; the cell to
    blame is then the last one that was started. Positions count the cells of the
    notebook as handed in.
    """
    positions = {cell["id"]: place for place, cell in enumerate(json.loads(runnable)["cells"], start=1)}
    roles = {cell.id: cell.role for cell in manifest.cells}
    cells = [cell for cell in json.loads(text)["cells"] if _was_to_run(cell, positions)]
    checks: list[CellFailure] = []
    for number, cell in enumerate(cells):
        error = _error(cell, manifest.limits.cell_seconds)
        name, position = cell["id"], positions[cell["id"]]
        if error is not None and roles.get(name) == "check":
            checks.append(CellFailure(name, position, error))
        elif error is not None:
            return NotebookRun(False, CellFailure(name, position, error), tuple(checks))
        elif broken_off and not any(map(_started, cells[number + 1 :])):
            return NotebookRun(False, CellFailure(name, position, broken_off), tuple(checks))
        elif not _started(cell):
            return NotebookRun(False, CellFailure(name, position, NOT_STARTED), tuple(checks))
    return NotebookRun(True, None, tuple(checks))


def _was_to_run(cell: Any, positions: dict[str, int]) -> bool:
    """Whether this is a code cell of the lesson, not one that papermill adds."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return False
    name = cell.get("id")
    return isinstance(name, str) and name in positions and bool(_source(cell).strip())


def _started(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    papermill = metadata.get("papermill") if isinstance(metadata, dict) else None
    return isinstance(papermill, dict) and papermill.get("status") != "pending"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _error(cell: dict[str, Any], seconds: float) -> str | None:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict) and output.get("output_type") == "error":
            kind = str(output.get("ename", "Error"))
            if kind == "KeyboardInterrupt":
                return f"stopped after {seconds:g} seconds, the limit for one cell"
            first = str(output.get("evalue", "")).strip().partition("\n")[0]
            shown = KERNEL_FILE.sub(r"(line \1)", f"{kind}: {first}".removesuffix(": "))
            return steady(shown)[:MESSAGE_LIMIT]
    return None


def steady(text: str) -> str:
    """A message without memory addresses, so that equal runs give equal bytes."""
    return ADDRESS.sub("0x…", text)
