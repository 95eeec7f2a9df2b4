"""The processes that test packages of our own making, each one at a time."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from queue import SimpleQueue
from typing import Any

from autograding.grader.worker import sandbox


class Processes:
    """At most `count` packages are tested at a time; more callers wait. To be closed after use."""

    def __init__(self, count: int) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="one-process-")
        self._free: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        self._all = [_start(self._home.name) for _ in range(count)]
        for process in self._all:
            self._free.put(process)

    def ask(self, spec: dict[str, Any]) -> dict[str, Any] | None:
        """The answer of `process.py`, or None where there is none."""
        process = self._free.get()
        try:
            return _answer(process, spec)
        finally:
            self._free.put(process)

    def close(self) -> None:
        """End them, when nobody waits for an answer."""
        for process in self._all:
            process.communicate()
        self._home.cleanup()


def _start(home: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *sandbox.PYTHON_FLAGS, "-m", "autograding.assignments.one_process.process"],
        cwd=home,
        env=sandbox.environment(home, home, 1) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _answer(process: subprocess.Popen[str], spec: dict[str, Any]) -> dict[str, Any] | None:
    assert process.stdin is not None
    assert process.stdout is not None
    result: dict[str, Any] | None = None
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(json.dumps(spec) + "\n")
        process.stdin.flush()
        result = json.loads(process.stdout.readline())
    return result
