"""What one interpreter does to resemble the fresh process that every test gets from the judge."""

from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from autograding.grader.judge.in_process import InProcessPackage, like_a_fresh_process
from tests.grader.conftest import MakePackage

COUNTER = "calls = []\ndef count():\n    calls.append(1)\n    return len(calls)\n"


@pytest.fixture
def counter(make_package: MakePackage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's package that remembers how often it was called, ready to be imported."""
    folder = make_package(COUNTER)
    monkeypatch.syspath_prepend(folder)
    return folder


def test_each_test_imports_the_package_anew(counter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        with like_a_fresh_process():
            assert InProcessPackage(monkeypatch).count() == 1


def test_the_package_that_was_loaded_before_is_back_afterwards() -> None:
    before = importlib.import_module("tinytorch")
    with like_a_fresh_process():
        assert "tinytorch" not in sys.modules
    assert sys.modules["tinytorch"] is before


def test_a_module_imported_anew_is_gone_after_the_test(
    counter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with like_a_fresh_process():
        tt = InProcessPackage(monkeypatch)
        first = tt.count
        assert tt.fresh_import("tinytorch").count is not first
    assert not hasattr(sys.modules.get("tinytorch"), "calls")


def test_a_hidden_module_is_back_after_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    with like_a_fresh_process():
        InProcessPackage(monkeypatch).hide("json")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("json")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("json.decoder")
    assert importlib.import_module("json") is json


def test_hiding_a_module_that_was_never_loaded_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    with like_a_fresh_process():
        InProcessPackage(monkeypatch).hide("a_module_nobody_wrote")
    assert "a_module_nobody_wrote" not in sys.modules


def test_the_package_itself_can_be_hidden(counter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with like_a_fresh_process():
        tt = InProcessPackage(monkeypatch)
        tt.hide("tinytorch")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("tinytorch")
    with like_a_fresh_process():
        assert InProcessPackage(monkeypatch).count() == 1


def test_global_generators_go_on_as_if_nothing_had_been_drawn() -> None:
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    with like_a_fresh_process():
        random.random()
        np.random.random()
    assert (random.random(), np.random.random()) == expected


def test_numpys_error_settings_are_those_of_before() -> None:
    before = np.geterr()
    with like_a_fresh_process():
        np.seterr(all="raise")
    assert np.geterr() == before
