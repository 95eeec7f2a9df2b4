"""Try from inside a sandbox what it must prevent, and report what came of it: `probe PACKAGE SETTINGS`.

It attempts and never judges; `selftest.py`, outside, knows what should have happened.
What it starts stays alive on purpose, for the sandbox to end.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograding.grader.worker.channel import send_frame, take_standard_input
from autograding.grader.worker.limits import FILE_MB, MB, OPEN_FILES, SCRATCH_FILES, SCRATCH_MB, TASKS

NOWHERE = ("192.0.2.1", 9)  # an address that is reserved for documentation
STAY, STARTED = "stay", b"+"
PART_MB = 32
PATIENCE = 30.0


def main(arguments: list[str]) -> None:
    """Send everything that was found out as one frame, then wait to be ended.

    With STAY for settings only leave a process behind, and say so on standard output.
    """
    _package, text = arguments
    settings = json.loads(text)
    connection = take_standard_input()
    if settings == STAY:
        _stay()
        os.write(1, STARTED)
        signal.pause()
    burner = _burn()
    found: dict[str, Any] = {
        "descriptors": _descriptors(),
        "environment": sorted(os.environ),
        "reached": _reaches(("127.0.0.1", settings["port"])),
        "routed": _routed(),
        "loopback": _loopback(),
        "status": _status(),
        "processes": _others(),
        "seen": [path for path in settings["hidden"] if Path(path).exists()],
        "home": _names(settings["home"]),
        "writable": [path for path in settings["read_only"] if _writes(path)],
        "memory": _refused(lambda: bytearray(settings["memory_mb"] * MB), MemoryError),
        "open_files": _open_files(),
        "file": _refused(lambda: _allocate("large", FILE_MB + 1), OSError),
        "tasks": _tasks(),
    }
    if settings["fill"]:
        found |= _fill()
    found["cpu"] = _ended_by(burner)
    _stay()
    send_frame(connection, json.dumps(found).encode())
    signal.pause()


def _count(take: Callable[[int], object], limit: int) -> int:
    """How many can be had one after the other, at most some more than the limit."""
    for number in range(limit + 64):
        try:
            take(number)
        except (OSError, MemoryError):
            return number
    return limit + 64


def _refused(attempt: Callable[[], object], error: type[BaseException]) -> bool:
    try:
        attempt()
    except error:
        return True
    return False


def _open_files() -> int:
    """How many files one process can have open at a time, with those that it starts with."""
    held: list[int] = []
    with contextlib.suppress(OSError):
        while len(held) < 2 * OPEN_FILES:
            held.append(os.open(os.devnull, os.O_RDONLY))
    for number in held:
        os.close(number)
    return len(held)


def _allocate(name: str, megabytes: int) -> None:
    """A file with so many bytes on the disk; gone again where there is no room for them."""
    try:
        with Path(name).open("wb") as file:
            for _ in range(megabytes):
                file.write(bytes(MB))
    except OSError:
        Path(name).unlink()
        raise


def _fill() -> dict[str, int]:
    """How much can be written in all, and how many files can be made."""
    parts = _count(lambda number: _allocate(f"part{number}", PART_MB), SCRATCH_MB // PART_MB)
    for part in Path().glob("part*"):
        part.unlink()
    files = _count(lambda number: Path(f"file{number}").touch(), SCRATCH_FILES)
    return {"scratch_mb": parts * PART_MB, "scratch_files": files}


def _tasks() -> int:
    """How many processes one can have besides this one and the guard."""
    children: list[int] = []
    try:
        while len(children) < 2 * TASKS:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def _burn() -> int:
    """Start a process that does not stop computing."""
    child = os.fork()
    while child == 0:
        pass
    return child


def _ended_by(child: int) -> int:
    """The number of the signal that ended `child`, 0 for none in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.WTERMSIG(status)
        time.sleep(0.02)
    return 0


def _stay() -> None:
    """Leave a process behind that has left its parent, group and session and hears no signal."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            while True:
                signal.pause()
        os._exit(0)
    os.wait()


def _reaches(address: tuple[str, int]) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(2)
        return attempt.connect_ex(address) == 0


def _routed() -> bool:
    """Whether a packet to the world would leave; none is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attempt:
        return attempt.connect_ex(NOWHERE) == 0


def _loopback() -> bool:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        return _reaches(listener.getsockname())


def _descriptors() -> int:
    """Open descriptors besides the three of every process and the connection."""
    return sum(1 for number in range(256) if _is_open(number)) - 4


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError as error:
        return error.errno != errno.EBADF
    return True


def _status() -> dict[str, str]:
    """User, capabilities and privileges of this process, as the system tells them, if it does."""
    with contextlib.suppress(OSError):
        lines = (line.partition(":") for line in Path("/proc/self/status").read_text().splitlines())
        return {name: " ".join(value.split()) for name, _, value in lines}
    return {}


def _others() -> int:
    """Processes to be seen that are neither this one nor one that it started, nor the guard."""
    own = {os.getpid(), os.getppid()}
    return sum(1 for pid, parent in _listed() if pid not in own and parent not in own)


def _listed() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            yield int(entry.name), int(after_name[1])


def _names(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))  # noqa: PTH208 - only the names
    return []


def _writes(folder: str) -> bool:
    try:
        target = Path(folder, "probe")
        target.touch()
        target.unlink()
    except OSError:
        return False
    return True
