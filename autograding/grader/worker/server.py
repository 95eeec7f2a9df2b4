"""The fork server: a fresh process for every test, cheap because numpy is already loaded.

Runs inside the sandbox. The server itself never imports student code; each
forked worker does, and answers the judge's requests about the objects it
holds until the judge closes the connection. Nothing here decides anything: a
worker that lies only lies about its own results.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import linecache
import operator
import os
import random
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from autograding.grader.worker.channel import take_standard_input
from autograding.grader.worker.compiled import compile_apart, use_compiled
from autograding.grader.worker.limits import explain, limit
from autograding.grader.worker.wire import (
    READY,
    REPLY,
    REQUEST,
    Reference,
    Unsendable,
    WireClosed,
    WireError,
    encode,
    receive,
    send,
)

OPERATORS = frozenset(
    [
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs"),
        *("lt", "le", "gt", "ge", "eq", "ne"),
    ]
)
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "len": len,
    "bool": bool,
    "float": float,
    "int": int,
    "index": operator.index,
    "list": list,
}
MESSAGE_LIMIT = 2000
SEED = 0
# Who collects losses or sizes in a list means the numbers of Python. The reply itself is a dict around
# the answer: a number of numpy that is the answer stays an object of the worker.
NUMBERS_FROM = 2
# What nearly every package imports: loaded once here, shared by every forked worker. Numpy itself
# leaves its own parts to their first use, which would cost each worker more than all the rest.
LOADED = (
    *("numpy", "numpy.linalg", "numpy.random", "numpy.typing"),
    *("dataclasses", "json", "pathlib", "platform", "tempfile", "urllib.parse", "zipfile"),
)


class Worker:
    """Answers requests about the objects of one test."""

    def __init__(self) -> None:
        self.objects: dict[int, Any] = {}

    def answer(self, request: dict[str, Any]) -> Any:
        arguments = [self._local(item) for item in request.get("args", [])]
        keywords = {name: self._local(item) for name, item in request.get("kwargs", {}).items()}
        return getattr(self, "op_" + request["op"])(*arguments, **keywords)

    def reference(self, value: Any) -> Reference:
        number = len(self.objects)
        self.objects[number] = value
        return Reference(number, name_of(type(value)))

    def _local(self, value: Any) -> Any:
        kind = type(value)
        if kind is Reference:
            return self.objects[value.number]
        if kind is list:
            return [self._local(item) for item in value]
        if kind is tuple:
            return tuple(self._local(item) for item in value)
        if kind is dict:
            return {self._local(key): self._local(item) for key, item in value.items()}
        return value

    def op_module(self, name: str) -> Any:
        return importlib.import_module(name)

    def op_getattr(self, target: Any, name: str) -> Any:
        try:
            return getattr(target, name)
        except AttributeError:
            if not isinstance(target, ModuleType):
                raise
            with contextlib.suppress(ModuleNotFoundError):
                return importlib.import_module(f"{target.__name__}.{name}")
            raise

    def op_setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def op_call(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        return target(*args, **kwargs)

    def op_getitem(self, target: Any, key: Any) -> Any:
        return target[key]

    def op_setitem(self, target: Any, key: Any, value: Any) -> None:
        target[key] = value

    def op_operator(self, name: str, *args: Any) -> Any:
        if name not in OPERATORS:
            raise WireError(f"no operator {name}")
        return getattr(operator, name)(*args)

    def op_convert(self, name: str, target: Any) -> Any:
        return CONVERSIONS[name](target)

    def op_text(self, name: str, target: Any) -> str:
        text = repr(target) if name == "repr" else str(target)
        return text[: 100 * MESSAGE_LIMIT]

    def op_same(self, first: Any, second: Any) -> bool:
        return first is second

    def op_keep(self, value: Any) -> Any:
        return self.reference(value)

    def op_patch(self, target: str, value: Any = None, error: str | None = None) -> None:
        module_name, _, name = target.rpartition(".")
        module = importlib.import_module(module_name)
        getattr(module, name)

        def patched(*_args: Any, **_kwargs: Any) -> Any:
            if error is not None:
                raise getattr(builtins, error)("simulated by the test")
            return value

        setattr(module, name, patched)

    def op_hide(self, name: str) -> None:
        for loaded in [key for key in sys.modules if key.startswith(name + ".")]:
            del sys.modules[loaded]
        # None is how Python itself marks a module that must not be found, for import and find_spec alike.
        sys.modules[name] = None  # type: ignore[assignment]

    def op_fresh_import(self, name: str) -> Any:
        sys.modules.pop(name, None)
        return importlib.import_module(name)


def name_of(kind: type) -> str:
    """The name of a class as Python keeps it, whatever its metaclass says."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return name


def describe_error(error: BaseException, package: str) -> dict[str, Any]:
    """An exception as data: its type, its builtin bases, its message and the student's lines."""
    try:
        message = str(error)
    except BaseException:  # noqa: BLE001 - a student's __str__ may raise anything
        message = "(an error whose message cannot be shown)"
    names = [(name_of(cls), cls) for cls in type.__dict__["__mro__"].__get__(type(error))]
    bases = [name for name, cls in names if getattr(builtins, name, None) is cls]
    frames = traceback.extract_tb(error.__traceback__)[-200:]
    own = [frame for frame in frames if package in frame.filename]
    lines = [f"{Path(frame.filename).name} line {frame.lineno}, in {frame.name}" for frame in own[-5:]]
    return {
        "type": name_of(type(error))[:80],
        "bases": bases,
        "message": _with_limit(explain(error), message)[:MESSAGE_LIMIT],
        "frames": [line[:200] for line in lines],
    }


def _with_limit(limit_text: str, message: str) -> str:
    return f"{limit_text} ({message})" if limit_text and message else limit_text or message


def serve(connection: socket.socket, package: str) -> None:
    """Answer requests until the judge closes the connection."""
    worker = Worker()
    while True:
        request = receive(connection)
        try:
            answer = worker.answer(request)
            reply = encode({"ok": answer}, worker.reference, numbers_from=NUMBERS_FROM)
            send(connection, reply)
            continue
        except WireClosed:
            raise
        except Unsendable as error:
            problem = {"type": "Unsendable", "bases": [], "message": str(error), "frames": []}
        except BaseException as error:  # noqa: BLE001 - SystemExit and pytest's Skipped are answers too
            problem = describe_error(error, package)
        send(connection, encode({"error": problem}, worker.reference))


def run_worker(
    connection: socket.socket, package: str, compiled: bytes, memory_mb: int, cpu_seconds: int
) -> None:
    """The life of one forked worker; never returns to the server's loop."""
    os.setsid()
    for signal_number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_DFL)
    limit(memory_mb, cpu_seconds)
    sys.path.insert(0, package)
    use_compiled(package, compiled)
    linecache.clearcache()
    # Python gives a forked process another one.
    random.seed(SEED)
    try:
        with contextlib.suppress(WireClosed, WireError):
            serve(connection, package)
    finally:
        os._exit(0)


def run_server(control: socket.socket, package: str, memory_mb: int, cpu_seconds: int) -> None:
    """Fork a worker for every connection that the judge hands over.

    Each request on `control` is a REQUEST: `F` with a socket, to fork, answered by the
    process number as a REPLY; `K` and that number, to kill the worker and all its
    group. A first REPLY of READY says that there is a server.
    """
    compiled = compile_apart(package, lambda: limit(memory_mb, cpu_seconds))
    # Whoever draws from the generators that all share draws the same numbers in every run.
    sys.modules["numpy.random"].seed(SEED)
    # What is loaded lives as long as the server; workers need not look through it for garbage.
    gc.freeze()
    children: set[int] = set()
    control.sendall(REPLY.pack(READY))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 1)
        if len(message) < REQUEST.size:
            break
        _reap(children)
        action, number = REQUEST.unpack(message)
        if action == b"F":
            child = os.fork()
            if child == 0:
                control.close()
                connection = socket.socket(fileno=descriptors[0])
                run_worker(connection, package, compiled, memory_mb, cpu_seconds)
            os.close(descriptors[0])
            children.add(child)
            control.sendall(REPLY.pack(child))
        elif action == b"K" and number in children:
            _kill(number)
    for child in children:
        _kill(child)


def _reap(children: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (child := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            children.discard(child)


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """`server PACKAGE MEMORY_MB CPU_SECONDS`, with the control connection as standard input."""
    package, memory_mb, cpu_seconds = arguments
    control = take_standard_input()
    for name in LOADED:
        importlib.import_module(name)
    run_server(control, package, int(memory_mb), int(cpu_seconds))
