"""Read what stands behind the heads: earlier runs, the commits they graded, and commits not graded yet.

Everything is asked for by id, up to a hundred at once, so the requests do not
depend on each other and several may be on their way at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from autograding.github import wire
from autograding.github.collect import Index, Observation, Seen, Wanted, observe_commit
from autograding.github.errors import BudgetSpent, GitHubError, Overloaded
from autograding.github.meter import Meter
from autograding.github.pages import faults_below
from autograding.github.queries import (
    CHECK_NAME,
    CLOSE_BATCH,
    COMMITS,
    HISTORIES,
    PAGE_SIZE,
    SUITES,
    WORKFLOWS,
    commits_points,
    lists_points,
)

IN_FLIGHT: Final = 5
"""Requests that may be on their way at the same time."""

LONGEST: Final = 4
"""Answers read of one list of runs: whoever started more has not lost them, but they are left to a person."""

_Result = TypeVar("_Result")
_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True)
class ListedCommit:
    """A commit in a list. `number` is that of the run that graded it, None in a history."""

    node: str
    oid: str
    number: int | None = None


@dataclass(frozen=True)
class Listed:
    """The commits of one list, newest first. `complete`: it goes back as far as was asked."""

    commits: tuple[ListedCommit, ...]
    complete: bool = True


async def read_commits(
    meter: Meter, commits: Mapping[str, Wanted], index: Index
) -> AsyncIterator[dict[str, Seen]]:
    """What these commits are, by their ids, a batch at a time as GitHub answers.

    Raises BudgetSpent and GitHubError, but hands out first what was read.
    """

    async def read(batch: Sequence[str]) -> dict[str, Seen]:
        seen = await look_closer(meter, await _ask_commits(meter, batch, commits, index, 1), index)
        return dict(zip(batch, seen, strict=True))

    async for seen in _side_by_side(_batches(commits, PAGE_SIZE), read):
        yield seen


async def look_closer(meter: Meter, seen: Sequence[Seen], index: Index) -> list[Seen]:
    """The same again, where commits with more than one check suite were read with all of them.

    A commit has several suites where its author pushed it to two branches, set a
    tag or started the workflow by hand; or where something poses as our check.
    Where the closer look fails, what was seen first stands, with its flag.
    """
    hidden = {
        item.node: Wanted(item.repository, item.pushed_at)
        for item in seen
        if isinstance(item, Observation) and item.hidden_suites
    }
    closer: dict[str, Observation] = {}
    for batch in _batches(hidden, CLOSE_BATCH):
        try:
            again = await _ask_commits(meter, batch, hidden, index, SUITES)
        except BudgetSpent:
            raise
        except GitHubError:
            continue
        closer |= {item.node: item for item in again if isinstance(item, Observation)}
    return [closer.get(item.node, item) if isinstance(item, Observation) else item for item in seen]


async def read_runs(meter: Meter, workflows: Mapping[str, int]) -> AsyncIterator[dict[str, Listed]]:
    """The commits that runs of these workflows were about, back to the run with the number given.

    The list of runs knows commits that a force-push took out of the history.
    """

    async def read(batch: Sequence[str]) -> dict[str, Listed]:
        nodes = await _ask_nodes(meter, WORKFLOWS, batch, lists_points, {"after": None})
        found = [_valid(wire.WorkflowRuns, node) for node, fault in nodes if fault is None]
        return {item.id: await _read_on(meter, item, workflows[item.id]) for item in found if item}

    async for listed in _side_by_side(_batches(workflows, PAGE_SIZE), read):
        yield listed


async def read_histories(meter: Meter, commits: Iterable[str]) -> AsyncIterator[dict[str, Listed]]:
    """The commits behind these, where no run tells of earlier ones."""

    async def read(batch: Sequence[str]) -> dict[str, Listed]:
        nodes = await _ask_nodes(meter, HISTORIES, batch, lists_points, {})
        found = [_valid(wire.CommitHistory, node) for node, fault in nodes if fault is None]
        return {
            item.id: Listed(tuple(ListedCommit(it.id, it.oid) for it in item.history.nodes if it))
            for item in found
            if item
        }

    async for listed in _side_by_side(_batches(commits, PAGE_SIZE), read):
        yield listed


async def _read_on(meter: Meter, workflow: wire.WorkflowRuns, since: int) -> Listed:
    """All runs of a workflow after the one with the number `since`, where the first answer was too short."""
    commits = _commits_of(workflow.runs)
    info = workflow.runs.page_info
    for _ in range(1, LONGEST):
        if not info.has_next_page or any((item.number or 0) <= since + 1 for item in commits):
            return Listed(tuple(commits))
        after = {"after": info.end_cursor}
        [(node, _fault)] = await _ask_nodes(meter, WORKFLOWS, [workflow.id], lists_points, after)
        more = _valid(wire.WorkflowRuns, node)
        if more is None:
            break
        commits += _commits_of(more.runs)
        info = more.runs.page_info
    return Listed(tuple(commits), complete=not info.has_next_page)


def _commits_of(runs: wire.Runs) -> list[ListedCommit]:
    return [
        ListedCommit(item.check_suite.commit.id, item.check_suite.commit.oid, item.run_number)
        for item in runs.nodes
        if item is not None
    ]


async def _ask_commits(
    meter: Meter, batch: Sequence[str], wanted: Mapping[str, Wanted], index: Index, suites: int
) -> list[Seen]:
    variables = {"check": CHECK_NAME, "suites": suites}
    nodes = await _ask_nodes(meter, COMMITS, batch, lambda count: commits_points(count, suites), variables)
    return [
        observe_commit(node, wanted[id], index, fault) for id, (node, fault) in zip(batch, nodes, strict=True)
    ]


async def _ask_nodes(
    meter: Meter,
    query: str,
    ids: Sequence[str],
    points: Callable[[int], int],
    variables: Mapping[str, Any],
) -> list[tuple[object, str | None]]:
    """What GitHub has under these ids, in their order, each with what went wrong with it.

    Where it is too much for GitHub at once, each half is asked for by itself.
    """
    try:
        answer = await meter.ask(
            query, {"ids": list(ids), **variables}, points(len(ids)), give_way=len(ids) > 1
        )
    except Overloaded:
        half = len(ids) // 2
        first = await _ask_nodes(meter, query, ids[:half], points, variables)
        return first + await _ask_nodes(meter, query, ids[half:], points, variables)
    nodes = answer.data.get("nodes")
    if not isinstance(nodes, list) or len(nodes) != len(ids):
        raise GitHubError("GitHub's answer has not the shape that was asked for", where="nodes")
    faults = faults_below(answer.errors, ["nodes"])
    return [(node, faults.get(place)) for place, node in enumerate(nodes)]


async def _side_by_side(
    batches: Iterable[Sequence[str]], read: Callable[[Sequence[str]], Awaitable[_Result]]
) -> AsyncIterator[_Result]:
    """Read batches, IN_FLIGHT at a time. An error ends it after what was on its way has been handed out."""

    async def one(batch: Sequence[str]) -> _Result:
        return await read(batch)

    waiting = iter(batches)
    running = {asyncio.create_task(one(batch)) for batch in islice(waiting, IN_FLIGHT)}
    failed: GitHubError | None = None
    try:
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if isinstance(error, GitHubError):
                    failed = failed or error
                    continue
                yield task.result()
                if failed is None:
                    running |= {asyncio.create_task(one(batch)) for batch in islice(waiting, 1)}
    finally:
        for task in running:
            task.cancel()
    if failed is not None:
        raise failed


def _batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch


def _valid(shape: type[_Shape], node: object) -> _Shape | None:
    try:
        return shape.model_validate(node)
    except ValidationError:
        return None
