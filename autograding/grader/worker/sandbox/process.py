"""Start and end a process that may run student code: isolated where the machine can, limited everywhere."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from autograding.grader.errors import ConfigurationError
from autograding.grader.worker.limits import TASKS
from autograding.grader.worker.sandbox.backends import CHECKED, KINDS, SETTING, as_root, backend, missing
from autograding.grader.worker.sandbox.view import SCRATCH, view

WORKER = Path(__file__).resolve().parents[1]
INSIDE = (
    *("channel.py", "compiled.py", "limits.py", "notebook.py", "server.py", "wire.py"),
    *("sandbox/guard.py", "sandbox/probe.py"),
)
# Isolated like -I, but -I would ignore PYTHONHASHSEED too, and the order of a set would change from run to
# run. Whoever starts Python with these gives it an environment without any other variable of Python's.
PYTHON_FLAGS = ("-s", "-P", "-B", "-X", "utf8")
# The folder of our files leaves the path again before a payload that imports student code starts.
RUN = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograding.grader.worker.{} import main; "
    "sys.path.remove(sys.argv[1]); main(sys.argv[2:])"
)
PACKAGE = "tinytorch"
STOP_SECONDS = 10.0
PROBE_SECONDS = 20.0


@dataclass(frozen=True)
class Ceilings:
    """What each process inside may take, besides the limits that hold in every sandbox (`limits.py`)."""

    memory_mb: int = 1024
    cpu_seconds: int = 60


@dataclass(frozen=True)
class Sandboxed:
    """A running sandbox.

    `connection` is the other end of the payload's standard input. `killer` can end the
    process group from outside, should the guard not.
    """

    process: subprocess.Popen[bytes]
    connection: socket.socket
    killer: tuple[str, ...]
    _room: tempfile.TemporaryDirectory[str]

    def stop(self) -> None:
        """End every process inside, now, and remove what was laid out for it."""
        self.connection.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            subprocess.run([*self.killer, "-KILL", "--", f"-{self.process.pid}"], check=False)
            self.process.wait()
        self._room.cleanup()


@functools.cache
def kind() -> str:
    """The sandbox of this machine: the first of KINDS that works, or the one that SETTING asks for.

    Our own processes hand the answer on in the environment, so that it is found out once.
    Raises ConfigurationError where SETTING asks for one that there is not.
    """
    wanted = os.environ.get(SETTING, "")
    if not wanted:
        return next(name for name in KINDS if not why_not(name))
    names = ", ".join(KINDS)
    if wanted not in KINDS:
        raise ConfigurationError(
            f"there is no sandbox of this name: {wanted!r}",
            where=SETTING,
            mend=f"choose one of {names}, or leave it unset to take the first that works",
        )
    if os.environ.get(CHECKED) != wanted and (reason := why_not(wanted)):
        raise ConfigurationError(
            f"the sandbox {wanted!r} does not work on this machine: {reason}",
            where=SETTING,
            mend=f"leave it unset to take the first of {names} that works",
        )
    return wanted


def handed_on() -> dict[str, str]:
    """The environment by which a process of ours learns which sandbox to use."""
    return {SETTING: kind(), CHECKED: kind()}


def why_not(name: str) -> str:
    """Why the sandbox `name` does not work on this machine, or an empty text where it does."""
    if program := missing(name):
        return f"there is no {program} here"
    sandboxed = _start(
        [sys.executable, *PYTHON_FLAGS, "-S", "-c", "pass"], None, name, Ceilings(), 1, subprocess.PIPE
    )
    try:
        _, errors = sandboxed.process.communicate(timeout=PROBE_SECONDS)
        if sandboxed.process.returncode == 0:
            return ""
        lines = errors.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {sandboxed.process.returncode}"
    except subprocess.TimeoutExpired:
        return f"it does not start within {PROBE_SECONDS:g} seconds"
    finally:
        sandboxed.stop()


def start(
    program: str,
    arguments: Sequence[str],
    package: Path,
    ceilings: Ceilings,
    *,
    threads: int = 1,
    output: int | IO[Any] = subprocess.DEVNULL,
    using: str | None = None,
) -> Sandboxed:
    """Run `main([PACKAGE, *arguments])` of the module `program` in the sandbox, in its own process group.

    PACKAGE is a folder with a copy of the `tinytorch/` in `package`, regular files only.
    Nothing else of the disk goes in, and nothing comes out but what the program
    writes to its standard input, which is a socket.
    """
    return _start([program, *arguments], package, using or kind(), ceilings, threads, output)


def _start(
    command: Sequence[str],
    package: Path | None,
    name: str,
    ceilings: Ceilings,
    threads: int,
    output: int | IO[Any],
) -> Sandboxed:
    room = tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
    folder = Path(room.name).resolve()
    shown, root = folder / "shown", folder / "root"
    inside = _install(shown / "inside")
    root.mkdir()
    if package is not None:
        copy = shown / "package"
        _copy_regular(package / PACKAGE, copy / PACKAGE)
        program, *arguments = command
        command = [*_python(RUN.format(program), inside), str(copy), *arguments]
    for made in (shown, *(path for path in shown.rglob("*") if path.is_dir())):
        made.chmod(0o755)
    mounts = view(shown)
    chosen = backend(name, mounts)
    home = f"{SCRATCH}/home" if chosen.isolated else str(folder / "home")
    specification = {
        **asdict(ceilings),
        "mounts": [asdict(mount) for mount in mounts] if chosen.guard_mounts else [],
        "root": str(root),
        "folder": home,
        "user": chosen.user,
        "tasks": TASKS + (0 if chosen.isolated else _tasks_of_this_user()),
        "environment": environment(home, SCRATCH if chosen.isolated else home, threads),
        "command": list(command),
    }
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [*chosen.prefix, *_python(RUN.format("sandbox.guard"), inside, "-S"), json.dumps(specification)],
            stdin=theirs.fileno(),
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,
        )
    killer = (*as_root(), "kill") if name == "namespaces" else ("kill",)
    return Sandboxed(process, ours, killer, room)


def _python(code: str, inside: Path, *flags: str) -> list[str]:
    return [sys.executable, *PYTHON_FLAGS, *flags, "-c", code, str(inside)]


def environment(home: str, scratch: str, threads: int) -> dict[str, str]:
    """The whole environment of a sandboxed process: an allow-list, so no secret slips through."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "USER": "student",
        "LOGNAME": "student",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_PLATFORM_DIRS": "1",
        **limited_threads(threads),
    }


def limited_threads(count: int) -> dict[str, str]:
    """Variables that hold numpy's libraries to `count` threads, on which the last digits of a sum depend."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return dict.fromkeys(names, str(count))


def _install(folder: Path) -> Path:
    """Copy the few files that run inside; the sandbox sees no more of the grader."""
    for name in INSIDE:
        target = folder / "autograding" / "grader" / "worker" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(WORKER / name, target)
    return folder


def _copy_regular(source: Path, target: Path) -> None:
    """Copy the regular files below `source`, readable for any user, and nothing that a link leads to."""
    target.mkdir(parents=True)
    for entry in os.scandir(source) if source.is_dir() else ():
        if entry.is_file(follow_symlinks=False):
            _copy(Path(entry), target / entry.name)
        elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            _copy_regular(Path(entry), target / entry.name)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _tasks_of_this_user() -> int:
    """Processes and threads that already count towards this user's limit, where the system lists them."""
    user, found = os.getuid(), 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == user:
                found += sum(1 for _ in (process / "task").iterdir())
        except OSError:
            continue
    return found
