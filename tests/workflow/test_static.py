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
# Where code of a student runs: the workflow and its job.
RUNS_STUDENT_CODE = {"push": (AUTOGRADE, "run-autograding-tests"), "final": (REGRADE, "grade")}
HOSTED = re.compile(r"ubuntu-\d\d\.\d\d")
every_grading_job = pytest.mark.parametrize(
    ("workflow", "job"), RUNS_STUDENT_CODE.values(), ids=RUNS_STUDENT_CODE.keys()
)
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


@every_workflow
def test_every_job_runs_on_a_machine_of_github_that_is_thrown_away(workflow: Path) -> None:
    """A104: nothing that a job leaves behind is there for the next."""
    machines = [str(job["runs-on"]) for job in content(workflow)["jobs"].values()]
    assert [name for name in machines if not HOSTED.fullmatch(name)] == []


@every_workflow
def test_no_job_may_mint_an_identity_or_use_a_cache(workflow: Path) -> None:
    """A103, A107."""
    assert re.findall("id-token|write-all", str(content(workflow))) == []
    assert [step["uses"] for step in steps(workflow) if "cache" in step.get("uses", "")] == []
    setups = [step["with"] for step in steps(workflow) if "setup-" in step.get("uses", "")]
    assert [given.get("enable-cache") for given in setups] == [False] * len(setups)


@every_workflow
def test_no_token_is_left_in_a_checkout(workflow: Path) -> None:
    """A105."""
    checkouts = [step["with"] for step in steps(workflow) if "checkout@" in step.get("uses", "")]
    assert [given.get("persist-credentials") for given in checkouts] == [False] * len(checkouts)


@every_grading_job
def test_a_job_that_runs_student_code_may_only_read(workflow: Path, job: str) -> None:
    """A105, A106, A107."""
    assert content(workflow)["jobs"][job]["permissions"] == {"contents": "read"}


@every_grading_job
def test_a_job_that_runs_student_code_is_given_no_secret_and_no_token(workflow: Path, job: str) -> None:
    """A106, A107, A108: whatever the way an expression spells them."""
    given = str(content(workflow)["jobs"][job]) + str(content(workflow).get("env"))
    assert re.findall(r"\bsecrets\b|github\.token|toJSON\(github\)|GITHUB_TOKEN", given) == []


def test_students_find_the_names_that_tools_of_github_classroom_look_for() -> None:
    workflow = content(AUTOGRADE)
    assert workflow["name"] == "Autograding Tests"
    assert list(workflow["jobs"]) == ["run-autograding-tests"]


def test_a_newer_push_stops_an_older_run() -> None:
    assert content(AUTOGRADE)["concurrency"]["cancel-in-progress"] is True


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
