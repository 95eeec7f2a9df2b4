"""The first process of every sandbox: closes the door behind itself, starts the payload, ends it.

Started by `process.py` as `guard SPECIFICATION` (JSON). With namespaces it is root and
process 1 in them: it mounts the view, and whatever is alive inside dies with it. Its
standard input is a socket to the judge. When the judge closes it or dies, however that
may be, the guard ends. It speaks to nobody and student code cannot reach it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

from autograding.grader.worker.limits import OPEN_FILES, SCRATCH_FILES, limit

READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
REMOUNT, BIND, MOVE = 32, 4096, 8192
SUBREAPER = 36
DEVICES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}
SET_INTERFACE_FLAGS, INTERFACE_UP = 0x8914, 1
DROPPED = ("--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--")


def main(arguments: list[str]) -> NoReturn:
    """Lay out the sandbox, run the payload in it, leave with its exit status."""
    specification = json.loads(arguments[0])
    if specification["mounts"]:
        _raise_loopback()
        _change_root(specification["mounts"], Path(specification["root"]))
    folder = Path(specification["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    # For the payload, which may be another user; nobody else has a way to it.
    folder.chmod(0o777)
    payload = 0

    def reap(*_: Any) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if ended[0] == payload:
                    _leave(os.waitstatus_to_exitcode(ended[1]) & 0xFF)

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1)
    payload = os.fork()
    if payload == 0:
        _become_payload(specification)
    signal.signal(signal.SIGCHLD, reap)
    reap()
    lifeline = select.poll()
    lifeline.register(0, 0)
    lifeline.poll()
    _leave(1)


def _become_payload(specification: dict[str, Any]) -> NoReturn:
    os.chdir(specification["folder"])
    limit(
        specification["memory_mb"],
        specification["cpu_seconds"],
        open_files=OPEN_FILES,
        tasks=specification["tasks"],
    )
    with contextlib.suppress(OSError):
        # Where memory is short the system kills what runs here first.
        Path("/proc/self/oom_score_adj").write_text("1000")
    command = specification["command"]
    user = specification["user"]
    if user is not None:
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", *DROPPED, *command]
    os.execvpe(command[0], command, specification["environment"])  # noqa: S606


def _leave(status: int) -> NoReturn:
    """End with everything that was started here. In a namespace of its own the system sees to that."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if os.getpid() != 1:
        _end_descendants()
    os._exit(status)


def _end_descendants() -> None:
    """Kill the children; theirs then become ours, until there are none."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    if not listing.exists():
        os.killpg(0, signal.SIGKILL)
    while children := listing.read_text().split():
        for child in map(int, children):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _raise_loopback() -> None:
    """Switch on the loopback interface, over which a notebook and its kernel speak."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SET_INTERFACE_FLAGS, struct.pack("16sh22x", b"lo", INTERFACE_UP))


def _change_root(mounts: list[dict[str, Any]], root: Path) -> None:
    """Make the listed mounts, and nothing else, all that there is."""
    _mount("tmpfs", root, "tmpfs", NO_SUID | NO_DEVICES, "mode=755,size=1m")
    for mount in mounts:
        _lay(mount, root / mount["path"].lstrip("/"))
    _mount("", root, "", REMOUNT | BIND | READ_ONLY | NO_SUID | NO_DEVICES)
    os.chdir(root)
    _mount(str(root), Path("/"), "", MOVE)
    os.chroot(".")
    os.chdir("/")


def _lay(mount: dict[str, Any], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    match mount["kind"]:
        case "link":
            place.symlink_to(mount["target"])
        case "bind":
            _bind(Path(mount["path"]), place, READ_ONLY | NO_SUID | NO_DEVICES)
        case "empty":
            _new(place, "mode=755,size=4k", READ_ONLY)
        case "scratch":
            _new(place, f"mode=1777,size={mount['megabytes']}m,nr_inodes={SCRATCH_FILES}", 0)
        case "proc":
            place.mkdir()
            _mount("proc", place, "proc", NO_SUID | NO_DEVICES | NO_PROGRAMS)
        case "dev":
            _devices(place)


def _new(place: Path, options: str, flags: int) -> None:
    place.mkdir(parents=True, exist_ok=True)
    _mount("tmpfs", place, "tmpfs", NO_SUID | NO_DEVICES | flags, options)


def _bind(source: Path, place: Path, flags: int) -> None:
    if source.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.touch()
    _mount(str(source), place, "", BIND)
    _mount("", place, "", REMOUNT | BIND | flags)


def _devices(place: Path) -> None:
    _new(place, "mode=755,size=64k", 0)
    for name in DEVICES:
        _bind(Path("/dev", name), place / name, NO_SUID | NO_PROGRAMS)
    for name, end in DEVICE_LINKS.items():
        (place / name).symlink_to(f"/proc/self/fd{end}")
    (place / "shm").mkdir()
    _mount("", place, "", REMOUNT | BIND | READ_ONLY | NO_SUID | NO_PROGRAMS)


def _mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    system = ctypes.CDLL(None, use_errno=True)
    texts = [text.encode() for text in (source, str(target), kind)]
    if system.mount(*texts, ctypes.c_ulong(flags), options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot mount {target}: {os.strerror(number)}")
