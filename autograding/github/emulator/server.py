"""Serve the emulated GitHub over HTTP on a port of this machine, from a thread of this process."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from autograding.github.emulator.cost import query_cost
from autograding.github.emulator.resolvers import BUDGET, root
from autograding.github.emulator.state import EmulatedRepository

SCHEMA = Path(__file__).with_name("schema.graphql")
VERSIONS = frozenset({"2022-11-28", "2026-03-10"})


@dataclass(frozen=True)
class Fault:
    """How one answer goes wrong.

    With a status other than 200 the query is not looked at. `truncate` cuts the
    body after so many bytes; `body` replaces it; `delay` is in seconds.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    truncate: int | None = None
    delay: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    query: str
    variables: Mapping[str, Any]


class EmulatedGitHub:
    """A GitHub with one organization. Start it with `with`; then `url` is the root of its API.

    `faults` are used up in order, one a request; None lets that request pass.
    `schema` is a file in GraphQL's schema language: by default the part of
    GitHub's that is served here, in the tests GitHub's own. `repositories` may be
    changed between requests. `requests` records what was asked.
    """

    def __init__(
        self,
        *,
        organization: str,
        repositories: Iterable[EmulatedRepository] = (),
        tokens: Iterable[str] = ("emulated-token",),
        faults: Iterable[Fault | None] = (),
        schema: Path = SCHEMA,
        budget_used: int = 0,
    ) -> None:
        self.organization = organization
        self.repositories: list[EmulatedRepository] = list(repositories)
        self.tokens = set(tokens)
        self.faults: deque[Fault | None] = deque(faults)
        self.requests: list[Asked] = []
        self.used = budget_used
        self.reset_at = datetime.now(UTC) + timedelta(hours=1)
        self._schema = load_schema(schema)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The root of the API, for `--api-url`."""
        if self._socket is None:
            raise RuntimeError("the emulated GitHub is not running: use it in a with statement")
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        application = Starlette(routes=[Route("/graphql", self._answer, methods=["POST"])])
        config = uvicorn.Config(
            application, log_level="error", lifespan="off", access_log=False, timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="emulated GitHub", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the emulated GitHub did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None and self._socket is not None:
            # Clients keep connections open for reuse; there is nothing to wait for.
            self._server.should_exit = self._server.force_exit = True
            self._thread.join()
            self._socket.close()
        self._socket = self._server = self._thread = None

    async def _answer(self, request: Request) -> Response:
        data = await request.body()
        return await run_in_threadpool(self._respond, request, data)

    def _respond(self, request: Request, data: bytes) -> Response:
        payload = _read_payload(data)
        query, variables = payload if payload else ("", {})
        self.requests.append(Asked(request.url.path, dict(request.headers), query, variables))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            time.sleep(fault.delay)
            if fault.status != 200 or fault.body is not None:
                body = (
                    _json({"message": f"Emulated fault {fault.status}"}) if fault.body is None else fault.body
                )
                return Response(body, fault.status, {"content-type": "application/json", **fault.headers})
        refusal = self._refuse(request, payload is None)
        if refusal is not None:
            return refusal
        body = _json(self._execute(query, variables))
        if fault is not None and fault.truncate is not None:
            body = body[: fault.truncate]
        return Response(body, 200, {**self._limits(), **(fault.headers if fault else {})})

    def _refuse(self, request: Request, malformed: bool) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "token"} or token not in self.tokens:
            return self._problem(401, "Bad credentials")
        version = request.headers.get("x-github-api-version", "2022-11-28")
        if version not in VERSIONS:
            return self._problem(400, f"{version} is not a supported version of the API")
        if malformed:
            return self._problem(400, "Problems parsing JSON")
        return None

    def _problem(self, status: int, message: str) -> Response:
        body = _json(
            {"message": message, "documentation_url": "https://docs.github.com", "status": str(status)}
        )
        return Response(body, status, self._limits())

    def _limits(self) -> dict[str, str]:
        return {
            "content-type": "application/json; charset=utf-8",
            "x-ratelimit-limit": str(BUDGET),
            "x-ratelimit-remaining": str(max(0, BUDGET - self.used)),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(int(self.reset_at.timestamp())),
            "x-ratelimit-resource": "graphql",
        }

    def _execute(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            document = parse(query)
            problems: Sequence[GraphQLError] = validate(self._schema, document)
            if problems:
                return {"errors": [_error(problem) for problem in problems]}
            cost = query_cost(self._schema, document, variables)
        except GraphQLError as problem:
            return {"errors": [_error(problem)]}
        if self.used + cost.points > BUDGET:
            self.used = BUDGET
            return {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
        self.used += cost.points
        value = root(self.organization, self.repositories, cost, self.used, self.reset_at)
        result = execute_sync(self._schema, document, value, variable_values=variables)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error(problem) for problem in result.errors]
        return answer


@lru_cache(maxsize=4)
def load_schema(path: Path) -> GraphQLSchema:
    """A schema with GitHub's own scalars checked when answers are written."""
    # GitHub's schema is published and in use; graphql-core is stricter about deprecations than they are.
    schema = build_schema(path.read_text(encoding="utf-8"), assume_valid=True)
    for name, pattern in (
        ("DateTime", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("GitObjectID", r"[0-9a-f]{40}"),
    ):
        scalar = schema.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.serialize = _checked_text(name, pattern)  # type: ignore[method-assign]
    # GitHub calls its ids Int and answers with numbers past 32 bits all the same.
    wide = GraphQLScalarType("WideInt", serialize=_checked_id)
    wide.name = "Int"
    for kind in ("CheckSuite", "CheckRun", "WorkflowRun"):
        owner = schema.type_map[kind]
        if isinstance(owner, GraphQLObjectType):
            owner.fields["databaseId"].type = wide
    return schema


def _checked_text(name: str, pattern: str) -> Any:
    def serialize(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise GraphQLError(f"{value!r} is no {name}")
        return value

    return serialize


def _checked_id(value: object) -> int:
    if type(value) is not int:
        raise GraphQLError(f"{value!r} is no Int")
    return value


def _read_payload(data: bytes) -> tuple[str, dict[str, Any]] | None:
    try:
        payload = json.loads(data)
        return str(payload["query"]), dict(payload.get("variables") or {})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _error(problem: GraphQLError) -> dict[str, Any]:
    """An error as GitHub writes it: its type beside the message, not among the extensions."""
    error: dict[str, Any] = {"message": problem.message}
    if problem.extensions and "type" in problem.extensions:
        error["type"] = problem.extensions["type"]
    if problem.path:
        error["path"] = problem.path
    if problem.locations:
        error["locations"] = [{"line": place.line, "column": place.column} for place in problem.locations]
    return error


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")
