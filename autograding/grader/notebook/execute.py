"""Run the student's notebook with papermill in the sandbox, for feedback. It gives no points."""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograding.grader.grade import CellFailure, NotebookRun
from autograding.grader.manifest import Manifest
from autograding.grader.report.text import steady
from autograding.grader.worker import sandbox
from autograding.grader.worker.channel import FrameError, FrameTooLarge, receive_frame, send_frame

DIED = "the kernel died here or in the cell before (os._exit, a crash, or out of memory)"
UNUSABLE = "the executed notebook could not be kept: it printed more than 20 MiB"
SILENCED = "the cell failed, and kept its error from being shown"
NOT_STARTED = "the notebook stopped before this cell"
MAX_EXECUTED = 20 * 2**20
MESSAGE_LIMIT = 500
KERNEL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")


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
    limits = manifest.limits
    settings = {
        "parameters": manifest.parameters,
        "cell_seconds": int(limits.cell_seconds),
        "max_bytes": MAX_EXECUTED,
    }
    ceilings = sandbox.Ceilings(limits.memory_mb * 2, int(limits.total_seconds))
    running = sandbox.start("notebook", [json.dumps(settings)], package, ceilings, threads=2)
    try:
        text, ending = _converse(running.connection, runnable, limits.total_seconds)
    finally:
        running.stop()
    if text is None or not _is_notebook(text):
        return Executed(runnable, NotebookRun(False, CellFailure("", 0, UNUSABLE)))
    return Executed(text, read_run(runnable, text, manifest, ending))


def _converse(connection: socket.socket, runnable: str, seconds: float) -> tuple[str | None, str]:
    """The last state of the notebook that came, None for none to use, and why it broke off, where it did."""
    deadline = time.monotonic() + seconds
    last: bytes | None = None
    connection.settimeout(seconds)
    try:
        send_frame(connection, runnable.encode())
        while frame := receive_frame(connection, MAX_EXECUTED, deadline):
            last = frame
        ending = ""
    except TimeoutError:
        ending = f"the notebook took more than {seconds:g} seconds"
    except FrameTooLarge:
        return None, ""
    except (FrameError, OSError):
        ending = DIED
    return last.decode(errors="replace") if last is not None else runnable, ending


def _is_notebook(text: str) -> bool:
    try:
        return isinstance(json.loads(text).get("cells"), list)
    except (ValueError, AttributeError, RecursionError):
        return False


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
    return bool(_papermill(cell).get("status", "pending") != "pending")


def _papermill(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = cell.get("metadata")
    papermill = metadata.get("papermill") if isinstance(metadata, dict) else None
    return papermill if isinstance(papermill, dict) else {}


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _error(cell: dict[str, Any], seconds: float) -> str | None:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict) and output.get("output_type") == "error":
            kind = str(output.get("ename", "Error"))[:MESSAGE_LIMIT]
            if kind == "KeyboardInterrupt":
                return f"stopped after {seconds:g} seconds, the limit for one cell"
            first = str(output.get("evalue", "")).strip().partition("\n")[0][: 4 * MESSAGE_LIMIT]
            shown = KERNEL_FILE.sub(r"(line \1)", f"{kind}: {first}".removesuffix(": "))
            return steady(shown)[:MESSAGE_LIMIT]
    # What the kernel answered counts, also where the cell kept the error from being shown.
    return SILENCED if _papermill(cell).get("status") == "failed" else None
