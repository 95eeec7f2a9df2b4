"""`tito system doctor`: what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.grader.tito.conftest import Tito

KNOWN = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "user.name",
    "GIT_CONFIG_VALUE_0": "A Student",
    "GIT_CONFIG_KEY_1": "user.email",
    "GIT_CONFIG_VALUE_1": "student@example.org",
}


def line_of(text: str, name: str) -> str:
    return next(line.strip() for line in text.splitlines() if f" {name}  " in line)


def add_origin(repository: Path) -> None:
    command = ["git", "remote", "add", "origin", "https://github.com/course/01-tensor-student"]
    subprocess.run(command, cwd=repository, check=True)


def test_a_good_set_up_is_all_well(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    answer = tito("system", "doctor", variables=KNOWN)
    assert answer.status == 0
    assert answer.out.rstrip().endswith("All is well.")


def test_git_without_a_name_gets_the_command_that_mends_it(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    nobody = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    answer = tito("system", "doctor", variables=nobody)
    assert answer.status == 1
    assert 'git config --global user.name "Your Name"' in answer.out


def test_a_repository_without_origin_is_a_problem(tito: Tito) -> None:
    answer = tito("system", "doctor", variables=KNOWN)
    assert answer.status == 1
    assert "there is no origin to push to" in line_of(answer.out, "remote")


def test_changed_protected_files_are_named_with_the_way_back(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    with (repository / "tests/test_tensor.py").open("a") as file:
        file.write("# changed\n")
    answer = tito("system", "doctor", variables=KNOWN)
    assert answer.status == 1
    assert "changed or missing: tests/test_tensor.py" in line_of(answer.out, "protected files")
    assert "git checkout " in answer.out
    assert " -- tests" in answer.out


def test_the_way_back_works(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    (repository / "tests/test_tensor.py").unlink()
    answer = tito("system", "doctor", variables=KNOWN)
    command = next(line for line in answer.out.splitlines() if "git checkout" in line).strip()
    subprocess.run(command.split(), cwd=repository, check=True, capture_output=True)
    assert tito("system", "doctor", variables=KNOWN).status == 0


def test_a_machine_without_a_sandbox_is_noted_and_no_problem(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    answer = tito("system", "doctor", variables=KNOWN | {"TINYTORCH_SANDBOX": "none"})
    assert answer.status == 0
    assert line_of(answer.out, "sandbox") == "note  sandbox          none on this machine"


def test_an_unknown_sandbox_is_a_problem_with_the_names_there_are(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    answer = tito("system", "doctor", variables=KNOWN | {"TINYTORCH_SANDBOX": "docker"})
    assert answer.status == 1
    assert "there is no sandbox of this name: 'docker'" in line_of(answer.out, "sandbox")
    assert "choose one of bubblewrap, namespaces, none" in answer.out


@pytest.mark.slow
def test_the_sandbox_command_says_what_held_and_what_did_not(tito: Tito) -> None:
    answer = tito("system", "sandbox", variables={"TINYTORCH_SANDBOX": "none"})
    assert answer.status == 0
    assert line_of(answer.out, "memory").startswith("ok ")
    assert line_of(answer.out, "network").startswith("no ")
    assert "Nothing is isolated here" in answer.out


def test_outside_a_repository_it_still_looks_at_the_machine(tito: Tito, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    answer = tito("system", "doctor", folder=tmp_path / "elsewhere")
    assert answer.status == 1
    assert "NumPy" in answer.out
    assert "there is no assignment.json" in answer.out


def test_an_unreadable_notebook_is_a_problem(tito: Tito, repository: Path) -> None:
    add_origin(repository)
    (repository / "tensor.ipynb").write_text("{")
    answer = tito("system", "doctor", variables=KNOWN)
    assert answer.status == 1
    assert "this is not JSON" in line_of(answer.out, "notebook")
