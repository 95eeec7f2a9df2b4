"""What is known of a package whose tests all passed, and which of them another package leaves open.

A test that enters no function in which the other package differs computes what it
computed before, and passes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograding.assignments.one_process.functions import Source, changed_functions, read_source

Function = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """The result of the tests, the sources of the package, and the functions that each test enters."""

    result: Mapping[str, Any]
    texts: Mapping[str, str]
    sources: Mapping[str, Source]
    entered: Mapping[str, frozenset[Function]]

    def open_tests(self, package: Path) -> list[str]:
        """The tests that have to run on another package."""
        changed = self._changed(_texts(package))
        return [test for test, entered in self.entered.items() if changed is None or entered & changed]

    def completed(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The result of those tests, with all others as they were."""
        ran = {test["nodeid"]: test for test in result["tests"]}
        tests = [ran.get(test["nodeid"], test) for test in self.result["tests"]]
        return {"tests": tests, "collected": self.result["collected"]}

    def _changed(self, texts: Mapping[str, str]) -> frozenset[Function] | None:
        """The functions that differ, or None where something else does, which all tests may notice."""
        if texts.keys() != self.texts.keys():
            return None
        changed: set[Function] = set()
        for file in (file for file, text in texts.items() if text != self.texts[file]):
            try:
                functions = changed_functions(self.sources[file], read_source(texts[file]))
            except SyntaxError:
                return None
            if functions is None:
                return None
            changed |= {(file, function) for function in functions}
        return frozenset(changed)


def know(package: Path, result: Mapping[str, Any]) -> Known | None:
    """What can be known of a package by this result with `entered`: nothing where a test did not pass."""
    if any(test["outcome"] != "passed" for test in result["tests"]):
        return None
    texts = _texts(package)
    sources = {file: read_source(text) for file, text in texts.items()}
    entered = {
        test: frozenset((file, function) for file, line in places if (function := sources[file].at(line)))
        for test, places in result["entered"].items()
    }
    return Known(result, texts, sources, entered)


def _texts(package: Path) -> dict[str, str]:
    files = sorted(package.rglob("*.py"))
    return {file.relative_to(package).as_posix(): file.read_text(encoding="utf-8") for file in files}
