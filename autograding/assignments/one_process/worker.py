"""A worker without a process of its own, whose border is as strict as the judge's.

Mutants are chosen in the process that mutmut forked, so the tests must run in that
process; known bugs are many. Values still cross by value, through the judge's own proxy and wire
format: a test that changes an array it was given must not notice more here than
it does in a grade.
"""

from __future__ import annotations

import contextvars
import importlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from autograding.grader.worker.server import NUMBERS_FROM, Worker, describe_error
from autograding.grader.worker.session import WorkerLost
from autograding.grader.worker.wire import Reference, Unsendable, decode, encode


class ForgetfulWorker(Worker):
    """A worker that takes its patches back, because its process goes on to the next test."""

    def __init__(self) -> None:
        super().__init__()
        self._replaced: list[tuple[Any, str, Any]] = []

    def op_patch(self, target: str, value: Any = None, error: str | None = None) -> None:
        module_name, _, name = target.rpartition(".")
        module = importlib.import_module(module_name)
        self._replaced.append((module, name, getattr(module, name)))
        super().op_patch(target, value, error)

    def op_setattr(self, target: Any, name: str, value: Any) -> None:
        if isinstance(target, ModuleType) and hasattr(target, name):
            self._replaced.append((target, name, getattr(target, name)))
        super().op_setattr(target, name, value)

    def forget(self) -> None:
        """Put back what was replaced in modules, the last first."""
        while self._replaced:
            module, name, original = self._replaced.pop()
            setattr(module, name, original)


class TooLong(BaseException):
    """Raised into code that computes longer than a call may take."""


@contextmanager
def computing_at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block when it has computed that long; 0 is for ever. For a main thread only.

    Code that catches everything goes on: whoever runs it has to bound the process too.
    """

    def interrupt(_signal: int, _frame: object) -> None:
        raise TooLong

    previous = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


class LocalSession:
    """Asks a worker in this process, and lets nothing but encoded values through in either direction.

    With `call_seconds`, a call that computes longer is the end of the test, as in a grade.
    """

    def __init__(self, worker: Worker, package: str, call_seconds: float = 0) -> None:
        self._worker = worker
        self._package = package
        self._call_seconds = call_seconds
        self._lost: str | None = None
        # numpy's error settings live in the context, so that seterr in the code under test
        # does not reach the comparisons of the test.
        self._context = contextvars.copy_context()

    def request(self, op: str, *args: Any, **kwargs: Any) -> Any:
        """As a `Session` answers. Raises WorkerLost after a call that took too long."""
        if self._lost is not None:
            raise WorkerLost(self._lost)
        request = _crossed(encode({"op": op, "args": list(args), "kwargs": kwargs}, _refuse))
        try:
            with computing_at_most(self._call_seconds):
                return self._reply({"ok": self._context.run(self._worker.answer, request)})
        except TooLong:
            self._lost = f"took too long: stopped after {self._call_seconds:g} seconds for one call"
            raise WorkerLost(self._lost) from None
        except Unsendable as error:
            return {"error": {"type": "Unsendable", "bases": [], "message": str(error), "frames": []}}
        except BaseException as error:  # as in the worker: whatever it is, it is an answer
            if isinstance(error, KeyboardInterrupt) and not error.args:
                raise  # Ctrl-C says nothing, unlike an interrupt that a test simulates
            return self._reply({"error": describe_error(error, self._package)})

    def _reply(self, reply: dict[str, Any]) -> Any:
        return _crossed(encode(reply, self._worker.reference, numbers_from=NUMBERS_FROM))


def _crossed(message: tuple[bytes, list[bytes]]) -> Any:
    """A message as it arrives on the other side."""
    text, arrays = message
    return decode(text, b"".join(arrays))


def _refuse(value: Any) -> Reference:
    raise Unsendable(f"a test cannot send a {type(value).__name__} to the worker; tt.keep takes plain values")
