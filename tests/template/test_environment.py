"""What a student repository installs, and the tools around it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template"
DEVCONTAINER = json.loads((TEMPLATE / ".devcontainer" / "devcontainer.json").read_text())
LOCK = tomllib.loads((TEMPLATE / "uv.lock").read_text())
GRADER = tomllib.loads((TEMPLATE / "autograding" / "pyproject.toml").read_text())

Checkout = Callable[[str], Path]


def uv(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """uv as a student runs it: nothing of this project's environment."""
    program = os.environ.get("UV") or shutil.which("uv") or "uv"
    dropped = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    return subprocess.run(
        [program, *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_the_lock_is_up_to_date(checkout: Checkout) -> None:
    """Where it is not: render an assignment, run `uv lock --upgrade` in it, copy uv.lock to template/."""
    done = uv(checkout("01_tensor"), "lock", "--check", "--offline")
    assert done.returncode == 0, done.stderr


def test_the_lock_serves_every_assignment(rendered: Mapping[str, Path]) -> None:
    locks = {(repository / "uv.lock").read_bytes() for repository in rendered.values()}
    projects = {(repository / "pyproject.toml").read_bytes() for repository in rendered.values()}
    assert len(locks) == len(projects) == 1


def test_the_lock_names_only_the_public_package_index() -> None:
    text = (TEMPLATE / "uv.lock").read_text()
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_every_locked_file_has_a_hash() -> None:
    files = [
        file
        for package in LOCK["package"]
        if "registry" in package["source"]
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    ]
    assert [file["url"] for file in files if not file["hash"].startswith("sha256:")] == []


def test_students_install_only_what_grading_needs() -> None:
    names = {re.split(r"[<>=]", item)[0] for item in GRADER["project"]["dependencies"]}
    assert names == {"ipykernel", "nbmake", "numpy", "papermill", "pytest", "pytest-json-report"}


def test_jupyterlab_is_there_for_those_who_ask_for_it() -> None:
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())
    assert project["dependency-groups"] == {"lab": ["jupyterlab>=4.4"]}
    assert project["tool"]["uv"]["default-groups"] == []


def test_one_version_of_uv_is_named_everywhere() -> None:
    texts = {
        "workflow": (TEMPLATE / ".github" / "workflows" / "autograde.yml").read_text(),
        "ci": (ROOT / ".github" / "workflows" / "ci.yml").read_text(),
    }
    found = {name: re.findall(r"version: (\d+\.\d+\.\d+)", text) for name, text in texts.items()}
    found["devcontainer"] = re.findall(r"uv==(\d+\.\d+\.\d+)", DEVCONTAINER["postCreateCommand"])
    assert all(found.values())
    assert len(set().union(*found.values())) == 1


def test_that_version_of_uv_builds_the_grader_itself() -> None:
    (requirement,) = GRADER["build-system"]["requires"]
    low, high = re.fullmatch(r"uv_build>=([\d.]+),<([\d.]+)", requirement).groups()  # type: ignore[union-attr]
    used = re.findall(r"uv==([\d.]+)", DEVCONTAINER["postCreateCommand"])[0]
    assert version(low) <= version(used) < version(high)


def test_the_codespace_uses_an_image_of_one_version() -> None:
    image = DEVCONTAINER["image"]
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:\d+\.\d+\.\d+-3\.\d+-\w+", image)


def test_the_codespace_opens_notebooks_with_the_right_python() -> None:
    code: dict[str, Any] = DEVCONTAINER["customizations"]["vscode"]
    assert {"ms-python.python", "ms-toolsai.jupyter"} <= set(code["extensions"])
    assert code["settings"]["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


@pytest.mark.parametrize(
    "path", [".venv/bin/python", "grade/grade.json", "backups/tensor.ipynb", "tests/__pycache__/x.pyc"]
)
def test_what_tools_make_is_not_committed(checkout: Checkout, path: str) -> None:
    done = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=checkout("01_tensor"), check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("path", ["tensor.ipynb", "tinytorch/core/tensor.py", "notes.md"])
def test_what_students_make_is_committed(checkout: Checkout, path: str) -> None:
    done = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=checkout("01_tensor"), check=False)
    assert done.returncode == 1


@pytest.mark.slow
def test_a_fresh_clone_has_a_working_tito(checkout: Checkout) -> None:
    repository = checkout("01_tensor")
    assert uv(repository, "sync", "--frozen").returncode == 0
    answer = uv(repository, "run", "--frozen", "tito", "module", "status")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("Tensor (01_tensor)")


@pytest.mark.slow
def test_files_of_the_student_are_not_what_the_grader_imports(checkout: Checkout) -> None:
    repository = checkout("01_tensor")
    for name in ("numpy.py", "json.py", "pytest.py", "autograding.py"):
        (repository / name).write_text("raise SystemExit('imported from the repository')\n")
    answer = uv(repository, "run", "--frozen", "tito", "module", "status")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.slow
def test_a_newer_grader_replaces_the_installed_one(checkout: Checkout) -> None:
    repository = checkout("01_tensor")
    uv(repository, "sync", "--frozen")
    source = repository / "autograding/src/autograding/grader/tito/main.py"
    source.write_text(source.read_text().replace('prog="tito"', 'prog="newer"'))
    assert "usage: newer" in uv(repository, "run", "--frozen", "tito", "--help").stdout
