"""The REST side of the emulated GitHub, checked against GitHub's own OpenAPI description."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import httpx2
import jsonschema
import pytest

from autograding.github.emulator import EmulatedAnnotation
from autograding.grader.grade import RECORD_TITLE

from .conftest import ORGANIZATION, TOKEN

ENDPOINTS = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))["endpoints"]
BASE = f"/repos/{ORGANIZATION}/01-tensor-ada/actions"


@pytest.fixture
def ask(serve, workshop):
    """Ask the emulated GitHub with one graded repository, and check question and answer."""
    github = serve(workshop.repository())

    def ask(path, token=TOKEN, **query):
        return checked(github, path, query, token)

    ask.github = github
    return ask


def checked(github, path, query, token=TOKEN):
    [described] = [
        item for name, item in ENDPOINTS.items() if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path)
    ]
    for name, value in query.items():
        parameter = described["parameters"][name]
        assert parameter["in"] == "query"
        jsonschema.validate(value, parameter["schema"])
    answer = httpx2.get(
        f"{github.url}{path}",
        params={name: str(value) for name, value in query.items()},
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
    )
    schema = described["answers"].get(str(answer.status_code))
    if answer.status_code < 300:
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        validator.validate(answer.json())
    return answer


def test_the_list_of_runs_is_what_github_describes(ask):
    listed = ask(f"{BASE}/runs", per_page=1).json()
    assert listed["total_count"] == 1
    assert listed["workflow_runs"][0]["conclusion"] == "success"


def test_the_list_of_runs_can_be_that_of_one_commit(ask):
    assert ask(f"{BASE}/runs", head_sha="0" * 40).json()["workflow_runs"] == []


def test_the_artifacts_of_a_run_are_what_github_describes(ask):
    run = ask.github.repositories[0].runs[0].database_id
    [artifact] = ask(f"{BASE}/runs/{run}/artifacts").json()["artifacts"]
    assert artifact["name"] == "grade"
    assert artifact["workflow_run"]["id"] == run


def test_an_archive_is_at_another_address_that_asks_for_no_token(ask, workshop):
    run = ask.github.repositories[0].runs[0]
    [artifact] = ask(f"{BASE}/runs/{run.database_id}/artifacts").json()["artifacts"]
    moved = ask(f"{BASE}/artifacts/{artifact['id']}/zip")
    assert (moved.status_code, moved.content) == (302, b"")
    data = httpx2.get(moved.headers["location"], trust_env=False).content
    assert len(data) == artifact["size_in_bytes"]
    assert zipfile.ZipFile(io.BytesIO(data)).read("grade.json").decode() == run.annotations[0].message


def test_what_is_not_there_is_404_and_without_a_token_401(ask):
    assert ask(f"/repos/{ORGANIZATION}/nothing/actions/runs").status_code == 404
    assert ask(f"{BASE}/runs/1/artifacts").status_code == 404
    assert ask(f"{BASE}/runs", token="revoked").status_code == 401


def test_rest_has_a_budget_of_its_own(ask):
    answer = ask(f"{BASE}/runs")
    assert (answer.headers["x-ratelimit-resource"], answer.headers["x-ratelimit-remaining"]) == (
        "core",
        "4999",
    )
    assert ask.github.used == 0


def test_a_run_that_still_waits_has_no_conclusion(serve, workshop):
    waiting = workshop.repository_with_run(status="QUEUED", conclusion=None)
    [run] = checked(serve(waiting), f"{BASE}/runs", {}).json()["workflow_runs"]
    assert (run["status"], run["conclusion"]) == ("queued", None)


def test_only_the_record_is_in_the_archive(serve, workshop):
    other = EmulatedAnnotation("Something else", "x")
    repository = workshop.repository()
    run = repository.runs[0]
    github = serve(workshop.repository_with_run(annotations=(other, *run.annotations)))
    found = github.repositories[0].runs[0]
    assert [item.title for item in found.annotations] == ["Something else", RECORD_TITLE]
    data = httpx2.get(f"{github.url}/_blobs/{found.database_id + 3}", trust_env=False).content
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["grade.json"]
