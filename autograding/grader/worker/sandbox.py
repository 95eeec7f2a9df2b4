"""Start a process that may run student code: isolated where the machine can, limited everywhere.

Two kinds. `bubblewrap`: no network, no view of the home, the repository, the
tests or other processes, a private /tmp, nothing left alive afterwards.
`none`: a clean environment, its own process group and resource limits alone; a
grade made so says it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
SETTING = "TINYTORCH_SANDBOX"
INNER_HOME = "/tmp/home"  # noqa: S108 - private to the sandbox
INSIDE = ("server.py", "compiled.py", "wire.py", "notebook.py")
PYTHON_FLAGS = ("-I", "-B", "-X", "utf8")


@dataclass(frozen=True)
class View:
    """What a sandboxed process sees of the disk besides Python itself.

    Every path appears at the same place inside. `writable` folders outlive the
    process; everything else it writes is gone with it.
    """

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


@functools.cache
def kind() -> str:
    """The strongest sandbox that works on this machine: `bubblewrap` or `none`.

    The variable SETTING decides without trying: our own processes hand the answer
    on in it, and a person can ask for `none`.
    """
    if os.environ.get(SETTING) in ("none", "bubblewrap"):
        return os.environ[SETTING]
    if shutil.which("bwrap") is None:
        return "none"
    probe = [*_bubblewrap(View()), sys.executable, *PYTHON_FLAGS, "-S", "-c", "pass"]
    done = subprocess.run(
        probe, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return "bubblewrap" if done.returncode == 0 else "none"


def start_python(
    code: str,
    arguments: Sequence[str],
    view: View,
    *,
    folder: Path | None = None,
    threads: int = 1,
    descriptors: Sequence[int] = (),
    output: int | IO[Any] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `python -I -c code arguments…` in the sandbox, in its own process group.

    `descriptors` are inherited; everything else is closed. `folder` is the
    working directory; without a sandbox it is also where HOME and /tmp point.
    """
    command = [sys.executable, *PYTHON_FLAGS, "-c", code, *arguments]
    if kind() == "bubblewrap":
        where = ["--chdir", str(folder)] if folder else ["--chdir", "/tmp"]  # noqa: S108 - inside the sandbox
        command = [*_bubblewrap(view), *where, *command]
        home = INNER_HOME
    else:
        home = str(folder or view.readable[0])
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=folder,
        env=environment(home, threads),
        pass_fds=tuple(descriptors),
        start_new_session=True,
    )


def environment(home: str, threads: int) -> dict[str, str]:
    """The whole environment of a sandboxed process: an allow-list, so no secret slips through."""
    count = str(threads)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": "/tmp" if kind() == "bubblewrap" else home,  # noqa: S108 - inside the sandbox
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "USER": "student",
        "LOGNAME": "student",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_PLATFORM_DIRS": "1",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "VECLIB_MAXIMUM_THREADS": count,
    }


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a sandboxed process and its whole group, now."""
    for target in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            target(process.pid, signal.SIGKILL)
    process.wait()


def install_worker(folder: Path) -> Path:
    """Copy the few files that run inside into `folder`; the sandbox sees no more of the grader."""
    package = folder / "autograding" / "grader" / "worker"
    package.mkdir(parents=True, exist_ok=True)
    for name in INSIDE:
        shutil.copyfile(Path(__file__).with_name(name), package / name)
    return folder


def _bubblewrap(view: View) -> list[str]:
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for place in SYSTEM_FOLDERS:
        if Path(place).is_symlink():
            command += ["--symlink", str(Path(place).readlink()), place]
        elif Path(place).is_dir():
            command += ["--ro-bind", place, place]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", INNER_HOME]  # noqa: S108
    for path in [*map(Path, SYSTEM_FILES), *_interpreter()]:
        command += ["--ro-bind-try", str(path), str(path)]
    for hidden in _judge_folders():
        command += ["--tmpfs", str(hidden)]
    for path in view.readable:
        command += ["--ro-bind", str(path), str(path)]
    for path in view.writable:
        command += ["--bind", str(path), str(path)]
    return command


def _interpreter() -> list[Path]:
    """Where this Python and its packages stand, outermost first, without repeats."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    system = tuple(Path(place) for place in SYSTEM_FOLDERS)
    return sorted(place for place in places if not any(place.is_relative_to(root) for root in system))


def _judge_folders() -> list[Path]:
    """Installed copies of the grader inside the interpreter's folders; hidden in the sandbox."""
    grader = Path(__file__).resolve().parents[2]
    return [grader] if any(grader.is_relative_to(place) for place in _interpreter()) else []
