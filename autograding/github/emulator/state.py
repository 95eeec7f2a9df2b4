"""What the emulated GitHub holds: repositories with their commits, and the workflow runs of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
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
    any other status with None. `number` counts the runs of the workflow in the
    repository, None: by their order. `previous` is the head before the push, and
    `pusher` the id of the account that pushed; a run that was not started by a
    push (`pushed` False) tells neither.
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
    number: int | None = None
    previous: str | None = None
    pusher: int | None = None
    pushed: bool = True


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
    that a push between two collections is seen. `behind` are the commits behind
    `head`, newest first. `lost` are commits that a force-push took out of the
    history; GitHub still shows them to who knows their ids. `pushed_at` None:
    never pushed to. `owner` is another organization, for one that was transferred
    there. `fault`: GitHub cannot read this repository and says so.
    """

    name: str
    database_id: int
    pushed_at: datetime | None
    path: Path | None = None
    head: EmulatedCommit | None = None
    behind: tuple[EmulatedCommit, ...] = ()
    lost: tuple[EmulatedCommit, ...] = ()
    runs: tuple[EmulatedRun, ...] = ()
    branch: str = "main"
    is_archived: bool = False
    owner: str = ""
    fault: str = ""

    def current(self) -> tuple[str, GitCommit | EmulatedCommit] | None:
        """The default branch and its newest commit, or None where nothing was ever pushed."""
        if self.path is None:
            return (self.branch, self.head) if self.head else None
        branch = git_line(self.path, "symbolic-ref", "--short", "HEAD") or self.branch
        oid = git_line(self.path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return (branch, GitCommit(self.path, oid)) if oid else None

    def commit(self, oid: str) -> GitCommit | EmulatedCommit | None:
        """A commit of the repository by its id."""
        if self.path is None:
            heads = (self.head,) if self.head else ()
            return next((item for item in (*heads, *self.behind, *self.lost) if item.oid == oid), None)
        found = git_line(self.path, "rev-parse", "--verify", "--quiet", f"{oid}^{{commit}}")
        return GitCommit(self.path, found) if found else None

    def history(self, oid: str) -> tuple[str, ...]:
        """The commit with this id and those behind it, newest first."""
        if self.path is not None:
            return tuple(git_line(self.path, "rev-list", oid).split())
        line = [item.oid for item in ((self.head,) if self.head else ()) + self.behind]
        return tuple(line[line.index(oid) :]) if oid in line else (oid,)

    @cached_property
    def push_time(self) -> str | None:
        """When it was last pushed to, as GitHub writes it."""
        return timestamp(self.pushed_at) if self.pushed_at else None

    @cached_property
    def timeline(self) -> tuple[EmulatedRun, ...]:
        """The runs in the order of their start, each with its number."""
        runs = sorted(self.runs, key=lambda run: (run.created_at, run.database_id))
        return tuple(
            run if run.number is not None else replace(run, number=place)
            for place, run in enumerate(runs, start=1)
        )


def timestamp(time: datetime) -> str:
    """A time as GitHub writes it: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=65_536)
def _object_id(repository: Path, commit: str, path: str) -> str | None:
    # A commit never changes, so neither does what stands in it.
    return git_line(repository, "rev-parse", "--verify", "--quiet", f"{commit}:{path}") or None
