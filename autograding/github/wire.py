"""The shape of GitHub's answers, checked field by field.

A repository whose answer does not have this shape is reported and skipped;
nothing of it is believed. Names are restricted to the characters GitHub allows,
so that they can be printed and written anywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


def read_time(value: object) -> datetime:
    """A time as GitHub writes it. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("a time in ISO 8601 was expected")
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError("a time with a time zone was expected")
    return time


Oid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Time = Annotated[datetime, BeforeValidator(read_time)]
# The schema says Int, but ids of runs and checks have long outgrown 32 bits.
DatabaseId = Annotated[int, Field(ge=1, lt=2**63)]
Count = Annotated[int, Field(ge=0)]
FullName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,60}$")]
NodeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_=+/-]{1,200}$")]
Text = Annotated[str, StringConstraints(max_length=65_536)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class GitObject(_Wire):
    oid: Oid


class Annotation(_Wire):
    title: Text | None
    message: Text | None


class Annotations(_Wire):
    total_count: Count
    nodes: list[Annotation | None]


class CheckRun(_Wire):
    database_id: DatabaseId | None
    status: Name
    conclusion: Name | None
    annotations: Annotations | None


class CheckRuns(_Wire):
    total_count: Count
    nodes: list[CheckRun | None]


class WorkflowFile(_Wire):
    path: Text


class Workflow(_Wire):
    id: NodeId


class WorkflowRun(_Wire):
    database_id: DatabaseId | None
    run_number: Annotated[int, Field(ge=1)]
    event: Text
    created_at: Time
    file: WorkflowFile | None
    workflow: Workflow


class Account(_Wire):
    # Absent where the one who pushed is no user but an app.
    database_id: DatabaseId | None = None


class Push(_Wire):
    previous_sha: Oid | None
    pusher: Account


class CheckSuite(_Wire):
    created_at: Time
    status: Name
    conclusion: Name | None
    push: Push | None
    workflow_run: WorkflowRun | None
    check_runs: CheckRuns | None


class CheckSuites(_Wire):
    total_count: Count
    nodes: list[CheckSuite | None]


class Commit(_Wire):
    id: NodeId
    oid: Oid
    github: GitObject | None
    tests: GitObject | None
    grader: GitObject | None
    manifest: GitObject | None
    project: GitObject | None
    lock: GitObject | None
    check_suites: CheckSuites | None


class Branch(_Wire):
    name: Text
    target: Commit


class Repository(_Wire):
    database_id: DatabaseId
    name_with_owner: FullName
    pushed_at: Time | None
    is_archived: bool
    is_empty: bool
    default_branch_ref: Branch | None


class Owner(_Wire):
    database_id: DatabaseId
    name_with_owner: FullName


class OwnedCommit(Commit):
    """A commit that was asked for by its id, with the repository it is in."""

    repository: Owner


class CommitName(_Wire):
    id: NodeId
    oid: Oid


class RunSuite(_Wire):
    commit: CommitName


class ListedRun(_Wire):
    run_number: Annotated[int, Field(ge=1)]
    check_suite: RunSuite


class PageInfo(_Wire):
    has_next_page: bool
    end_cursor: Text | None


class Runs(_Wire):
    page_info: PageInfo
    nodes: list[ListedRun | None]


class WorkflowRuns(_Wire):
    id: NodeId
    runs: Runs


class History(_Wire):
    nodes: list[CommitName | None]


class CommitHistory(_Wire):
    id: NodeId
    history: History
