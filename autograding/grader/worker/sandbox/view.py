"""What a sandboxed process sees of the disk, as a list that every backend mounts in its own way."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from autograding.grader.worker.limits import SCRATCH_MB

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
SCRATCH = "/tmp"  # noqa: S108 - private to the sandbox
SHARED_MEMORY_MB = 16


@dataclass(frozen=True)
class Mount:
    """One place inside, in the order in which they are laid over each other.

    `kind`: `bind` (the same path outside, read-only), `link` (a symbolic link to
    `target`), `scratch` (private, writable, at most `megabytes`), `empty` (hides what
    is below), `proc`, `dev`.
    """

    kind: str
    path: str
    target: str = ""
    megabytes: int = 0


def view(shown: Path) -> list[Mount]:
    """Python, the system's libraries and the folder `shown`; neither a home nor the judge."""
    mounts = []
    for place in map(Path, SYSTEM_FOLDERS):
        if place.is_symlink():
            mounts.append(Mount("link", str(place), target=str(place.readlink())))
        elif place.is_dir():
            mounts.append(Mount("bind", str(place)))
    mounts += [
        Mount("proc", "/proc"),
        Mount("dev", "/dev"),
        Mount("scratch", "/dev/shm", megabytes=SHARED_MEMORY_MB),  # noqa: S108 - private to the sandbox
        Mount("scratch", SCRATCH, megabytes=SCRATCH_MB),
    ]
    files = [Path(name) for name in SYSTEM_FILES if Path(name).exists()]
    mounts += [Mount("bind", str(path)) for path in [*files, *_interpreter()]]
    mounts += [Mount("empty", str(path)) for path in _judge_folders()]
    return [*mounts, Mount("bind", str(shown))]


def _interpreter() -> list[Path]:
    """Where this Python and its packages stand, outermost first, without repeats."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    system = tuple(Path(place) for place in SYSTEM_FOLDERS)
    return sorted(place for place in places if not any(place.is_relative_to(root) for root in system))


def _judge_folders() -> list[Path]:
    """Installed copies of the grader inside the interpreter's folders; hidden in the sandbox."""
    grader = Path(__file__).resolve().parents[3]
    return [grader] if any(grader.is_relative_to(place) for place in _interpreter()) else []
