"""The state as GraphQL sees it: nested dictionaries whose functions are called for fields with arguments."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from graphql import GraphQLError

from autograding.github.emulator.cost import Cost
from autograding.github.emulator.state import (
    EmulatedCommit,
    EmulatedRepository,
    EmulatedRun,
    GitCommit,
    timestamp,
)

MESSAGE_LIMIT = 4096
BUDGET = 5_000
PUSHED_BEFORE = "0000-00-00"

Node = dict[str, Any]
_Item = TypeVar("_Item")


def root(
    organization: str,
    repositories: Sequence[EmulatedRepository],
    cost: Cost,
    used: int,
    reset_at: datetime,
) -> Node:
    """The root value of one query, which has been counted in `used` already."""

    def resolve_organization(_: Any, login: str) -> Node:
        if login.lower() != organization.lower():
            raise GraphQLError(
                f"Could not resolve to an Organization with the login of '{login}'.",
                extensions={"type": "NOT_FOUND"},
            )
        return {"login": organization, "databaseId": 1, "repositories": resolve_repositories}

    def resolve_repositories(_: Any, **arguments: Any) -> Node:
        order = arguments.get("orderBy") or {"field": "NAME", "direction": "ASC"}
        key = _ORDERS[order["field"]]
        return connection(
            ((key(item), item) for item in repositories),
            lambda item: repository_node(organization, item),
            **arguments,
            descending=order["direction"] == "DESC",
        )

    def resolve_repository(_: Any, owner: str, name: str, **__: Any) -> Node:
        for item in repositories:
            if (owner.lower(), name.lower()) == (organization.lower(), item.name.lower()):
                return repository_node(organization, item)
        raise GraphQLError(
            f"Could not resolve to a Repository with the name '{owner}/{name}'.",
            extensions={"type": "NOT_FOUND"},
        )

    def resolve_nodes(_: Any, ids: list[str]) -> list[Node | GraphQLError]:
        by_id = {item.database_id: item for item in repositories}
        return [_find_node(organization, by_id, id) for id in ids]

    return {
        "organization": resolve_organization,
        "repository": resolve_repository,
        "nodes": resolve_nodes,
        "rateLimit": {
            "cost": cost.points,
            "limit": BUDGET,
            "nodeCount": cost.nodes,
            "remaining": max(0, BUDGET - used),
            "resetAt": timestamp(reset_at),
            "used": used,
        },
    }


def repository_node(organization: str, repository: EmulatedRepository) -> Node:
    """A repository. Its git repository is read only when the query asks for a field that needs it."""

    def default_branch(_: Any) -> Node | None:
        if repository.fault:
            raise GraphQLError(repository.fault, extensions={"type": "SERVICE_UNAVAILABLE"})
        current = repository.current()
        if current is None:
            return None
        return {"name": current[0], "target": commit_node(organization, repository, current[1])}

    return {
        "__typename": "Repository",
        "id": f"R_{repository.database_id}",
        "databaseId": repository.database_id,
        "name": repository.name,
        "nameWithOwner": f"{repository.owner or organization}/{repository.name}",
        "pushedAt": repository.push_time,
        "isArchived": repository.is_archived,
        "isEmpty": lambda _: repository.current() is None,
        "defaultBranchRef": default_branch,
    }


def commit_node(
    organization: str, repository: EmulatedRepository, commit: GitCommit | EmulatedCommit
) -> Node:
    """A commit with the check suites of its runs."""

    def check_suites(_: Any, **arguments: Any) -> Node:
        wanted = arguments.get("filterBy") or {}
        kept = (
            (_run_key(run), run)
            for run in repository.timeline
            if run.commit == commit.oid
            and wanted.get("appId") in (None, run.app_id)
            and wanted.get("checkName") in (None, run.check_name)
        )
        return connection(kept, lambda run: suite_node(organization, repository, run), **arguments)

    def file(_: Any, path: str) -> Node | None:
        oid = commit.file(path)
        return {"oid": oid} if oid else None

    def history(_: Any, **arguments: Any) -> Node:
        line = enumerate(repository.history(commit.oid))
        found = ((f"{place:09}", repository.commit(oid)) for place, oid in line)
        return connection(
            found,
            lambda item: commit_node(organization, repository, item) if item else {},
            **arguments,
        )

    return {
        "__typename": "Commit",
        "id": f"C_{repository.database_id}_{commit.oid}",
        "oid": commit.oid,
        "committedDate": lambda _: timestamp(commit.committed_at),
        "file": file,
        "history": history,
        "checkSuites": check_suites,
        "repository": lambda _: repository_node(organization, repository),
    }


def suite_node(organization: str, repository: EmulatedRepository, run: EmulatedRun) -> Node:
    """The check suite of a run, which holds the one check of its one job."""

    def check_runs(_: Any, **arguments: Any) -> Node:
        wanted = arguments.get("filterBy") or {}
        fits = wanted.get("checkName") in (None, run.check_name)
        return connection([(_run_key(run), run)] if fits else [], check_node, **arguments)

    def commit(_: Any) -> Node:
        found = repository.commit(run.commit)
        if found is None:
            raise GraphQLError("No commit found", extensions={"type": "NOT_FOUND"})
        return commit_node(organization, repository, found)

    pusher = {"__typename": "User", "databaseId": run.pusher, "login": f"user{run.pusher}"}
    return {
        "createdAt": timestamp(run.created_at),
        "databaseId": run.database_id + 1,
        "status": run.status,
        "conclusion": run.conclusion,
        "checkRuns": check_runs,
        "commit": commit,
        "push": {"previousSha": run.previous, "pusher": pusher} if run.pushed else None,
        "workflowRun": lambda _: run_node(organization, repository, run),
    }


def run_node(organization: str, repository: EmulatedRepository, run: EmulatedRun) -> Node:
    """A run of a workflow."""
    return {
        "databaseId": run.database_id,
        "runNumber": run.number,
        "event": run.event,
        "createdAt": timestamp(run.created_at),
        "file": {"path": run.workflow},
        "checkSuite": lambda _: suite_node(organization, repository, run),
        "workflow": lambda _: workflow_node(organization, repository, run.workflow),
    }


def workflow_node(organization: str, repository: EmulatedRepository, path: str) -> Node:
    """A workflow file's runs in a repository."""

    def runs(_: Any, **arguments: Any) -> Node:
        order = arguments.get("orderBy") or {"direction": "DESC"}
        return connection(
            ((_run_key(run), run) for run in repository.timeline if run.workflow == path),
            lambda run: run_node(organization, repository, run),
            **arguments,
            descending=order["direction"] == "DESC",
        )

    name = base64.urlsafe_b64encode(path.encode()).decode()
    return {"__typename": "Workflow", "id": f"W_{repository.database_id}_{name}", "runs": runs}


def check_node(run: EmulatedRun) -> Node:
    """The check of a run with its annotations."""

    def annotations(_: Any, **arguments: Any) -> Node:
        return connection(
            ((f"{number:06}", item) for number, item in enumerate(run.annotations)),
            lambda item: {
                "title": item.title,
                "message": item.message[:MESSAGE_LIMIT],
                "annotationLevel": item.level,
            },
            **arguments,
        )

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
    items: Iterable[tuple[str, _Item]],
    make: Callable[[_Item], Node],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    descending: bool = False,
    **_: Any,
) -> Node:
    """A page of `items`, each behind the key that its cursor names; `make` is called for those alone.

    A cursor names a place in the order, so it survives changes of the list.
    """
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
        "nodes": [make(item) for _, item in page],
        "pageInfo": {
            "hasNextPage": bool(page) and page[-1][0] != window[-1][0],
            "hasPreviousPage": bool(page) and page[0][0] != ordered[0][0],
            "startCursor": _cursor(page[0][0]) if page else None,
            "endCursor": _cursor(page[-1][0]) if page else None,
        },
    }


def _find_node(organization: str, by_id: dict[int, EmulatedRepository], id: str) -> Node | GraphQLError:
    kind, _, rest = id.partition("_")
    number, _, name = rest.partition("_")
    repository = by_id.get(int(number)) if number.isdecimal() else None
    if repository is not None and kind == "R" and not name:
        return repository_node(organization, repository)
    if repository is not None and kind == "C" and (commit := repository.commit(name)):
        return commit_node(organization, repository, commit)
    if repository is not None and kind == "W":
        path = base64.urlsafe_b64decode(name).decode()
        return workflow_node(organization, repository, path)
    return GraphQLError(
        f"Could not resolve to a node with the global id of '{id}'", extensions={"type": "NOT_FOUND"}
    )


def _push_key(repository: EmulatedRepository) -> str:
    # Where nothing was ever pushed there is no time, and it sorts before all times, as in MySQL.
    return f"{repository.push_time or PUSHED_BEFORE}/{repository.database_id:020}"


_ORDERS: dict[str, Callable[[EmulatedRepository], str]] = {
    "NAME": lambda item: f"{item.name.lower()}/{item.database_id:020}",
    "CREATED_AT": lambda item: f"{item.database_id:020}",
    "PUSHED_AT": _push_key,
}


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
