"""The REST side: what a collection without GraphQL asks for, one repository after the other.

Only the endpoints that a program of this project uses are here (the benchmark
asks them, to compare). The tests check requests and answers against GitHub's
own OpenAPI description.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from autograding.github.emulator.state import EmulatedRepository, EmulatedRun, timestamp
from autograding.grader.grade import RECORD_TITLE

API: Final = "https://api.github.com"
SITE: Final = "https://github.com"
KEPT: Final = timedelta(days=90)
PAGE: Final = 30
LARGEST_PAGE: Final = 100
_REPOSITORY: Final = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)/actions/(?P<rest>.+)")
_USER_LINKS: Final = (
    "events followers following gists organizations received_events repos starred subscriptions"
)
_REPOSITORY_LINKS: Final = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors "
    "deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events "
    "issues keys labels languages merges milestones notifications pulls releases stargazers statuses "
    "subscribers subscription tags teams trees"
)


@dataclass(frozen=True)
class Redirect:
    """The answer is at another place, to which no token must be sent."""

    path: str


def respond(
    organization: str,
    repositories: Sequence[EmulatedRepository],
    path: str,
    query: Mapping[str, str],
) -> dict[str, Any] | Redirect | None:
    """The answer to a GET, or None where there is nothing."""
    found = _REPOSITORY.fullmatch(path)
    if found is None or found["owner"].lower() != organization.lower():
        return None
    name = found["name"].lower()
    repository = next((item for item in repositories if item.name.lower() == name), None)
    if repository is None:
        return None
    size = min(int(query.get("per_page", PAGE)), LARGEST_PAGE)
    if found["rest"] == "runs":
        return _runs(organization, repository, size, query.get("head_sha"))
    if artifacts := re.fullmatch(r"runs/(\d+)/artifacts", found["rest"]):
        return _artifacts(organization, repository, int(artifacts[1]), size)
    if archive := re.fullmatch(r"artifacts/(\d+)/zip", found["rest"]):
        return Redirect(f"/_blobs/{archive[1]}")
    return None


def blob(repositories: Sequence[EmulatedRepository], artifact: int) -> bytes:
    """The archive behind an artifact: the record that the run left. Empty where there is none."""
    for repository in repositories:
        for run in repository.runs:
            if artifact_id(run) == artifact:
                return _archive(run)
    return b""


def artifact_id(run: EmulatedRun) -> int:
    """The id of the one artifact of a run."""
    return run.database_id + 3


def _archive(run: EmulatedRun) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in run.annotations:
            if item.title == RECORD_TITLE:
                archive.writestr("grade.json", item.message)
    return buffer.getvalue()


def _runs(organization: str, repository: EmulatedRepository, size: int, commit: str | None) -> dict[str, Any]:
    runs = [run for run in reversed(repository.timeline) if commit in (None, run.commit)]
    return {
        "total_count": len(runs),
        "workflow_runs": [_run(organization, repository, run) for run in runs[:size]],
    }


def _run(organization: str, repository: EmulatedRepository, run: EmulatedRun) -> dict[str, Any]:
    base = f"{API}/repos/{organization}/{repository.name}/actions"
    itself = f"{base}/runs/{run.database_id}"
    time = timestamp(run.created_at)
    person = {"name": "Student", "email": "student@example.org"}
    minimal = _repository(organization, repository)
    return {
        "id": run.database_id,
        "node_id": f"WFR_{run.database_id}",
        "name": "Autograding Tests",
        "head_branch": repository.branch,
        "head_sha": run.commit,
        "path": run.workflow,
        "run_number": run.number,
        "run_attempt": 1,
        "display_title": "Work",
        "event": run.event,
        "status": run.status.lower(),
        "conclusion": run.conclusion.lower() if run.conclusion else None,
        "workflow_id": repository.database_id,
        "check_suite_id": run.database_id + 1,
        "check_suite_node_id": f"CS_{run.database_id + 1}",
        "created_at": time,
        "updated_at": time,
        "run_started_at": time,
        "pull_requests": [],
        "head_commit": {
            "id": run.commit,
            "tree_id": run.commit,
            "message": "Work",
            "timestamp": time,
            "author": person,
            "committer": person,
        },
        "head_repository": minimal,
        "repository": minimal,
        "url": itself,
        "html_url": f"{SITE}/{organization}/{repository.name}/actions/runs/{run.database_id}",
        "jobs_url": f"{itself}/jobs",
        "logs_url": f"{itself}/logs",
        "check_suite_url": f"{API}/repos/{organization}/{repository.name}/check-suites/{run.database_id + 1}",
        "artifacts_url": f"{itself}/artifacts",
        "cancel_url": f"{itself}/cancel",
        "rerun_url": f"{itself}/rerun",
        "workflow_url": f"{base}/workflows/{repository.database_id}",
    }


def _artifacts(
    organization: str, repository: EmulatedRepository, run_id: int, size: int
) -> dict[str, Any] | None:
    run = next((item for item in repository.timeline if item.database_id == run_id), None)
    if run is None:
        return None
    base = f"{API}/repos/{organization}/{repository.name}/actions/artifacts/{artifact_id(run)}"
    artifact = {
        "id": artifact_id(run),
        "node_id": f"ART_{artifact_id(run)}",
        "name": "grade",
        "size_in_bytes": len(_archive(run)),
        "url": base,
        "archive_download_url": f"{base}/zip",
        "expired": False,
        "created_at": timestamp(run.created_at),
        "updated_at": timestamp(run.created_at),
        "expires_at": timestamp(run.created_at + KEPT),
        "workflow_run": {
            "id": run.database_id,
            "repository_id": repository.database_id,
            "head_repository_id": repository.database_id,
            "head_branch": repository.branch,
            "head_sha": run.commit,
        },
    }
    return {"total_count": 1, "artifacts": [artifact][:size]}


def _repository(organization: str, repository: EmulatedRepository) -> dict[str, Any]:
    base = f"{API}/repos/{organization}/{repository.name}"
    links = {f"{name}_url": f"{base}/{name}" for name in _REPOSITORY_LINKS.split()}
    return links | {
        "id": repository.database_id,
        "node_id": f"R_{repository.database_id}",
        "name": repository.name,
        "full_name": f"{organization}/{repository.name}",
        "owner": _owner(organization),
        "private": True,
        "html_url": f"{SITE}/{organization}/{repository.name}",
        "description": None,
        "fork": False,
        "url": base,
    }


def _owner(organization: str) -> dict[str, Any]:
    base = f"{API}/users/{organization}"
    links = {f"{name}_url": f"{base}/{name}" for name in _USER_LINKS.split()}
    return links | {
        "login": organization,
        "id": 1,
        "node_id": "O_1",
        "avatar_url": f"{SITE}/{organization}.png",
        "gravatar_id": "",
        "url": base,
        "html_url": f"{SITE}/{organization}",
        "type": "Organization",
        "site_admin": False,
    }
