"""How `tito` answers a person who used it wrongly, and where it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.grader.tito.conftest import Tito


def test_without_a_command_it_shows_how_to_use_it(tito: Tito) -> None:
    answer = tito()
    assert answer.status == 2
    assert "usage: tito" in answer.err


def test_an_unknown_command_is_wrong_usage(tito: Tito) -> None:
    answer = tito("module", "tset")
    assert answer.status == 2
    assert "test" in answer.err


def test_outside_a_repository_it_says_where_to_go(tito: Tito, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    answer = tito("module", "status", folder=tmp_path / "elsewhere")
    assert answer.status == 2
    assert "there is no assignment.json in this folder or above it" in answer.err
    assert "change into the folder of your assignment" in answer.err


def test_it_works_in_any_folder_of_the_repository(tito: Tito, repository: Path) -> None:
    answer = tito("module", "status", folder=repository / "tinytorch" / "core")
    assert answer.status == 0
    assert answer.out.startswith("Tensor (01_tensor)")


@pytest.mark.parametrize("name", ["01_tensor", "01-tensor", "01", "1", "tensor", "Tensor"])
def test_the_assignment_may_be_named_in_every_way_people_do(tito: Tito, name: str) -> None:
    assert tito("module", "status", name).status == 0


def test_another_assignment_than_this_one_is_refused(tito: Tito) -> None:
    answer = tito("module", "status", "02_activations")
    assert answer.status == 2
    assert "this repository is 01_tensor, not 02_activations" in answer.err


def test_a_damaged_manifest_says_how_to_get_it_back(tito: Tito, repository: Path) -> None:
    (repository / "assignment.json").write_text("{")
    answer = tito("module", "status")
    assert answer.status == 2
    assert "not a manifest of this course" in answer.err
    assert "git checkout" in answer.err


@pytest.mark.parametrize("command", ["test", "export", "status", "reset"])
def test_every_command_says_what_it_does(tito: Tito, command: str) -> None:
    answer = tito("module", command, "--help")
    assert answer.status == 0
    assert f"usage: tito module {command}" in answer.out
