"""The judge's end of the border: start the fork server, get a fresh worker for a test, ask it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograding.grader.errors import GradingError
from autograding.grader.manifest import Limits
from autograding.grader.worker import sandbox
from autograding.grader.worker.wire import (
    Reference,
    Unsendable,
    WireClosed,
    WireError,
    WireTimeout,
    encode,
    receive,
    send,
)

BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograding.grader.worker.server import main; "
    "sys.path.remove(sys.argv[1]); main(sys.argv[2:])"
)
START_SECONDS = 30.0
MAX_SLOW_IMPORTS = 2


class WorkerLost(Exception):
    """The worker of this test is gone; the message says why, for a student."""

    ends_the_test = True


class Session:
    """One fresh worker process, for one test."""

    def __init__(self, connection: socket.socket, process: int, server: ForkServer, limits: Limits) -> None:
        self._connection = connection
        self._process = process
        self._server = server
        self._limits = limits
        self._deadline = time.monotonic() + limits.test_seconds
        self._lost: str | None = None

    def request(self, op: str, *args: Any, **kwargs: Any) -> Any:
        """Ask the worker; the reply is a plain value, a Reference, or `{"error": …}` as sent.

        Raises WorkerLost when the worker died, spoke out of turn or took too long.
        """
        if self._lost is not None:
            raise WorkerLost(self._lost)
        deadline = min(self._deadline, time.monotonic() + self._limits.call_seconds)
        try:
            send(self._connection, encode({"op": op, "args": list(args), "kwargs": kwargs}, _only_references))
            reply = receive(self._connection, deadline)
        except WireTimeout:
            if op == "module":
                self._server.count_slow_import()
            self._lose("took too long: stopped after " + self._limit_text())
        except WireClosed:
            self._lose("the process ended before it answered (os._exit, a crash, or a time or memory limit)")
        except WireError as error:
            self._lose(f"the process sent something that is not an answer ({error})")
        if type(reply) is not dict or len(reply) != 1 or next(iter(reply)) not in ("ok", "error"):
            self._lose("the process sent something that is not an answer")
        return reply

    def close(self) -> None:
        """End the worker and everything in its process group."""
        self._connection.close()
        self._server.kill(self._process)

    def _limit_text(self) -> str:
        over_test = time.monotonic() >= self._deadline
        seconds = self._limits.test_seconds if over_test else self._limits.call_seconds
        return f"{seconds:g} seconds for one {'test' if over_test else 'call'}"

    def _lose(self, reason: str) -> None:
        self._lost = reason
        self.close()
        raise WorkerLost(reason)


def _only_references(value: Any) -> Reference:
    raise Unsendable(f"a test cannot send a {type(value).__name__} to the worker; tt.keep takes plain values")


class ForkServer:
    """A sandboxed process with numpy loaded, from which a worker is forked for every test.

    `package` is the folder that holds the student's `tinytorch/`. A server that a
    worker managed to kill is started again.
    """

    def __init__(self, package: Path, limits: Limits) -> None:
        self._package = package
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="worker-")
        self._files = sandbox.install_worker(Path(self._folder.name).resolve())
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._deadline = time.monotonic() + limits.total_seconds
        self._slow_imports = 0
        with contextlib.suppress(OSError):
            self._start()

    def session(self) -> Session:
        """A fresh worker.

        Raises WorkerLost when there is no time left for it, and GradingError when
        none can be started on this machine.
        """
        if time.monotonic() > self._deadline:
            raise WorkerLost(f"the {self._limits.total_seconds:g} seconds for all tests were used up before")
        if self._slow_imports >= MAX_SLOW_IMPORTS:
            raise WorkerLost("the package does not finish importing; this was not tried again")
        for _attempt in range(3):
            with contextlib.suppress(OSError, ValueError):
                return self._fork()
            self._stop()
        raise GradingError(
            "the sandboxed process that runs the code cannot be started",
            where=f"sandbox: {sandbox.kind()}",
            mend="run `uv run tito system doctor`; TINYTORCH_SANDBOX=none grades with limits alone",
        )

    def count_slow_import(self) -> None:
        """Remember that importing the package took too long, so that not every test waits for it."""
        self._slow_imports += 1

    def kill(self, process: int) -> None:
        """Kill one worker by the number the server gave it."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.send(b"K%d" % process)

    def close(self) -> None:
        """End the server and all workers."""
        self._stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fork(self) -> Session:
        control = self._control or self._start()
        if not self._ready:
            self._ready = control.recv(64) == b"ready"
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(control, [b"F"], [theirs.fileno()])
        number = int(control.recv(64))
        return Session(ours, number, self, self._limits)

    def _start(self) -> socket.socket:
        """Start the server without waiting until it is ready: there is other work meanwhile."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [
            str(self._files),
            str(theirs.fileno()),
            str(self._package),
            str(self._limits.memory_mb),
            str(int(self._limits.test_seconds) + 1),
        ]
        with theirs:
            self._process = sandbox.start_python(
                BOOTSTRAP,
                arguments,
                sandbox.View(readable=(self._files, self._package)),
                folder=self._package,
                descriptors=[theirs.fileno()],
            )
        ours.settimeout(START_SECONDS)
        self._control, self._ready = ours, False
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            sandbox.stop(self._process)
            self._process = None
