"""Ask GitHub's API: one client, one retry policy, errors for people.

httpx2 does the transport. gidgethub was tried and left out: its GraphQL call
goes past its own hooks for rate limits and drops the headers (`retry-after`)
that a retry must obey, so nothing but a few lines of decoding would be left.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, NoReturn, Self

import httpx2

from autograding.github.errors import (
    ACCESS_ADVICE,
    ExpiredCursor,
    GitHubError,
    Overloaded,
    RateLimited,
    TokenError,
    plain,
)
from autograding.grader.errors import ConfigurationError

GITHUB_API: Final = "https://api.github.com"
API_VERSION: Final = "2022-11-28"
TIMEOUT: Final = httpx2.Timeout(30.0, connect=10.0)
TRANSIENT: Final = frozenset({502, 503, 504})

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class RetryPolicy:
    """How often to ask again, and how long to wait.

    Without word from GitHub the wait doubles each time. What GitHub asks for
    (`retry-after`, `x-ratelimit-reset`) is obeyed, unless it is longer than
    `longest_wait`: then a person should rather come back later.
    """

    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 300.0

    def backoff(self, attempt: int) -> float:
        """The wait after the given attempt (1 is the first), when GitHub named none."""
        return min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)


@dataclass(frozen=True)
class Answer:
    """What a GraphQL query returned. GitHub may answer with data and errors at once."""

    data: dict[str, Any]
    errors: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class _Retry:
    """An answer not to be taken: why, and how long GitHub wants us to wait (None: it did not say).

    `limited`: a rate limit was reached. `overloaded`: the query was too much for GitHub.
    """

    why: str
    wait: float | None = None
    limited: bool = False
    overloaded: bool = False


class GitHub:
    """A connection to GitHub's API for one token. Use as an async context manager.

    The token is sent to `api_url` and to no other host, and stands in no message.
    """

    def __init__(
        self,
        token: str,
        *,
        api_url: str = GITHUB_API,
        retry: RetryPolicy | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._url = _checked_url(api_url)
        self.retry = retry or RetryPolicy()
        self.sleep = sleep
        self._http = httpx2.AsyncClient(
            headers={
                "Authorization": f"Bearer {_checked_token(token)}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": API_VERSION,
                "User-Agent": "tinytorch-classroom",
            },
            timeout=TIMEOUT,
            follow_redirects=False,
            # A proxy of the environment must not come between us and an API on this machine.
            trust_env=not _is_local(self._url),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def graphql(
        self,
        query: str,
        variables: Mapping[str, Any],
        *,
        before_attempt: Callable[[], None] = lambda: None,
        give_way: bool = False,
    ) -> Answer:
        """Run a reading query. Raises GitHubError when there is no data to be had.

        `before_attempt` is called before each request and may raise to prevent it.
        With `give_way` a query that is too much for GitHub is not repeated but
        raises Overloaded, so that the caller can ask for less.
        """
        limited = False
        why = ""
        for attempt in range(1, self.retry.attempts + 1):
            before_attempt()
            outcome = await self._attempt(query, variables)
            if isinstance(outcome, Answer):
                return outcome
            limited, why = outcome.limited, outcome.why
            wait = self.retry.backoff(attempt) if outcome.wait is None else outcome.wait
            if wait > self.retry.longest_wait:
                raise RateLimited(
                    f"{why}; GitHub asks to wait {wait / 60:.0f} minutes",
                    where=self._place,
                    mend="run the same command again then: nothing that was collected is lost",
                )
            if outcome.overloaded and give_way:
                await self.sleep(outcome.wait or 0.0)
                raise Overloaded(why, where=self._place)
            if attempt < self.retry.attempts:
                await self.sleep(wait)
        raise self.gave_up(why, limited=limited)

    def gave_up(self, why: str, *, limited: bool = False) -> GitHubError:
        """The error for a person when every attempt failed."""
        return (RateLimited if limited else GitHubError)(
            f"{why}, {self.retry.attempts} times in a row",
            where=self._place,
            mend="look at https://www.githubstatus.com and at your network, then run the same command "
            "again: nothing that was collected is lost",
        )

    @property
    def _place(self) -> str:
        return str(self._url)

    async def _attempt(self, query: str, variables: Mapping[str, Any]) -> Answer | _Retry:
        try:
            response = await self._http.post(
                f"{self._place.rstrip('/')}/graphql", json={"query": query, "variables": dict(variables)}
            )
        except httpx2.TimeoutException:
            return _Retry("GitHub did not answer in time", overloaded=True)
        except httpx2.TransportError as error:
            return _Retry(f"no connection to GitHub ({plain(error) or type(error).__name__})")
        if response.is_redirect:
            self._refuse_redirect(response)
        if response.status_code == 200:
            return self._read(response)
        return self._refused(response)

    def _refuse_redirect(self, response: httpx2.Response) -> NoReturn:
        # Queries are never redirected by GitHub; following would hand the token to whoever asks.
        target = plain(
            httpx2.URL(self._place).join(response.headers["location"]).host or "another place", 100
        )
        raise GitHubError(
            f"the API redirects to {target}; the token was not sent there",
            where=self._place,
            mend="check --api-url and whether a proxy or a login page of your network stands between",
        )

    def _read(self, response: httpx2.Response) -> Answer | _Retry:
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):
            return _Retry("GitHub's answer was cut off")
        if not isinstance(body, dict):
            return _Retry("GitHub's answer is not a GraphQL answer")
        errors = tuple(item for item in body.get("errors") or () if isinstance(item, dict))
        if any(item.get("type") in {"RATE_LIMITED", "RATE_LIMIT"} for item in errors):
            return _Retry("the request budget is used up", _wait_asked(response.headers), limited=True)
        if any(item.get("type") == "INSUFFICIENT_SCOPES" for item in errors):
            raise TokenError(
                f"the token may not read this ({_messages(errors)})", where=self._place, mend=ACCESS_ADVICE
            )
        if any(item.get("type") == "INVALID_CURSOR_ARGUMENTS" for item in errors):
            raise ExpiredCursor(f"GitHub refused the query: {_messages(errors)}", where=self._place)
        data = body.get("data")
        if isinstance(data, dict):
            return Answer(data, errors)
        if any("timeout" in str(item.get("message", "")).lower() for item in errors):
            return _Retry("GitHub took too long over the query", overloaded=True)
        raise GitHubError(f"GitHub refused the query: {_messages(errors)}", where=self._place)

    def _refused(self, response: httpx2.Response) -> _Retry:
        status = response.status_code
        if status in TRANSIENT:
            return _Retry(f"GitHub answered {status}", _wait_asked(response.headers), overloaded=True)
        message = _message(response)
        if status == 429 or (status == 403 and _is_limit(response.headers, message)):
            return _Retry("GitHub asks to slow down", _wait_asked(response.headers), limited=True)
        if status == 401:
            raise TokenError(
                "GitHub does not accept the token (401): it is mistyped, expired or revoked",
                where=self._place,
                mend=ACCESS_ADVICE,
            )
        if status == 403:
            raise TokenError(
                f"the token may not read this (403: {message})", where=self._place, mend=ACCESS_ADVICE
            )
        raise GitHubError(
            f"GitHub answered {status}: {message}",
            where=self._place,
            mend="check --api-url" if status in {404, 405, 410} else None,
        )


def _checked_token(token: str) -> str:
    token = token.strip()
    if not token:
        raise TokenError("there is no token for GitHub in GITHUB_TOKEN", mend=ACCESS_ADVICE)
    if not re.fullmatch(r"[!-~]+", token):
        raise TokenError("the token in GITHUB_TOKEN has spaces or other characters in it", mend=ACCESS_ADVICE)
    return token


def _checked_url(text: str) -> httpx2.URL:
    mend = f"give the root of the API, such as {GITHUB_API}"
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError) as error:
        raise ConfigurationError(f"not an address: {plain(text)}", where="--api-url", mend=mend) from error
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise ConfigurationError(f"not the address of an API: {plain(text)}", where="--api-url", mend=mend)
    if url.scheme == "http" and not _is_local(url):
        raise ConfigurationError(
            "the token would travel in clear text over http", where="--api-url", mend="use https://"
        )
    return url


def _is_local(url: httpx2.URL) -> bool:
    return url.host in {"localhost", "127.0.0.1", "::1"}


def _is_limit(headers: Mapping[str, str], message: str) -> bool:
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in message.lower()
    )


def _wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds GitHub asks us to wait: `retry-after` first, then the reset of a used-up budget."""
    asked = _number(headers.get("retry-after"))
    if asked is not None:
        return asked
    reset = _number(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(0.0, reset - time.time()) + 1.0
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,12}", text.strip()) else None


def _message(response: httpx2.Response) -> str:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return "no explanation"
    return plain(body.get("message", "no explanation") if isinstance(body, dict) else "no explanation")


def _messages(errors: tuple[dict[str, Any], ...]) -> str:
    return "; ".join(plain(item.get("message", "no explanation")) for item in errors[:3]) or "no explanation"
