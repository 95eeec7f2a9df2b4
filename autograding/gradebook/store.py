"""The gradebook file: an append-only list of events in SQLite.

The file itself refuses to change or forget an event. It uses SQLite's rollback
journal, which unlike WAL leaves one file to copy and works on network drives.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from autograding.gradebook.errors import GradebookError
from autograding.gradebook.events import AnyEvent, decode_event, digest, encode_event
from autograding.gradebook.quiet import without_cycle_search
from autograding.gradebook.versions import APPLICATION_ID, SCHEMA_VERSION, VERSIONS

BUSY_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Stored:
    """An event in the gradebook. `revision` 2 says that something about its subject changed once."""

    id: int
    revision: int
    recorded_at: datetime
    event: AnyEvent


class Gradebook:
    """An open gradebook file, made when it does not exist unless `create` is False.

    Use as a context manager. A file of an older version is brought up to date in one transaction, which
    adds to it and rewrites no event. Raises GradebookError where the file is no
    gradebook, is damaged, or was written by a newer version; it is then left as
    it is.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        if not create and not path.exists():
            raise GradebookError(
                "there is no gradebook here",
                where=str(path),
                mend="collect first (uv run scripts/collect_grades.py), or name the file: --gradebook FILE",
            )
        if path.is_dir():
            raise GradebookError("this is a folder, not a gradebook file", where=str(path))
        if not path.parent.is_dir():
            raise GradebookError("the folder for the gradebook does not exist", where=str(path.parent))
        with self._explained():
            _create_private(path)
            self._database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def append(self, events: Iterable[AnyEvent], at: datetime) -> int:
        """Record events in one transaction; returns how many said something new.

        An event that says what the newest one about its subject says already is
        not recorded again, so repeating a collection changes nothing.
        """
        with self._explained(), self._transaction():
            return sum(self._append_one(event, at) for event in events)

    def events(self, student: str | None = None, *, since: int = 0) -> tuple[Stored, ...]:
        """All events, or those of one student, in the order they were recorded; `since` an event's id."""
        choice, values = ("AND student = ? ", (since, student)) if student is not None else ("", (since,))
        with self._explained():
            rows = self._database.execute(
                f"SELECT id, revision, recorded_at, body FROM events WHERE id > ? {choice}ORDER BY id",  # noqa: S608
                values,
            ).fetchall()
        with without_cycle_search():
            return tuple(self._stored(*row) for row in rows)

    def backup(self, target: Path) -> None:
        """Copy the gradebook as it is at this moment, also while others write to it.

        The copy appears under its name only when it is complete. Raises
        GradebookError where it cannot be written or where there is a file already.
        """
        if target.exists():
            raise GradebookError(
                "there is a file with this name already, and a backup replaces nothing",
                where=str(target),
                mend="name another file",
            )
        partial = target.with_name(f".{target.name}.partial")
        try:
            partial.unlink(missing_ok=True)
            _create_private(partial)
            with self._explained(), contextlib.closing(sqlite3.connect(partial)) as copy:
                self._database.backup(copy)
            partial.rename(target)
        except OSError as error:
            raise GradebookError(
                f"the backup cannot be written ({error.strerror})",
                where=str(target),
                mend="check the folder, or name another file",
            ) from error

    def _append_one(self, event: AnyEvent, at: datetime) -> int:
        body = encode_event(event)
        newest = self._database.execute(
            "SELECT revision, digest FROM events WHERE kind = ? AND subject = ? "
            "ORDER BY revision DESC LIMIT 1",
            (event.kind, event.subject),
        ).fetchone()
        if newest is not None and newest[1] == digest(body):
            return 0
        self._database.execute(
            "INSERT INTO events (kind, subject, revision, recorded_at, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                event.kind,
                event.subject,
                newest[0] + 1 if newest else 1,
                at.astimezone(UTC).isoformat(timespec="seconds"),
                digest(body),
                body,
            ),
        )
        return 1

    def _stored(self, id: int, revision: int, recorded_at: str, body: str) -> Stored:
        try:
            return Stored(id, revision, datetime.fromisoformat(recorded_at), decode_event(body))
        except ValueError as error:
            raise GradebookError(
                f"event {id} cannot be read",
                where=str(self.path),
                mend="it was written by another program or version: keep the file and restore a backup",
            ) from error

    def _prepare(self) -> None:
        self._database.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            application, version = self._pragma("application_id"), self._pragma("user_version")
            tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            is_new = tables == 0 and application == 0 and version == 0
            if not is_new and application != APPLICATION_ID:
                raise GradebookError(
                    "this is a database, but not a gradebook",
                    where=str(self.path),
                    mend="name another file: --gradebook FILE",
                )
            if version > SCHEMA_VERSION:
                raise GradebookError(
                    f"this gradebook has version {version}, and this program knows versions up to "
                    f"{SCHEMA_VERSION}",
                    where=str(self.path),
                    mend="update this repository (git pull), then run the same command again",
                )
            self._refuse_damage()
            for statements in VERSIONS[version:]:
                for statement in statements:
                    self._database.execute(statement)
            if version < SCHEMA_VERSION:
                self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _refuse_damage(self) -> None:
        """Look at every page before anything is written: what is added to a damaged file may be lost."""
        found = self._database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    def _pragma(self, name: str) -> int:
        return int(self._database.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise GradebookError(
                f"the file cannot be opened ({error.strerror})",
                where=str(self.path),
                mend="check its permissions, or name another file: --gradebook FILE",
            ) from error
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            raise GradebookError(
                "another program is writing to the gradebook" if locked else f"no access ({error})",
                where=str(self.path),
                mend="wait until it is done, then run the same command again"
                if locked
                else "check the file's permissions and the space on the disk",
            ) from error
        except sqlite3.DatabaseError as error:
            raise GradebookError(
                f"this file is not a gradebook, or it is damaged ({error})",
                where=str(self.path),
                mend="name another file (--gradebook FILE) or restore a backup; "
                "the command did not touch the file",
            ) from error


def _create_private(path: Path) -> None:
    # Grades are nobody else's business; SQLite takes an empty file for a new database.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
