"""Serve the emulated GitHub over HTTP on a port of this machine, from a thread of this process."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from graphql import (
    DocumentNode,
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
from starlette.types import Receive, Scope, Send

from autograding.github.emulator.cost import query_cost
from autograding.github.emulator.resolvers import BUDGET, root
from autograding.github.emulator.rest import Redirect, blob, respond
from autograding.github.emulator.state import EmulatedRepository

SCHEMA = Path(__file__).with_name("schema.graphql")
VERSIONS = frozenset({"2022-11-28", "2026-03-10"})


@dataclass(frozen=True)
class Fault:
    """How one answer goes wrong.

    With a status other than 200 the query is not looked at. `truncate` cuts the
    body after so many bytes; `body` replaces it; `drop` closes the connection in
    the middle of it; `delay` is in seconds.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    truncate: int | None = None
    drop: bool = False
    delay: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. `number` counts from 1."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    query: str
    variables: Mapping[str, Any]


Script = Callable[[Asked], Fault | None]
"""What goes wrong with a request, decided when it arrives."""


class EmulatedGitHub:
    """A GitHub with one organization. Start it with `with`; then `url` is the root of its API.

    `faults` are used up in order, one a request, and None lets that request pass;
    where they are a function it is asked for each request. `latency` is how long
    each answer takes, in seconds. `schema` is a file in GraphQL's schema language:
    by default the part of GitHub's that is served here, in the tests GitHub's own.
    `repositories` may be changed between requests. `requests` records what was
    asked, `most_in_flight` how many requests were waiting at the same time.
    """

    def __init__(
        self,
        *,
        organization: str,
        repositories: Iterable[EmulatedRepository] = (),
        tokens: Iterable[str] = ("emulated-token",),
        faults: Iterable[Fault | None] | Script = (),
        schema: Path = SCHEMA,
        budget_used: int = 0,
        latency: float = 0.0,
    ) -> None:
        self.organization = organization
        self.repositories: list[EmulatedRepository] = list(repositories)
        self.tokens = set(tokens)
        self.faults = faults if callable(faults) else in_order(faults)
        self.latency = latency
        self.requests: list[Asked] = []
        self.used = budget_used
        self.core_used = 0
        self.reset_at = datetime.now(UTC) + timedelta(hours=1)
        self.most_in_flight = 0
        self._in_flight = 0
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
        application = Starlette(
            routes=[
                Route("/graphql", self._answer, methods=["POST"]),
                Route("/repos/{rest:path}", self._answer, methods=["GET"]),
                Route("/_blobs/{artifact:int}", self._blob, methods=["GET"]),
            ]
        )
        config = uvicorn.Config(
            application, log_level="critical", lifespan="off", access_log=False, timeout_graceful_shutdown=2
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
        payload = _read_payload(data)
        query, variables = payload if payload else ("", {})
        asked = Asked(
            number=len(self.requests) + 1,
            method=request.method,
            path=request.url.path,
            headers=dict(request.headers),
            query=query,
            variables=variables,
        )
        self.requests.append(asked)
        fault = self.faults(asked) or Fault()
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(self.latency + fault.delay)
            return await run_in_threadpool(self._respond, request, payload, fault)
        finally:
            self._in_flight -= 1

    def _respond(
        self, request: Request, payload: tuple[str, dict[str, Any]] | None, fault: Fault
    ) -> Response:
        headers = {"content-type": "application/json", **fault.headers}
        if fault.body is not None:
            return Response(fault.body, fault.status, headers)
        if fault.status != 200:
            return Response(_json({"message": f"Emulated fault {fault.status}"}), fault.status, headers)
        response = self._refuse(request)
        if response is None and request.url.path != "/graphql":
            response = self._rest(request)
        elif response is None:
            response = self._graphql(payload)
        if fault.truncate is not None:
            return Response(bytes(response.body)[: fault.truncate], response.status_code, headers)
        response.headers.update(fault.headers)
        return Dropped(response) if fault.drop else response

    def _graphql(self, payload: tuple[str, dict[str, Any]] | None) -> Response:
        if payload is None:
            return self._problem(400, "Problems parsing JSON")
        body = _json(self._execute(*payload))
        return Response(body, 200, self._limits())

    def _rest(self, request: Request) -> Response:
        if self.core_used >= BUDGET:
            return self._problem(403, "API rate limit exceeded", "core")
        self.core_used += 1
        answer = respond(self.organization, self.repositories, request.url.path, request.query_params)
        if answer is None:
            return self._problem(404, "Not Found", "core")
        headers = self._limits("core")
        if isinstance(answer, Redirect):
            return Response(b"", 302, headers | {"location": f"{self.url}{answer.path}"})
        return Response(_json(answer), 200, headers)

    async def _blob(self, request: Request) -> Response:
        """The storage that a download is redirected to: it asks for no token, the address is enough."""
        await asyncio.sleep(self.latency)
        data = blob(self.repositories, int(request.path_params["artifact"]))
        return Response(data, 200 if data else 404, {"content-type": "application/zip"})

    def _refuse(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "token"} or token not in self.tokens:
            return self._problem(401, "Bad credentials")
        version = request.headers.get("x-github-api-version", "2022-11-28")
        if version not in VERSIONS:
            return self._problem(400, f"{version} is not a supported version of the API")
        return None

    def _problem(self, status: int, message: str, resource: str = "graphql") -> Response:
        body = _json(
            {"message": message, "documentation_url": "https://docs.github.com", "status": str(status)}
        )
        return Response(body, status, self._limits(resource))

    def _limits(self, resource: str = "graphql") -> dict[str, str]:
        used = self.used if resource == "graphql" else self.core_used
        return {
            "content-type": "application/json; charset=utf-8",
            "x-ratelimit-limit": str(BUDGET),
            "x-ratelimit-remaining": str(max(0, BUDGET - used)),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(self.reset_at.timestamp())),
            "x-ratelimit-resource": resource,
        }

    def _execute(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            document, problems = _checked(self._schema, query)
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


class Dropped(Response):
    """Half of a response, after which the connection is closed."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        # Nothing follows: the server notices that the body is too short and hangs up.


def in_order(faults: Iterable[Fault | None]) -> Script:
    """One fault a request, in this order; none when they are used up."""
    left = iter(tuple(faults))
    return lambda _: next(left, None)


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


@lru_cache(maxsize=256)
def _checked(schema: GraphQLSchema, query: str) -> tuple[DocumentNode, Sequence[GraphQLError]]:
    document = parse(query)
    return document, validate(schema, document)


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
