"""The emulated GitHub answers as the real one does, and refuses what the real one refuses."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from graphql import parse

from autograding.github.emulator import EmulatedGitHub, EmulatedRepository, Fault
from autograding.github.emulator.cost import query_cost
from autograding.github.emulator.server import load_schema
from autograding.github.queries import PAGE

from .conftest import DUE, ORGANIZATION, TOKEN


def ask(github, query, variables=None, **headers):
    headers = {"authorization": f"bearer {TOKEN}", **headers}
    return httpx2.post(
        f"{github.url}/graphql",
        json={"query": query, "variables": variables or {}},
        headers=headers,
        trust_env=False,
    )


def git(folder, *arguments, **environment):
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments],
        cwd=folder,
        env={**os.environ, **identity, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


NAMES = """
query($after: String, $n: Int) {
  organization(login: "demo-course") {
    repositories(first: $n, after: $after, orderBy: {field: PUSHED_AT, direction: DESC}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { name }
    }
  }
}
"""


def test_a_query_that_githubs_schema_does_not_know_is_refused(serve):
    answer = ask(serve(), '{ organization(login: "demo-course") { grades } }').json()
    assert "Cannot query field 'grades' on type 'Organization'" in answer["errors"][0]["message"]
    assert "data" not in answer


def test_a_connection_without_bounds_is_refused(serve):
    answer = ask(serve(), '{ organization(login: "demo-course") { repositories { totalCount } } }').json()
    assert answer["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"


def test_a_page_of_more_than_a_hundred_is_refused(serve):
    answer = ask(serve(), NAMES, {"n": 101}).json()
    assert answer["errors"][0]["type"] == "EXCESSIVE_PAGINATION"


def test_a_query_for_more_than_half_a_million_nodes_is_refused(serve):
    query = """{ organization(login: "demo-course") { repositories(first: 100) { nodes { issues(first: 100) {
      nodes { comments(first: 100) { totalCount } } } } } } }"""
    assert ask(serve(), query).json()["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"


def test_the_cost_is_that_of_the_example_in_githubs_documentation(github_schema):
    query = """{ viewer { repositories(first: 100) { nodes { issues(first: 50) {
      nodes { labels(first: 60) { nodes { name } } } } } } } }"""
    assert query_cost(load_schema(github_schema), parse(query), {}).points == 51


def test_no_token_is_answered_with_401(serve):
    answer = ask(serve(), NAMES, authorization="")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_an_unknown_version_of_the_api_is_refused(serve):
    answer = ask(serve(), NAMES, {"n": 1}, **{"x-github-api-version": "1999-01-01"})
    assert answer.status_code == 400


def test_an_unknown_organization_is_told_as_github_tells_it(serve):
    answer = ask(serve(), '{ organization(login: "nobody") { login } }').json()
    assert answer["data"] == {"organization": None}
    assert answer["errors"][0]["type"] == "NOT_FOUND"
    assert answer["errors"][0]["path"] == ["organization"]


def test_pages_follow_each_other_by_cursor_with_the_last_push_first(serve, workshop):
    github = serve(*(workshop.repository(f"01-tensor-s{number}") for number in range(5)))
    first = ask(github, NAMES, {"n": 3}).json()["data"]["organization"]["repositories"]
    rest = ask(github, NAMES, {"n": 3, "after": first["pageInfo"]["endCursor"]}).json()
    second = rest["data"]["organization"]["repositories"]
    assert [node["name"] for node in first["nodes"]] == ["01-tensor-s0", "01-tensor-s1", "01-tensor-s2"]
    assert [node["name"] for node in second["nodes"]] == ["01-tensor-s3", "01-tensor-s4"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_a_cursor_of_somebody_elses_making_is_refused(serve):
    answer = ask(serve(), NAMES, {"n": 3, "after": "???"}).json()
    assert answer["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"


def test_the_budget_goes_down_by_the_cost_and_is_told_in_headers_and_answer(serve):
    github = serve()
    answer = ask(github, PAGE, {"organization": ORGANIZATION, "size": 100, "check": "x", "suites": 1})
    assert answer.json()["data"]["rateLimit"]["cost"] == 3
    assert answer.json()["data"]["rateLimit"]["remaining"] == 4997
    assert answer.headers["x-ratelimit-remaining"] == "4997"


def test_a_used_up_budget_is_told_with_status_200_and_an_error(serve):
    answer = ask(serve(budget_used=5000), NAMES, {"n": 1})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_an_injected_fault_is_used_up_by_one_request(serve):
    github = serve(faults=[Fault(status=502)])
    assert [ask(github, NAMES, {"n": 1}).status_code for _ in range(2)] == [502, 200]


@pytest.mark.parametrize("bare", [False, True])
def test_the_ids_of_commits_and_folders_are_those_of_the_git_repository(serve, tmp_path, bare):
    folder = tmp_path / "work"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "test_tensor.py").write_text("pass\n")
    git(folder, "init", "-q", "-b", "trunk")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one", GIT_COMMITTER_DATE="2026-01-02T03:04:05+0200")
    git(tmp_path, "clone", "-q", "--bare", "work", "bare")
    served = tmp_path / ("bare" if bare else "work")
    github = serve(EmulatedRepository("01-tensor-ada", 1, DUE, path=served))
    query = """{ organization(login: "demo-course") { repositories(first: 1) { nodes { isEmpty
      defaultBranchRef { name target { oid ... on Commit { committedDate
        tests: file(path: "tests") { oid } one: file(path: "tests/test_tensor.py") { oid }
        none: file(path: "nothing") { oid } } } } } } } }"""
    node = ask(github, query).json()["data"]["organization"]["repositories"]["nodes"][0]
    assert node == {
        "isEmpty": False,
        "defaultBranchRef": {
            "name": "trunk",
            "target": {
                "oid": git(folder, "rev-parse", "HEAD"),
                "committedDate": "2026-01-02T01:04:05Z",
                "tests": {"oid": git(folder, "rev-parse", "HEAD:tests")},
                "one": {"oid": git(folder, "rev-parse", "HEAD:tests/test_tensor.py")},
                "none": None,
            },
        },
    }


def test_a_push_between_two_requests_is_seen(serve, tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    github = serve(EmulatedRepository("01-tensor-ada", 1, DUE, path=tmp_path))
    query = """{ organization(login: "demo-course") { repositories(first: 1) { nodes { isEmpty
      defaultBranchRef { target { oid } } } } } }"""
    before = ask(github, query).json()["data"]["organization"]["repositories"]["nodes"][0]
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    after = ask(github, query).json()["data"]["organization"]["repositories"]["nodes"][0]
    assert before == {"isEmpty": True, "defaultBranchRef": None}
    assert after["defaultBranchRef"]["target"]["oid"] == git(tmp_path, "rev-parse", "HEAD")


def test_a_git_repository_inside_another_one_is_not_mistaken_for_it(serve, tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "the outer repository")
    (tmp_path / "inner").mkdir()
    github = serve(EmulatedRepository("01-tensor-ada", 1, DUE, path=tmp_path / "inner"))
    query = '{ organization(login: "demo-course") { repositories(first: 1) { nodes { isEmpty } } } }'
    assert ask(github, query).json()["data"]["organization"]["repositories"]["nodes"] == [{"isEmpty": True}]


def test_a_message_longer_than_the_runner_allows_is_cut(serve, workshop):
    github = serve(workshop.repository_with_record("x" * 5000))
    query = """{ organization(login: "demo-course") { repositories(first: 1) { nodes { defaultBranchRef {
      target { ... on Commit { checkSuites(first: 1) { nodes { checkRuns(first: 1) { nodes {
        annotations(first: 1) { nodes { message } } } } } } } } } } } } }"""
    assert '"' + "x" * 4096 + '"' in ask(github, query).text


def test_an_answer_of_the_wrong_type_is_caught_by_the_schema(serve, workshop):
    github = serve(workshop.repository(pushed_at=DUE, branch=None))
    query = """{ organization(login: "demo-course") { repositories(first: 1) { nodes {
      defaultBranchRef { name } } } } }"""
    assert "Cannot return null for non-nullable field Ref.name" in ask(github, query).text


def test_the_rehearsals_emulator_needs_no_schema_but_its_own():
    with EmulatedGitHub(organization="demo-course", tokens=[TOKEN]) as github:
        answer = ask(github, NAMES, {"n": 10}).json()
    assert answer["data"]["organization"]["repositories"]["totalCount"] == 0


def test_times_are_told_in_utc_whatever_zone_they_were_given_in(serve, workshop):
    pushed = datetime(2026, 9, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=1)
    github = serve(workshop.repository(pushed_at=pushed.astimezone()))
    query = '{ organization(login: "demo-course") { repositories(first: 1) { nodes { pushedAt } } } }'
    assert "2026-09-01T12:00:01Z" in ask(github, query).text
