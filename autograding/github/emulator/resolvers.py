"""The state as GraphQL sees it: nested dictionaries whose functions are called for fields with arguments."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from autograding.github.emulator.cost import Cost
from autograding.github.emulator.state import EmulatedCommit, EmulatedRepository, EmulatedRun, GitCommit

MESSAGE_LIMIT = 4096
BUDGET = 5_000

Item = tuple[str, dict[str, Any]]
"""A node of a connection behind the key that its cursor names."""


def root(
    organization: str,
    repositories: Sequence[EmulatedRepository],
    cost: Cost,
    used: int,
    reset_at: datetime,
) -> dict[str, Any]:
    """The root value of one query, which has been counted in `used` already."""

    def resolve_organization(_: Any, login: str) -> dict[str, Any]:
        if login.lower() != organization.lower():
            raise GraphQLError(
                f"Could not resolve to an Organization with the login of '{login}'.",
                extensions={"type": "NOT_FOUND"},
            )
        return {"login": organization, "databaseId": 1, "repositories": resolve_repositories}

    def resolve_repositories(_: Any, **arguments: Any) -> dict[str, Any]:
        order = arguments.get("orderBy") or {"field": "NAME", "direction": "ASC"}
        items = [
            (_order_key(item, order["field"]), repository_node(organization, item)) for item in repositories
        ]
        return connection(items, **arguments, descending=order["direction"] == "DESC")

    def resolve_repository(_: Any, owner: str, name: str, **__: Any) -> dict[str, Any]:
        for item in repositories:
            if (owner.lower(), name.lower()) == (organization.lower(), item.name.lower()):
                return repository_node(organization, item)
        raise GraphQLError(
            f"Could not resolve to a Repository with the name '{owner}/{name}'.",
            extensions={"type": "NOT_FOUND"},
        )

    return {
        "organization": resolve_organization,
        "repository": resolve_repository,
        "rateLimit": {
            "cost": cost.points,
            "limit": BUDGET,
            "nodeCount": cost.nodes,
            "remaining": max(0, BUDGET - used),
            "resetAt": timestamp(reset_at),
            "used": used,
        },
    }


def repository_node(organization: str, repository: EmulatedRepository) -> dict[str, Any]:
    """A repository. Its git repository is read only when the query asks for a field that needs it."""

    def default_branch(_: Any) -> dict[str, Any] | None:
        if repository.fault:
            raise GraphQLError(repository.fault, extensions={"type": "SERVICE_UNAVAILABLE"})
        current = repository.current()
        if current is None:
            return None
        return {"name": current[0], "target": commit_node(current[1], repository.runs)}

    return {
        "databaseId": repository.database_id,
        "name": repository.name,
        "nameWithOwner": f"{organization}/{repository.name}",
        "pushedAt": timestamp(repository.pushed_at),
        "isArchived": repository.is_archived,
        "isEmpty": lambda _: repository.current() is None,
        "defaultBranchRef": default_branch,
    }


def commit_node(commit: GitCommit | EmulatedCommit, runs: Sequence[EmulatedRun]) -> dict[str, Any]:
    """A commit with the check suites of its runs."""

    def check_suites(_: Any, **arguments: Any) -> dict[str, Any]:
        wanted = arguments.get("filterBy") or {}
        kept = [
            run
            for run in runs
            if run.commit == commit.oid
            and wanted.get("appId") in (None, run.app_id)
            and wanted.get("checkName") in (None, run.check_name)
        ]
        return connection([(_run_key(run), suite_node(run)) for run in kept], **arguments)

    def file(_: Any, path: str) -> dict[str, str] | None:
        oid = commit.file(path)
        return {"oid": oid} if oid else None

    return {
        "__typename": "Commit",
        "oid": commit.oid,
        "committedDate": lambda _: timestamp(commit.committed_at),
        "file": file,
        "checkSuites": check_suites,
    }


def suite_node(run: EmulatedRun) -> dict[str, Any]:
    """The check suite of a run, which holds the one check of its one job."""

    def check_runs(_: Any, **arguments: Any) -> dict[str, Any]:
        wanted = arguments.get("filterBy") or {}
        fits = wanted.get("checkName") in (None, run.check_name)
        return connection([(_run_key(run), check_node(run))] if fits else [], **arguments)

    return {
        "createdAt": timestamp(run.created_at),
        "databaseId": run.database_id + 1,
        "status": run.status,
        "conclusion": run.conclusion,
        "checkRuns": check_runs,
        "workflowRun": {
            "databaseId": run.database_id,
            "event": run.event,
            "createdAt": timestamp(run.created_at),
            "file": {"path": run.workflow},
        },
    }


def check_node(run: EmulatedRun) -> dict[str, Any]:
    """The check of a run with its annotations."""

    def annotations(_: Any, **arguments: Any) -> dict[str, Any]:
        items = [
            (
                f"{number:06}",
                {"title": item.title, "message": item.message[:MESSAGE_LIMIT], "annotationLevel": item.level},
            )
            for number, item in enumerate(run.annotations)
        ]
        return connection(items, **arguments)

    return {
        "databaseId": run.database_id + 2,
        "name": run.check_name,
        "status": run.status,
        "conclusion": run.conclusion,
        "startedAt": timestamp(run.created_at),
        "completedAt": timestamp(run.created_at) if run.status == "COMPLETED" else None,
        "annotations": annotations,
    }


def connection(
    items: list[Item],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    descending: bool = False,
    **_: Any,
) -> dict[str, Any]:
    """A page of `items`. A cursor names a place in the order, so it survives changes of the list."""
    ordered = sorted(items, key=lambda item: item[0], reverse=descending)
    precedes: Callable[[str, str], bool] = (lambda a, b: a > b) if descending else (lambda a, b: a < b)
    window = ordered
    if after is not None:
        place = _read_cursor(after)
        window = [item for item in window if precedes(place, item[0])]
    if before is not None:
        place = _read_cursor(before)
        window = [item for item in window if precedes(item[0], place)]
    page = window[:first] if first is not None else window[-last:] if last is not None else window
    return {
        "totalCount": len(ordered),
        "nodes": [node for _, node in page],
        "pageInfo": {
            "hasNextPage": bool(page) and page[-1][0] != window[-1][0],
            "hasPreviousPage": bool(page) and page[0][0] != ordered[0][0],
            "startCursor": _cursor(page[0][0]) if page else None,
            "endCursor": _cursor(page[-1][0]) if page else None,
        },
    }


def timestamp(time: datetime) -> str:
    """A time as GitHub writes it: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _order_key(repository: EmulatedRepository, field: str) -> str:
    value = {
        "NAME": repository.name.lower(),
        "CREATED_AT": f"{repository.database_id:020}",
        "PUSHED_AT": timestamp(repository.pushed_at),
    }[field]
    return f"{value}/{repository.database_id:020}"


def _run_key(run: EmulatedRun) -> str:
    return f"{timestamp(run.created_at)}/{run.database_id:020}"


def _cursor(key: str) -> str:
    return base64.b64encode(f"cursor:v2:{key}".encode()).decode()


def _read_cursor(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except ValueError:
        text = ""
    prefix, found, key = text.partition("cursor:v2:")
    if prefix or not found:
        raise GraphQLError(
            f"`{cursor}` does not appear to be a valid cursor.",
            extensions={"type": "INVALID_CURSOR_ARGUMENTS"},
        )
    return key
