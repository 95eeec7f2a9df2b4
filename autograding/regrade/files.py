"""Files of a regrade: each appears whole or not at all, whatever ends the program."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from autograding.grader.errors import ClassroomError

Model = TypeVar("Model", bound=BaseModel)
PLAN = "plan.json"
NEW = ".new-"
_OLD, _WRITING = ".old-", ".writing-"
_HALF_WRITTEN = (NEW, _OLD, _WRITING)
_PREPARED, _RESULT, _PROBLEM = ".prepared.json", ".json", ".problem.json"


class UnreadableResult(ClassroomError):
    """A file of a regrade is damaged or of another version."""


class Folder:
    """Where a regrade keeps what it has: `KEY.json` is a final result, `KEY/` what people read of it.

    The folder and its files are for their owner alone: they hold hidden tests'
    messages and students' names.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ClassroomError(
                f"this folder cannot be made ({error.strerror})", where=str(path), mend="name another one"
            ) from error

    def prepared(self, key: str) -> Path:
        return self.path / (key + _PREPARED)

    def result(self, key: str) -> Path:
        return self.path / (key + _RESULT)

    def problem(self, key: str) -> Path:
        return self.path / (key + _PROBLEM)

    def details(self, key: str) -> Path:
        """The folder with grade.json (the full record), student.json, summary.md and executed.ipynb."""
        return self.path / key

    def results(self) -> list[Path]:
        """Every final result, the students in the order of their logins."""
        other = (_PREPARED, _PROBLEM)
        found = self.path.glob(f"*{_RESULT}")
        return sorted(path for path in found if not path.name.endswith(other) and path.name != PLAN)


def prepared_files(folder: Path) -> list[Path]:
    """Every submission that a regrade keeps in a folder, the students in the order of their logins."""
    return sorted(folder.glob(f"*{_PREPARED}"))


def write(path: Path, model: BaseModel) -> None:
    """Write a file so that readers, and whoever comes after a crash, see the old one or the new one."""
    text = model.model_dump_json(by_alias=True, indent=1) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_WRITING)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path, kind: type[Model]) -> Model:
    """Read what `write` wrote. Raises FileNotFoundError and UnreadableResult."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadableResult(
            f"this is no {kind.__name__} of this version ({place}: {first['msg']})".replace(": )", ")"),
            where=str(path),
            mend="delete the file and run the command again",
        ) from error


def put_in_place(new: Path, place: Path) -> None:
    """Let a finished folder take the place of an older one."""
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=_OLD) as name:
        if place.exists():
            place.replace(Path(name) / "old")
        new.replace(place)


@contextmanager
def locked(folder: Folder) -> Iterator[None]:
    """Keep a folder to oneself, and clear away what an interrupted run left half-written."""
    with (folder.path / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ClassroomError(
                "another regrade is writing here", where=str(folder.path), mend="wait until it is done"
            ) from error
        for path in folder.path.glob(".*-*"):
            if path.name.startswith(_HALF_WRITTEN):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        yield
