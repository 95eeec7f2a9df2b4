"""The shape of GitHub's answer to the page query, checked field by field.

A repository whose answer does not have this shape is reported and skipped;
nothing of it is believed. Names are restricted to the characters GitHub allows,
so that they can be printed and written anywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


def _read_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time in ISO 8601 was expected")
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError("a time with a time zone was expected")
    return time


Oid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Time = Annotated[datetime, BeforeValidator(_read_time)]
# The schema says Int, but ids of runs and checks have long outgrown 32 bits.
DatabaseId = Annotated[int, Field(ge=1, lt=2**63)]
Count = Annotated[int, Field(ge=0)]
FullName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,60}$")]
Text = Annotated[str, StringConstraints(max_length=65_536)]


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", alias_generator=to_camel)


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


class WorkflowRun(_Wire):
    database_id: DatabaseId | None
    event: Text
    created_at: Time
    file: WorkflowFile | None


class CheckSuite(_Wire):
    created_at: Time
    status: Name
    conclusion: Name | None
    workflow_run: WorkflowRun | None
    check_runs: CheckRuns | None


class CheckSuites(_Wire):
    total_count: Count
    nodes: list[CheckSuite | None]


class Commit(_Wire):
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
