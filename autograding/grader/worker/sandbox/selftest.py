"""What a sandbox holds on this machine, property by property, measured and not assumed."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograding.grader.errors import GradingError
from autograding.grader.worker.channel import FrameError, receive_frame
from autograding.grader.worker.limits import FILE_MB, MB, OPEN_FILES, SCRATCH_FILES, SCRATCH_MB, TASKS
from autograding.grader.worker.sandbox.probe import STARTED, STAY
from autograding.grader.worker.sandbox.process import PYTHON_FLAGS, Ceilings, start
from autograding.grader.worker.sandbox.view import view

CEILINGS = Ceilings(memory_mb=512, cpu_seconds=2)
SECONDS = 60.0
END_SECONDS = 15.0
MAX_FRAME = MB
FORBIDDEN = ("GITHUB_", "RUNNER_", "ACTIONS_", "TINYTORCH_")
CANARY = "GITHUB_TOKEN"
TO_BE_KILLED = (
    "import sys; from autograding.grader.worker.sandbox.selftest import run_to_be_killed; "
    "run_to_be_killed(sys.argv[1])"
)
POWERS = ("CapInh", "CapPrm", "CapEff", "CapAmb")
CREDENTIALS = struct.Struct("iII")
LIMITS = ("memory", "CPU time", "processes", "open files", "file size")
ALWAYS = ("environment", "descriptors", *LIMITS, "survivors", "death of the judge")
ISOLATION = (
    *("network", "loopback", "user", "privileges", "other processes"),
    *("judge and tests", "home", "read-only", "disk space", "number of files"),
)


@dataclass(frozen=True)
class Property:
    """One thing that a sandbox is for: whether it holds here, and what was seen."""

    name: str
    holds: bool
    detail: str


def promised(kind: str, user: int) -> tuple[str, ...]:
    """The properties that must hold in a sandbox of this kind which `user` starts."""
    lacking = set()
    if kind == "none":
        lacking |= set(ISOLATION)
    if kind == "none" and user == 0:
        # The system does not limit how many processes root starts.
        lacking.add("processes")
    if kind == "bubblewrap":
        lacking.add("number of files")
    if kind == "bubblewrap" and user != 0:
        # Without root the payload has another name inside, and is its own user to the system.
        lacking.add("user")
    return tuple(name for name in (*ALWAYS, *ISOLATION) if name not in lacking)


def measure(kind: str) -> list[Property]:
    """Start a sandbox of this kind, try to get out, and say what held.

    Raises GradingError where the attempt could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="outside-") as folder, _listener() as port, _canary():
        secret = Path(folder, "secret")
        secret.touch()
        found, user, gone = _probe(kind, secret, port)
    return [*_judged(found, user), gone, _dies_with_its_judge(kind)]


def _probe(kind: str, secret: Path, port: int) -> tuple[dict[str, Any], int, Property]:
    settings = {
        "port": port,
        "memory_mb": CEILINGS.memory_mb,
        "hidden": [str(secret), __file__],
        "home": str(Path.home()),
        # Without a disk of its own it would fill this machine's.
        "fill": kind != "none",
        "read_only": ["/", "/usr", "/dev", sys.prefix, str(Path.home())],
    }
    reading, writing = os.pipe()
    running = start(
        "sandbox.probe", [json.dumps(settings)], secret.parent, CEILINGS, output=writing, using=kind
    )
    os.close(writing)
    try:
        user = _sender(running.connection)
        found = json.loads(receive_frame(running.connection, MAX_FRAME, time.monotonic() + SECONDS))
    except (FrameError, TimeoutError, ValueError) as error:
        raise GradingError(
            f"the sandbox could not be tried: {str(error) or type(error).__name__}", where=f"sandbox {kind}"
        ) from error
    finally:
        running.stop()
        alive = not _closes(reading)
    return found, user, Property("survivors", not alive, "some are alive" if alive else "none after the end")


def _judged(found: dict[str, Any], user: int) -> Iterator[Property]:
    status, home = found["status"], _beside_the_interpreter(found["home"])
    names = [name for name in found["environment"] if name.startswith(FORBIDDEN)]
    powers = [name for name in POWERS if int(status.get(name, "1"), 16) != 0]
    new = status.get("NoNewPrivs") == "1"
    yield Property(
        "environment", not names, _listed(names) or f"{len(found['environment'])} variables, all ours"
    )
    yield Property("descriptors", found["descriptors"] == 0, f"{found['descriptors']} besides its own")
    yield Property(
        "network",
        not (found["reached"] or found["routed"]),
        "a service of this machine can be reached"
        if found["reached"]
        else "open"
        if found["routed"]
        else "none",
    )
    yield Property("loopback", found["loopback"], "works inside" if found["loopback"] else "does not work")
    yield Property("user", user not in (0, os.getuid()), f"user {user}, started by {os.getuid()}")
    yield Property(
        "privileges",
        not powers and new,
        _listed(powers) or ("no capability, no new privileges" if new else "new privileges can be had"),
    )
    yield Property("other processes", found["processes"] == 0, f"{found['processes']} to be seen")
    yield Property("judge and tests", not found["seen"], _listed(found["seen"]) or "not to be seen")
    yield Property("home", not home, _listed(home[:5]) or "not to be seen")
    yield Property("read-only", not found["writable"], _listed(found["writable"]) or "all but /tmp")
    yield from _limits(found)


def _limits(found: dict[str, Any]) -> Iterator[Property]:
    tasks = found["tasks"]
    yield Property("memory", found["memory"], f"{CEILINGS.memory_mb} MB {_refused(found['memory'])}")
    ended = found["cpu"] in (signal.SIGXCPU, signal.SIGKILL)
    yield Property(
        "CPU time", ended, f"stopped after {CEILINGS.cpu_seconds} seconds" if ended else "not stopped"
    )
    yield Property(
        "processes", tasks <= TASKS, f"no more than {tasks}" if tasks <= TASKS else f"{tasks} and more"
    )
    yield Property("open files", found["open_files"] <= OPEN_FILES, f"{found['open_files']} at a time")
    yield Property("file size", found["file"], f"{FILE_MB + 1} MB {_refused(found['file'])}")
    if "scratch_mb" not in found:
        yield Property("disk space", False, "not limited, and not tried")
        yield Property("number of files", False, "not limited, and not tried")
        return
    size, count = found["scratch_mb"], found["scratch_files"]
    yield Property("disk space", size <= SCRATCH_MB, f"{size} MB written")
    yield Property("number of files", count <= SCRATCH_FILES, f"{count:,} made")


def _refused(refused: bool) -> str:
    return "refused" if refused else "granted"


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def _beside_the_interpreter(names: list[str]) -> list[str]:
    """What is seen of the home besides folders on the way to Python."""
    home = Path.home()
    on_the_way = [Path(mount.path) for mount in view(home / "-")]
    known = {
        path.relative_to(home).parts[0] for path in on_the_way if path.is_relative_to(home) and path != home
    }
    return [name for name in names if name not in known]


def _dies_with_its_judge(kind: str) -> Property:
    """Whether everything inside is gone when the process that started it is killed."""
    reading, writing = os.pipe()
    command = [sys.executable, *PYTHON_FLAGS, "-c", TO_BE_KILLED, kind]
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        judge = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": folder},
        )
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], SECONDS)
        started = bool(ready) and os.read(reading, 1) == STARTED
        judge.kill()
        judge.wait()
    gone = _closes(reading) and started
    return Property("death of the judge", gone, "ends everything" if gone else "leaves processes behind")


def run_to_be_killed(kind: str) -> None:
    """Start a sandbox in which processes stay, say so on standard output, and wait."""
    with tempfile.TemporaryDirectory() as folder:
        running = start("sandbox.probe", [json.dumps(STAY)], Path(folder), CEILINGS, output=1, using=kind)
        signal.pause()
        running.stop()


def _sender(connection: socket.socket) -> int:
    """The user who sends on this connection, as the system sees it from here."""
    connection.settimeout(SECONDS)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    _, notes, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(CREDENTIALS.size), socket.MSG_PEEK)
    (_, user, _) = CREDENTIALS.unpack(notes[0][2]) if notes else (0, 0, 0)
    return int(user)


def _closes(reading: int) -> bool:
    """Whether the last process that could write to this pipe goes away in time."""
    deadline = time.monotonic() + END_SECONDS
    try:
        while True:
            ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return False
            if not os.read(reading, MAX_FRAME):
                return True
    finally:
        os.close(reading)


@contextmanager
def _listener() -> Iterator[int]:
    """A service on this machine that nobody inside may reach."""
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen()
        yield service.getsockname()[1]


@contextmanager
def _canary() -> Iterator[None]:
    """A secret in our own environment, as a runner has them."""
    before = os.environ.get(CANARY)
    os.environ[CANARY] = before or "canary"
    try:
        yield
    finally:
        if before is None:
            del os.environ[CANARY]
