"""The judge's end of the border: start the fork server, get a fresh worker for a test, ask it."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograding.grader.errors import GradingError
from autograding.grader.manifest import Limits
from autograding.grader.worker import sandbox
from autograding.grader.worker.wire import (
    READY,
    REPLY,
    REQUEST,
    Reference,
    Unsendable,
    WireClosed,
    WireError,
    WireTimeout,
    encode,
    expect_silence,
    receive,
    send,
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
            expect_silence(self._connection)
            request = encode({"op": op, "args": list(args), "kwargs": kwargs}, _only_references)
            send(self._connection, request, deadline)
            reply = receive(self._connection, deadline)
        except WireTimeout:
            if _may_import(op, args):
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


def _may_import(op: str, args: tuple[Any, ...]) -> bool:
    """Whether a request has the worker import: by name, or by asking a package for what it loads lazily."""
    return op == "module" or (
        op == "getattr" and isinstance(args[0], Reference) and args[0].type_name == "module"
    )


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
        self._running: sandbox.Sandboxed | None = None
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
            self.close()
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
        if self._running is not None:
            with contextlib.suppress(OSError):
                self._running.connection.sendall(REQUEST.pack(b"K", process))

    def close(self) -> None:
        """End the server and all workers."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fork(self) -> Session:
        control = (self._running or self._start()).connection
        if not self._ready:
            self._ready = _reply(control) == READY
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(control, [REQUEST.pack(b"F", 0)], [theirs.fileno()])
        return Session(ours, _reply(control), self, self._limits)

    def _start(self) -> sandbox.Sandboxed:
        """Start the server without waiting until it is ready: there is other work meanwhile."""
        limits = self._limits
        ceilings = sandbox.Ceilings(limits.memory_mb, int(limits.total_seconds))
        seconds = str(int(limits.test_seconds) + 1)
        self._running = sandbox.start("server", [str(limits.memory_mb), seconds], self._package, ceilings)
        self._running.connection.settimeout(START_SECONDS)
        self._ready = False
        return self._running


def _reply(control: socket.socket) -> int:
    """The next number from the server. Raises ValueError where it is gone."""
    data = b""
    while len(data) < REPLY.size:
        part = control.recv(REPLY.size - len(data))
        if not part:
            raise ValueError("the server is gone")
        data += part
    (number,) = REPLY.unpack(data)
    return int(number)
