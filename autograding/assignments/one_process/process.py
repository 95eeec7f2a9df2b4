"""A process that tests one package after another, each in a process forked for it.

Started by `processes.py` as `python -m autograding.assignments.one_process.process`. It
reads one specification a line and answers each with a line: the result as `judge`
in `grader/judge/process.py` gives it, with the seconds it computed, or `null` where
the tests did not end by themselves.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograding.assignments.one_process.plugin import EnteredPlugin, OneProcessPlugin, OnlyPlugin
from autograding.grader.judge.process import run_judge
from autograding.grader.manifest import Limits
from autograding.grader.worker.limits import limit


def main() -> None:
    """Answer until there are no more specifications."""
    answers = os.fdopen(os.dup(1), "w")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    for line in sys.stdin:
        with tempfile.TemporaryDirectory(prefix="compiled-") as compiled:
            json.dump(_forked(json.loads(line), compiled), answers)
        answers.write("\n")
        answers.flush()


def _forked(spec: dict[str, Any], compiled: str) -> dict[str, Any] | None:
    limits = Limits(**spec["limits"])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as result:
                _keep_compiled(compiled)
                json.dump(_run(spec, limits), result)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as result:
        text = _read(result.fileno(), time.monotonic() + limits.total_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        outcome: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    return outcome


def _keep_compiled(folder: str) -> None:
    """Have the package compiled for the first test only. The next package may lie at the same place."""
    sys.pycache_prefix = folder
    sys.dont_write_bytecode = False


def _run(spec: dict[str, Any], limits: Limits) -> dict[str, Any]:
    limit(limits.memory_mb, spec["cpu_seconds"])
    sys.path.insert(0, spec["package"])
    root, files, seed = Path(spec["root"]), spec["files"], spec["seed"]
    if spec["only"] is not None:
        result = run_judge(OneProcessPlugin(seed, limits.call_seconds), root, files, OnlyPlugin(spec["only"]))
    else:
        plugin = EnteredPlugin(seed, Path(spec["package"]))
        result = run_judge(plugin, root, files) | {"entered": plugin.entered}
    return result | {"seconds": time.process_time()}


def _read(descriptor: int, deadline: float) -> bytes:
    """Everything that is written until the other end is closed, or what there is at the deadline."""
    parts = []
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(descriptor, 2**20)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
