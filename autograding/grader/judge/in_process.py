"""The tests in one interpreter with the student's code: for a debugger, never for a grade.

The judge gives every test a process of its own. Here each test gets the package
imported anew, and what it changed outside the package is put back after it.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograding.grader.judge.plugin import ExerciseMark, seeded
from autograding.grader.manifest import read_manifest


@contextmanager
def like_a_fresh_process(package: str = "tinytorch") -> Iterator[None]:
    """Inside, `package` has not been imported; afterwards modules and global settings are as before.

    Covers what tests and lessons have to do with: loaded and hidden modules, numpy's
    error settings, and the global generators of numpy and of Python.
    """
    modules, generator, settings = dict(sys.modules), random.getstate(), np.geterr()
    numbers = np.random.get_state()
    for name in _below(package):
        del sys.modules[name]
    try:
        yield
    finally:
        hidden = {name for name in sys.modules if sys.modules[name] is None}
        for name in _below(package) | hidden:
            del sys.modules[name]
        sys.modules.update(modules)
        random.setstate(generator)
        np.random.set_state(numbers)
        np.seterr(**settings)


def _below(package: str) -> set[str]:
    """The loaded modules that are `package` or part of it."""
    return {name for name in sys.modules if name == package or name.startswith(package + ".")}


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
        for loaded in _below(name):
            del sys.modules[loaded]
        sys.modules[name] = None  # type: ignore[assignment]

    def fresh_import(self, name: str) -> Any:
        sys.modules.pop(name, None)
        return importlib.import_module(name)


class InProcessPlugin:
    """The fixtures of the judge, without a border."""

    @pytest.fixture
    def tt(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcessPackage]:
        with like_a_fresh_process():
            yield InProcessPackage(monkeypatch)

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
