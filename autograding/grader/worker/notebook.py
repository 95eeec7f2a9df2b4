"""Run a notebook with papermill inside the sandbox: `notebook INPUT OUTPUT SETTINGS`.

The output is feedback for the student and is made where their code runs, so
whoever reads it treats it as a text of theirs.
"""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path


def main(arguments: list[str]) -> None:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from autograding.grader.worker.server import limit

    source, target, settings_text = arguments
    settings = json.loads(settings_text)
    limit(settings["memory_mb"], settings["cpu_seconds"], open_files=1024)
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            source,
            target,
            parameters=settings["parameters"],
            kernel_name="python3",
            language="python",
            execution_timeout=settings["cell_seconds"],
            start_timeout=60,
            progress_bar=False,
            log_output=False,
        )
    Path(target).with_name("finished").touch()
