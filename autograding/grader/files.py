"""Read what a student committed: regular files only, bounded, never through a link."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from autograding.grader.errors import NotebookError

MAX_FILE = 10 * 2**20


def read_regular(root: Path, relative: str, limit: int = MAX_FILE) -> bytes:
    """The bytes of one file below `root`.

    Raises FileNotFoundError when nothing is there, NotebookError for a link, a
    folder, a device or a file over `limit` bytes.
    """
    path = root
    try:
        for part in Path(relative).parts:
            path = path / part
            if path.is_symlink():
                raise NotebookError(
                    "this is a link, not a file", where=relative, mend="commit the file itself"
                )
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotebookError(f"this cannot be read ({error.strerror})", where=relative) from error
    try:
        _check_regular(os.fstat(descriptor), relative, limit)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)


def _check_regular(status: os.stat_result, relative: str, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise NotebookError("this is a folder, not a file", where=relative, mend="put the file itself there")
    if not stat.S_ISREG(status.st_mode):
        raise NotebookError("this is not a regular file", where=relative)
    if status.st_size > limit:
        raise NotebookError(
            f"this file is larger than {limit >> 20} MiB, which is the most that is read",
            where=relative,
            mend="clear the outputs (Kernel, Restart and Clear Outputs), save and commit again",
        )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(root: Path, relative: str) -> str | None:
    """The hash of a file below `root`, or None where there is no readable regular file."""
    try:
        return sha256(read_regular(root, relative))
    except (FileNotFoundError, NotebookError):
        return None
