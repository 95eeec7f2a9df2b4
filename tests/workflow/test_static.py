"""Every workflow of this project, checked without running it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("template/.github/workflows/*.yml")])
REGRADE = ROOT / ".github" / "workflows" / "regrade.yml"
COLLECT = ROOT / ".github" / "workflows" / "collect.yml"
AUTOGRADE = ROOT / "template" / ".github" / "workflows" / "autograde.yml"
every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )


def content(workflow: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(workflow.read_text()))


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in content(workflow)["jobs"].values() for step in job.get("steps", [])]


@every_workflow
def test_act_validates_it_strictly(workflow: Path) -> None:
    done = run_tool("act", "--validate", "--strict", "--workflows", str(workflow))
    assert done.returncode == 0, done.stderr


@every_workflow
def test_zizmor_finds_nothing(workflow: Path) -> None:
    done = run_tool("zizmor", "--offline", "--no-progress", "--persona", "pedantic", str(workflow))
    assert done.returncode == 0, done.stdout


@every_workflow
def test_it_keeps_to_the_schema_of_github_workflows(workflow: Path) -> None:
    done = run_tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow))
    assert done.returncode == 0, done.stdout


@every_workflow
def test_actions_are_pinned_to_a_commit_with_their_tag_beside_it(workflow: Path) -> None:
    lines = [line.strip() for line in workflow.read_text().splitlines() if "uses:" in line]
    pinned = re.compile(r"(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
    assert [line for line in lines if not pinned.fullmatch(line) and "uses: ./" not in line] == []


@every_workflow
def test_no_expression_is_pasted_into_a_script(workflow: Path) -> None:
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


@every_workflow
def test_nothing_is_permitted_but_what_a_job_asks_for(workflow: Path) -> None:
    assert content(workflow)["permissions"] == {}


def test_students_find_the_names_that_tools_of_github_classroom_look_for() -> None:
    workflow = content(AUTOGRADE)
    assert workflow["name"] == "Autograding Tests"
    assert list(workflow["jobs"]) == ["run-autograding-tests"]


def test_the_grading_job_may_only_read() -> None:
    job = content(AUTOGRADE)["jobs"]["run-autograding-tests"]
    assert job["permissions"] == {"contents": "read"}
    assert "secrets." not in AUTOGRADE.read_text()


def test_the_token_is_not_left_in_the_checkout() -> None:
    checkout = next(step for step in steps(AUTOGRADE) if "checkout" in step.get("uses", ""))
    assert checkout["with"]["persist-credentials"] is False


def test_a_newer_push_stops_an_older_run() -> None:
    assert content(AUTOGRADE)["concurrency"]["cancel-in-progress"] is True


def test_the_grading_job_restores_no_cache_that_a_student_could_fill() -> None:
    setup = next(step for step in steps(AUTOGRADE) if "setup-uv" in step.get("uses", ""))
    assert setup["with"]["enable-cache"] is False
    assert [step for step in steps(AUTOGRADE) if "actions/cache" in step.get("uses", "")] == []


def test_of_the_final_grade_only_one_step_sees_secrets_and_its_job_runs_no_student_code() -> None:
    """A105, A108."""
    jobs = content(REGRADE)["jobs"]
    seen = [step["name"] for step in steps(REGRADE) if re.search(r"secrets\.(TINY|CLASS)", str(step))]
    assert seen == ["Choose and fetch"]
    assert [name for name, job in jobs.items() if "secrets." in str(job)] == ["plan", "gather"]
    assert [name for name, job in jobs.items() if "github.token" in str(job)] == ["plan", "gather"]


def test_nothing_writes_to_the_gradebook_while_something_else_does() -> None:
    gather = content(REGRADE)["jobs"]["gather"]["concurrency"]
    assert gather == content(COLLECT)["concurrency"] == {"group": "gradebook", "cancel-in-progress": False}


def test_the_job_that_grades_finally_may_only_read_the_course() -> None:
    """A106, A107."""
    assert content(REGRADE)["jobs"]["grade"]["permissions"] == {"contents": "read"}


def test_no_job_of_the_final_grade_restores_a_cache_or_keeps_the_token() -> None:
    """A103."""
    used = [step for step in steps(REGRADE) if "uses" in step]
    setups = [step["with"]["enable-cache"] for step in used if "setup-uv" in step["uses"]]
    checkouts = [step["with"]["persist-credentials"] for step in used if "checkout" in step["uses"]]
    assert setups == [False] * 3
    assert checkouts == [False] * 3
