"""The API client: whom it trusts, when it asks again, and what it tells a person."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from autograding.github.client import GitHub, RetryPolicy
from autograding.github.emulator import Fault
from autograding.github.errors import GitHubError, RateLimited, TokenError, UnknownOrganization
from autograding.grader.errors import ConfigurationError

from .conftest import ORGANIZATION, QUICK, TOKEN, all_pages

BUDGET = "{ rateLimit { cost } }"


def ask(url, *, token=TOKEN, retry=QUICK, query=BUDGET, waits=None):
    async def sleep(seconds):
        if waits is not None:
            waits.append(seconds)

    async def run():
        async with GitHub(token, api_url=url, retry=retry, sleep=sleep) as github:
            return await github.graphql(query, {})

    return asyncio.run(run())


def pages(url, organization):
    async def run():
        async with GitHub(TOKEN, api_url=url, retry=QUICK) as github:
            return await all_pages(github, organization)

    return asyncio.run(run())


def test_the_token_and_the_version_of_the_api_are_sent(serve):
    github = serve()
    ask(github.url)
    headers = github.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-github-api-version"] == "2022-11-28"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_passing_failure_of_github_is_asked_again(serve, status):
    github = serve(faults=[Fault(status=status), Fault(status=status)])
    assert ask(github.url).data == {"rateLimit": {"cost": 1}}
    assert len(github.requests) == 3


def test_the_wait_doubles_each_time(serve):
    waits = []
    github = serve(faults=[Fault(status=502)] * 3)
    ask(github.url, retry=RetryPolicy(attempts=4, first_wait=1.0), waits=waits)
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [403, 429])
def test_the_wait_that_github_asks_for_is_obeyed(serve, status):
    waits = []
    ask(serve(faults=[Fault(status=status, headers={"retry-after": "7"})]).url, waits=waits)
    assert waits == [7.0]


def test_a_used_up_budget_is_waited_for_until_its_reset(serve):
    waits = []
    reset = str(int(time.time()) + 30)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    ask(serve(faults=[Fault(status=403, headers=headers)]).url, waits=waits)
    assert 28 <= waits[0] <= 32


def test_a_wait_of_an_hour_is_left_to_the_person(serve):
    with pytest.raises(RateLimited, match=r"asks to wait (59|60) minutes"):
        ask(serve(budget_used=5000).url)


def test_a_body_that_is_cut_off_is_asked_for_again(serve):
    github = serve(faults=[Fault(truncate=20)])
    assert ask(github.url).data == {"rateLimit": {"cost": 1}}
    assert len(github.requests) == 2


def test_a_body_of_another_shape_is_asked_for_again(serve):
    github = serve(faults=[Fault(body=b"[1, 2]"), Fault(body=b"[" * 100_000)])
    assert ask(github.url).data == {"rateLimit": {"cost": 1}}


def test_a_connection_that_breaks_is_tried_again_and_then_told(unused_port):
    with pytest.raises(GitHubError, match=r"no connection to GitHub .* 4 times in a row"):
        ask(f"http://127.0.0.1:{unused_port}")


def test_failures_without_end_are_told_with_where_to_look(serve):
    with pytest.raises(GitHubError, match=r"GitHub answered 502, 4 times in a row") as caught:
        ask(serve(faults=[Fault(status=502)] * 9).url)
    assert "githubstatus.com" in str(caught.value)
    assert "nothing that was collected is lost" in str(caught.value)


def test_a_bad_token_is_told_with_how_to_make_one_and_its_scopes(serve):
    github = serve()
    with pytest.raises(TokenError) as caught:
        ask(github.url, token="ghp_revoked")
    assert "https://github.com/settings/tokens" in str(caught.value)
    assert "`repo` and `read:org`" in str(caught.value)
    assert len(github.requests) == 1


@pytest.mark.parametrize("token", ["", "  ", "ghp_a b", "ghp_\nX-Evil: 1", "ghp_ü"])
def test_a_token_that_cannot_be_one_is_refused_before_anything_is_sent(serve, token):
    github = serve()
    with pytest.raises(TokenError):
        ask(github.url, token=token)
    assert github.requests == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=401),
        Fault(status=403),
        Fault(status=404),
        Fault(status=302, headers={"location": "https://evil.example/"}),
        Fault(body=b'{"errors": [{"message": "no"}]}'),
        Fault(body=b'{"errors": [{"message": "no", "type": "INSUFFICIENT_SCOPES"}]}'),
    ],
)
def test_the_token_stands_in_no_message(serve, fault):
    with pytest.raises(GitHubError) as caught:
        ask(serve(faults=[fault]).url)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_refused_and_that_host_never_asked(serve, status):
    other = serve()
    github = serve(faults=[Fault(status=status, headers={"location": f"{other.url}/graphql"})])
    with pytest.raises(GitHubError, match="the token was not sent there"):
        ask(github.url)
    assert other.requests == []


def test_terminal_sequences_in_githubs_messages_are_not_passed_on(serve):
    body = b'{"errors": [{"message": "\\u001b[2Jgone\\u202e"}]}'
    with pytest.raises(GitHubError) as caught:
        ask(serve(faults=[Fault(body=body)]).url)
    assert "gone\\u{202e}" in str(caught.value)


@pytest.mark.parametrize("url", ["api.github.com", "ftp://github.com", "http://github.com", "https://u:p@h/"])
def test_an_address_that_cannot_be_the_api_is_refused(url):
    with pytest.raises(ConfigurationError) as caught:
        ask(url)
    assert caught.value.where == "--api-url"


def test_an_unknown_organization_is_told_with_where_it_is_set(serve):
    with pytest.raises(UnknownOrganization, match=r"classroom.yml.*GitHub knows no organization nobody"):
        pages(serve().url, "nobody")


def test_an_answer_without_repositories_is_told_and_not_taken_for_an_empty_course(serve):
    body = b'{"data": {"organization": {"repositories": null}, "rateLimit": null}}'
    with pytest.raises(GitHubError, match="has not the shape that was asked for"):
        pages(serve(faults=[Fault(body=body)]).url, ORGANIZATION)


def test_a_server_that_sends_the_same_page_for_ever_is_left(serve):
    body = (
        b'{"data": {"rateLimit": {"cost": 1, "remaining": 1}, "organization": {"repositories": '
        b'{"totalCount": 9, "nodes": [], "pageInfo": {"hasNextPage": true, "endCursor": "x"}}}}}'
    )
    with pytest.raises(GitHubError, match="the same page again and again"):
        pages(serve(faults=[Fault(body=body)] * 3).url, ORGANIZATION)


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
