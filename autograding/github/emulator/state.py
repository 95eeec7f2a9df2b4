"""What the emulated GitHub holds: repositories with their commits, and the workflow runs of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from autograding.github.queries import ACTIONS_APP, CHECK_NAME, WORKFLOW_PATH
from autograding.grader.git import git_line


@dataclass(frozen=True)
class EmulatedAnnotation:
    """An annotation of a check. Like GitHub's runner, the emulator serves no more than 4,096 characters."""

    title: str | None
    message: str
    level: str = "NOTICE"


@dataclass(frozen=True)
class EmulatedRun:
    """One run of a workflow for one commit: its check suite and its job's check.

    `created_at` is the server's clock. `status` COMPLETED goes with a conclusion,
    any other status with None.
    """

    commit: str
    created_at: datetime
    annotations: tuple[EmulatedAnnotation, ...] = ()
    database_id: int = 30_000_000_001
    workflow: str = WORKFLOW_PATH
    event: str = "push"
    status: str = "COMPLETED"
    conclusion: str | None = "SUCCESS"
    check_name: str = CHECK_NAME
    app_id: int = ACTIONS_APP


@dataclass(frozen=True)
class EmulatedCommit:
    """A commit as plain data. `files` maps a path to the git object id of its file or folder."""

    oid: str
    committed_at: datetime
    files: Mapping[str, str] = field(default_factory=dict)

    def file(self, path: str) -> str | None:
        """The git object id at `path`, or None."""
        return self.files.get(path)


@dataclass(frozen=True)
class GitCommit:
    """A commit of a git repository on disk; what is asked for is read when it is asked for."""

    repository: Path
    oid: str

    @property
    def committed_at(self) -> datetime:
        seconds = git_line(self.repository, "show", "-s", "--format=%ct", self.oid)
        return datetime.fromtimestamp(int(seconds or 0), UTC)

    def file(self, path: str) -> str | None:
        """The git object id at `path`, or None."""
        return _object_id(self.repository, self.oid, path)


@dataclass(frozen=True)
class EmulatedRepository:
    """A repository of the organization: `path` is a git repository (bare or not), or `head` plain data.

    With neither it is empty. A git repository is read again at every request, so
    that a push between two collections is seen. `fault`: GitHub cannot read this
    repository and says so.
    """

    name: str
    database_id: int
    pushed_at: datetime
    path: Path | None = None
    head: EmulatedCommit | None = None
    runs: tuple[EmulatedRun, ...] = ()
    branch: str = "main"
    is_archived: bool = False
    fault: str = ""

    def current(self) -> tuple[str, GitCommit | EmulatedCommit] | None:
        """The default branch and its newest commit, or None where nothing was ever pushed."""
        if self.path is None:
            return (self.branch, self.head) if self.head else None
        branch = git_line(self.path, "symbolic-ref", "--short", "HEAD") or self.branch
        oid = git_line(self.path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return (branch, GitCommit(self.path, oid)) if oid else None


@lru_cache(maxsize=65_536)
def _object_id(repository: Path, commit: str, path: str) -> str | None:
    # A commit never changes, so neither does what stands in it.
    return git_line(repository, "rev-parse", "--verify", "--quiet", f"{commit}:{path}") or None
