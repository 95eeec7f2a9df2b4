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

INPUT, OUTPUT = "judge://lesson.ipynb", "judge://executed.ipynb"
KEPT = 200 * 1024


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
    """What the cells put out: kept up to KEPT bytes a cell, counted beyond."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._notes: dict[int, Any] = {}

    def keeps(self, outputs: list[Any], content: dict[str, Any], cell: int) -> bool:
        """Whether this output of a cell is kept; the first that is not is replaced by a count of them."""
        size = len(json.dumps(content, default=str))
        self._sizes[cell] = self._sizes.get(cell, 0) + size
        if self._sizes[cell] <= KEPT or "ename" in content:
            return True
        if cell not in self._notes:
            from nbformat.v4 import new_output

            self._notes[cell] = new_output("stream", name="stderr")  # type: ignore[no-untyped-call]
            outputs.append(self._notes[cell])
        kept, whole = KEPT // 1024, self._sizes[cell] // 1024
        self._notes[cell]["text"] = f"\n[output cut after {kept} kB; the cell put out {whole} kB]\n"
        return False


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
