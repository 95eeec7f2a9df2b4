"""A worker without a process of its own, whose border is as strict as the judge's.

Mutants are chosen in the process that mutmut forked, so the tests must run in that
process. Their values still cross by value, through the judge's own proxy and wire
format: a test that changes an array it was given must not notice more here than
it does in a grade.
"""

from __future__ import annotations

import contextvars
import importlib
from types import ModuleType
from typing import Any

from autograding.grader.worker.server import Worker, describe_error
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


class LocalSession:
    """Asks a worker in this process, and lets nothing but encoded values through in either direction."""

    def __init__(self, worker: Worker, package: str) -> None:
        self._worker = worker
        self._package = package
        # numpy's error settings live in the context, so that seterr in the code under test
        # does not reach the comparisons of the test.
        self._context = contextvars.copy_context()

    def request(self, op: str, *args: Any, **kwargs: Any) -> Any:
        request = _crossed({"op": op, "args": list(args), "kwargs": kwargs}, _refuse)
        try:
            return self._reply({"ok": self._context.run(self._worker.answer, request)})
        except Unsendable as error:
            return {"error": {"type": "Unsendable", "bases": [], "message": str(error), "frames": []}}
        except BaseException as error:  # as in the worker: whatever it is, it is an answer
            if isinstance(error, KeyboardInterrupt) and not error.args:
                raise  # Ctrl-C says nothing, unlike an interrupt that a test simulates
            return self._reply({"error": describe_error(error, self._package)})

    def _reply(self, reply: dict[str, Any]) -> Any:
        return _crossed(reply, self._worker.reference)


def _crossed(message: Any, reference_for: Any) -> Any:
    """A message as it arrives on the other side."""
    text, arrays = encode(message, reference_for)
    return decode(text, b"".join(arrays))


def _refuse(value: Any) -> Reference:
    raise Unsendable(f"a test cannot send a {type(value).__name__} to the worker; tt.keep takes plain values")
