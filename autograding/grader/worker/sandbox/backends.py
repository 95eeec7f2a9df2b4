"""The ways to isolate a process on this machine, and the choice between them.

`bubblewrap`: namespaces made by bwrap, which needs no rights where the system lets a
user make them. `namespaces`: the same through util-linux as root, or through `sudo` where it
asks for no password. `none`: limits alone; a grade made so says it.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from autograding.grader.worker.sandbox.view import Mount

SETTING = "TINYTORCH_SANDBOX"
CHECKED = "TINYTORCH_SANDBOX_CHECKED"
KINDS = ("bubblewrap", "namespaces", "none")
NAMESPACES = ("--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup")
# Numbers that Debian reserves and gives to nobody. Sandboxes that run at a time rarely share one.
FIRST_USER, USERS = 65_000, 500
GUARD_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")


@dataclass(frozen=True)
class Backend:
    """How the guard is started.

    `prefix` goes before the guard's command. `guard_mounts`: whether the guard makes
    the view itself. `user`: whom the payload becomes, or None where only its own user
    can run it. `isolated`: whether there are namespaces at all.
    """

    prefix: tuple[str, ...] = ()
    guard_mounts: bool = False
    user: int | None = None
    isolated: bool = True


def backend(kind: str, mounts: list[Mount]) -> Backend:
    """The backend of that kind for a process that sees `mounts`."""
    if kind == "bubblewrap":
        return _bubblewrap(mounts)
    if kind == "namespaces":
        command = ("unshare", *NAMESPACES, "--fork", "--kill-child=SIGKILL", "--")
        return Backend((*as_root(), *command), guard_mounts=True, user=_user())
    return Backend(isolated=False)


def as_root() -> tuple[str, ...]:
    """What to put before a command that needs root."""
    return () if os.geteuid() == 0 else ("sudo", "-n", "--")


def missing(kind: str) -> str:
    """The program that a kind needs and this machine lacks, or an empty text."""
    needed = {"bubblewrap": ("bwrap",), "namespaces": ("unshare", "setpriv", *as_root()[:1]), "none": ()}
    return next((name for name in needed[kind] if shutil.which(name) is None), "")


def _user() -> int:
    return FIRST_USER + os.getpid() % USERS


def _bubblewrap(mounts: list[Mount]) -> Backend:
    prefix = ["bwrap", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        # In a user namespace the payload would be root to the system; without one it becomes another.
        prefix += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        for name in GUARD_CAPABILITIES:
            prefix += ["--cap-add", name]
        user = _user()
    else:
        prefix += ["--unshare-all", "--uid", str(FIRST_USER), "--gid", str(FIRST_USER)]
        user = None
    for mount in mounts:
        prefix += _bubblewrap_mount(mount)
    return Backend((*prefix, "--remount-ro", "/dev", "--remount-ro", "/", "--"), user=user)


def _bubblewrap_mount(mount: Mount) -> list[str]:
    match mount.kind:
        case "link":
            return ["--symlink", mount.target, mount.path]
        case "bind":
            # On the way to a mount bwrap makes folders that only their owner may enter, unless told to.
            above = [str(parent) for parent in reversed(Path(mount.path).parents)][1:]
            made = [word for parent in above for word in ("--dir", parent)]
            return [*made, "--ro-bind", mount.path, mount.path]
        case "empty":
            return ["--tmpfs", mount.path, "--remount-ro", mount.path]
        case "scratch":
            size = str(mount.megabytes * 2**20)
            return ["--perms", "1777", "--size", size, "--tmpfs", mount.path]
        case "dev":
            return ["--dev", mount.path]
        case _:
            return ["--proc", mount.path]
