"""Run a notebook with papermill inside the sandbox: `notebook PACKAGE SETTINGS`.

The notebook comes in, and after every cell goes out, as a frame of the connection that
is the standard input; an empty frame says that the run came to its end. It is
feedback for the student and is made where their code runs, so whoever reads it treats
it as a text of theirs.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
from pathlib import Path
from typing import Any

from autograding.grader.worker.channel import receive_frame, send_frame, take_standard_input
from autograding.grader.worker.limits import MB

INPUT, OUTPUT = "judge://lesson.ipynb", "judge://executed.ipynb"
# Bytes of output that are kept; together less than what the judge takes.
OF_A_CELL, OF_ALL, OF_AN_ERROR = MB, 10 * MB, 100 * 1024


class Channel:
    """papermill's reads and writes of a notebook, over the connection."""

    def __init__(self, connection: socket.socket, source: str) -> None:
        self._connection = connection
        self._source = source

    def read(self, _path: str) -> str:
        return self._source

    def write(self, text: str, _path: str) -> None:
        send_frame(self._connection, text.encode())

    def listdir(self, _path: str) -> list[str]:
        return []

    def pretty_path(self, path: str) -> str:
        return path


class Outputs:
    """What the cells put out: kept up to a size, counted beyond."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._notes: dict[int, Any] = {}
        self._kept = 0

    def keeps(self, outputs: list[Any], content: dict[str, Any], cell: int) -> bool:
        """Whether this output of a cell is kept; those that are not are counted in a note in their place."""
        if "ename" in content:
            _shorten(content)
        size = len(json.dumps(content, default=str))
        self._sizes[cell] = self._sizes.get(cell, 0) + size
        if "ename" in content or (self._sizes[cell] <= OF_A_CELL and self._kept + size <= OF_ALL):
            self._kept += size
            return True
        if cell not in self._notes:
            from nbformat.v4 import new_output

            self._notes[cell] = new_output("stream", name="stderr")  # type: ignore[no-untyped-call]
            outputs.append(self._notes[cell])
        whole = self._sizes[cell] / MB
        self._notes[cell]["text"] = f"\n[output cut here: the cell put out {whole:.1f} MB]\n"
        return False


def _shorten(error: dict[str, Any]) -> None:
    """An error stops its cell, so it is always kept; not all of it where it is long."""
    if len(json.dumps(error, default=str)) > OF_AN_ERROR:
        error |= {"evalue": str(error.get("evalue"))[:OF_AN_ERROR], "traceback": []}


def bound_outputs() -> None:
    """Have papermill keep a bounded part of what a cell puts out, as it comes."""
    from papermill import engines

    kept = Outputs()

    class Client(engines.PapermillNotebookClient):  # type: ignore[misc]
        def output(self, outs: list[Any], msg: dict[str, Any], display_id: Any, cell_index: int) -> Any:
            if kept.keeps(outs, msg["content"], cell_index):
                return super().output(outs, msg, display_id, cell_index)
            return None

    engines.PapermillNotebookClient = Client


def main(arguments: list[str]) -> None:
    """Take the notebook, run it beside the package, send what became of it."""
    package, settings_text = arguments
    settings = json.loads(settings_text)
    connection = take_standard_input()
    source = receive_frame(connection, settings["max_bytes"]).decode()
    Path("tinytorch").symlink_to(Path(package, "tinytorch"))

    import papermill
    from papermill.exceptions import PapermillExecutionError
    from papermill.iorw import papermill_io

    papermill_io.register("judge://", Channel(connection, source))
    bound_outputs()
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            INPUT,
            OUTPUT,
            parameters=settings["parameters"],
            kernel_name="python3",
            language="python",
            execution_timeout=settings["cell_seconds"],
            start_timeout=60,
            progress_bar=False,
            log_output=False,
        )
    send_frame(connection, b"")
