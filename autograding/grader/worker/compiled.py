"""The student's package, compiled once for all workers of a server.

Compiling runs nothing of the student's, but their source can make it crash, hang or
take all memory. So a process of its own compiles, under the limits of a worker, and
the server keeps the bytes that come back without looking into them: only a worker
does, which runs that code anyway. Where there are none, a worker compiles for itself.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from importlib.abc import PathEntryFinder
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType

NAME = "tinytorch"
SECONDS = 5.0
MAX_BYTES = 32 * 2**20
CHUNK = 2**16
LENGTHS = struct.Struct(">II")


def compile_apart(package: str, limit: Callable[[], None]) -> bytes:
    """The modules of `tinytorch` in the folder `package` as bytes for `use_compiled`, empty for none.

    `limit` is called in the process that compiles, before it reads anything.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_and_leave(writing, package, limit)
    os.close(writing)
    try:
        return _read(reading, time.monotonic() + SECONDS)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def use_compiled(package: str, compiled: bytes) -> None:
    """Import modules below the folder `package` from what `compile_apart` made of them."""
    if not compiled:
        return
    codes = modules_of(memoryview(compiled))

    class Loader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType | None:
            code = codes.get(self.path)
            # Without bytes the usual way, which raises what is wrong with the source.
            return super().get_code(fullname) if code is None else marshal.loads(code)  # noqa: S302

    hook = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (Loader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )
    root = str(Path(package, NAME))

    def finder(path: str) -> PathEntryFinder:
        if path != package and path != root and not path.startswith(root + os.sep):
            raise ImportError(path)
        return hook(path)

    sys.path_hooks.insert(0, finder)


def _framed(path: str, code: bytes) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    return LENGTHS.pack(len(name), len(code)) + name + code


def modules_of(compiled: memoryview) -> dict[str, memoryview]:
    """The code of each module by its path: views, because a copy would cost every worker fresh memory."""
    codes: dict[str, memoryview] = {}
    place = 0
    while place < len(compiled):
        length, size = LENGTHS.unpack_from(compiled, place)
        place += LENGTHS.size
        path = bytes(compiled[place : place + length]).decode("utf-8", "surrogateescape")
        place += length
        codes[path] = compiled[place : place + size]
        place += size
    return codes


def _write_and_leave(descriptor: int, package: str, limit: Callable[[], None]) -> None:
    """The life of the process that compiles. Only a complete answer ends with its length."""
    try:
        limit()
        answer = b"".join(_framed(*item) for item in _compiled(Path(package, NAME)))
        with os.fdopen(descriptor, "wb") as pipe:
            pipe.write(answer + len(answer).to_bytes(8, "big"))
    finally:
        os._exit(0)


def _compiled(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.py")):
        if path.is_symlink() or not path.is_file():
            continue
        # What cannot be compiled is for the worker that imports it to report.
        with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            loader = SourceFileLoader(path.stem, str(path))
            yield str(path), marshal.dumps(loader.source_to_code(path.read_bytes(), str(path)))


def _read(descriptor: int, deadline: float) -> bytes:
    """What the process wrote, or nothing where it did not finish in time."""
    received = bytearray()
    while len(received) <= MAX_BYTES:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        chunk = os.read(descriptor, CHUNK)
        if not chunk:
            complete = len(received) >= 8 and int.from_bytes(received[-8:], "big") == len(received) - 8
            return bytes(received[:-8]) if complete else b""
        received += chunk
    return b""
