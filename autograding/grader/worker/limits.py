"""What sandboxed code may take, and how an error that a limit causes is told to a student."""

from __future__ import annotations

import contextlib
import errno
import resource

MB = 2**20
TASKS = 128
FILE_MB = 64
SCRATCH_MB = 256
SCRATCH_FILES = 20_000
OPEN_FILES = 1024
WORKER_OPEN_FILES = 256


def limit(
    memory_mb: int, cpu_seconds: int, *, open_files: int = WORKER_OPEN_FILES, tasks: int | None = None
) -> None:
    """Bound what this process and its children may take, one by one; `tasks` bounds the user's total.

    Each limit is set where the system has it. Once lowered it cannot be raised again.
    """
    wanted = {
        "RLIMIT_AS": memory_mb * MB,
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_FSIZE": FILE_MB * MB,
        "RLIMIT_NOFILE": open_files,
        "RLIMIT_CORE": 0,
    }
    if tasks is not None:
        wanted["RLIMIT_NPROC"] = tasks
    for name, value in wanted.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (ceiling, ceiling))


def explain(error: BaseException) -> str:
    """Which limit an error tells of, or an empty text where it tells of none."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, MemoryError) or number == errno.ENOMEM:
        return f"used more than {resource.getrlimit(resource.RLIMIT_AS)[0] // MB} MB"
    if number == errno.EAGAIN or (type(error) is RuntimeError and "start new thread" in str(error)):
        return f"started more than {TASKS} processes and threads"
    if number == errno.EFBIG:
        return f"wrote a file of more than {FILE_MB} MB"
    if number == errno.ENOSPC:
        return f"wrote more than {SCRATCH_MB} MB or {SCRATCH_FILES:,} files"
    if number == errno.EMFILE:
        return f"opened more than {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} files at a time"
    return ""
