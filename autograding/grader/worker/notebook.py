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

from autograding.grader.worker.channel import receive_frame, send_frame, take_standard_input

INPUT, OUTPUT = "judge://lesson.ipynb", "judge://executed.ipynb"


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
