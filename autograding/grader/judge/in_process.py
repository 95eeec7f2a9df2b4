"""The tests in one interpreter with the student's code: for a debugger, never for a grade."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograding.grader.judge.plugin import ExerciseMark, seeded
from autograding.grader.manifest import read_manifest


class InProcessPackage:
    """`tt` without a border: the student's package itself, imported here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __getattr__(self, name: str) -> Any:
        package = importlib.import_module("tinytorch")
        try:
            return getattr(package, name)
        except AttributeError:
            return importlib.import_module(f"tinytorch.{name}")

    def keep(self, value: Any) -> Any:
        return value.copy() if hasattr(value, "copy") else value

    def same(self, first: Any, second: Any) -> bool:
        return first is second

    def patch(self, target: str, *, returns: Any = None, raises: str | None = None) -> None:
        def patched(*_args: Any, **_kwargs: Any) -> Any:
            if raises is not None:
                raise getattr(__import__("builtins"), raises)("simulated by the test")
            return returns

        module, _, name = target.rpartition(".")
        self._monkeypatch.setattr(importlib.import_module(module), name, patched)

    def hide(self, name: str) -> None:
        self._monkeypatch.setitem(sys.modules, name, None)

    def fresh_import(self, name: str) -> Any:
        self._monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)


class InProcessPlugin:
    """The fixtures of the judge, without a border."""

    @pytest.fixture
    def tt(self, monkeypatch: pytest.MonkeyPatch) -> InProcessPackage:
        return InProcessPackage(monkeypatch)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return seeded("", request.node.nodeid)


def run_in_process(repository: Path, arguments: list[str]) -> int:
    """Run the visible tests in this interpreter; `arguments` go to pytest (`--pdb`, `-k`).

    The package must have been exported. Returns pytest's exit status, which
    grades nothing.
    """
    manifest = read_manifest(repository)
    sys.path.insert(0, str(repository))
    files = sorted({str(repository / test.id.partition("::")[0]) for test in manifest.tests})
    options = ["-p", "no:nbmake", "-p", "no:cacheprovider", "--import-mode=importlib"]
    return int(
        pytest.main(
            [*options, f"--rootdir={repository}", *arguments, *files],
            plugins=[ExerciseMark(), InProcessPlugin()],
        )
    )
