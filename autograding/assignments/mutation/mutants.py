"""What mutmut made and what became of it, read from the files it leaves behind.

mutmut numbers the mutants of a function, so a number means another mutant after any
change to the function. Here a mutant is known by its function and by its lines
before and after the change.
"""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograding.grader.notebook.syntax import parse_tree

ORIGINAL = "__mutmut_orig"
_MARK = "__mutmut_"
_CLASS_MARK = "ǁ"


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    NO_TEST = "no test"
    UNDECIDED = "undecided"

    @property
    def dead(self) -> bool:
        """Whether the tests noticed: in a grade, a test that takes too long fails as well."""
        return self in (Fate.KILLED, Fate.TIMEOUT)


# Exit statuses of pytest, of mutmut (33: no test calls the function) and of signals: SIGXCPU (24) and,
# a second later, SIGKILL are how mutmut ends what takes too long; a crash (11) is a failed test.
_FATES = {
    0: Fate.SURVIVED,
    1: Fate.KILLED,
    3: Fate.KILLED,
    -11: Fate.KILLED,
    5: Fate.NO_TEST,
    33: Fate.NO_TEST,
    -24: Fate.TIMEOUT,
    -9: Fate.TIMEOUT,
}


@dataclass(frozen=True)
class Change:
    """What identifies a mutant: the function, and its changed lines before and after."""

    function: str
    was: str
    now: str


@dataclass(frozen=True)
class Mutant:
    """One mutant. `wording`: the change is confined to a text of an error message."""

    name: str
    change: Change
    fate: Fate
    wording: bool


def read_mutants(mutated: str, results: str) -> tuple[Mutant, ...]:
    """The mutants of one file: `mutated` is mutmut's source, `results` the JSON it keeps next to it."""
    statuses: Mapping[str, int | None] = json.loads(results)["exit_code_by_key"]
    lines = mutated.splitlines()
    functions = {node.name: node for node in _functions(parse_tree(mutated))}
    return tuple(_mutant(name, status, functions, lines) for name, status in statuses.items())


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in module.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (item for item in members if isinstance(item, ast.FunctionDef) and _MARK in item.name)


def _mutant(
    name: str, status: int | None, functions: Mapping[str, ast.FunctionDef], lines: list[str]
) -> Mutant:
    own_name = name.rpartition(".")[2]
    mangled = own_name.partition(_MARK)[0]
    before, after = functions[mangled + ORIGINAL], functions[own_name]
    was, now = changed_lines(_body(before, lines), _body(after, lines))
    fate = Fate.UNDECIDED if status is None else _FATES.get(status, Fate.UNDECIDED)
    return Mutant(name, Change(readable_name(mangled), was, now), fate, only_wording(before, after))


def readable_name(mangled: str) -> str:
    """`Tensor.item` for mutmut's `xǁTensorǁitem`, `relu` for `x_relu`."""
    return mangled.removeprefix("x_").removeprefix("x" + _CLASS_MARK).replace(_CLASS_MARK, ".")


def _body(function: ast.FunctionDef, lines: list[str]) -> list[str]:
    """The lines of a function, with its name as a reader knows it."""
    first, last = function.lineno - 1, function.end_lineno
    name = readable_name(function.name.partition(_MARK)[0]).rpartition(".")[2]
    return [lines[first].replace(f"def {function.name}(", f"def {name}(", 1), *lines[first + 1 : last]]


def changed_lines(before: Iterable[str], after: Iterable[str]) -> tuple[str, str]:
    """The lines that differ, each side as one line of text."""
    before, after = [line.strip() for line in before], [line.strip() for line in after]
    was: list[str] = []
    now: list[str] = []
    for kind, i, j, k, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            was += before[i:j]
            now += after[k:end]
    return " ".join(was), " ".join(now)


def only_wording(before: ast.FunctionDef, after: ast.FunctionDef) -> bool:
    """Whether the two differ in nothing but text constants inside `raise` statements."""
    return _without_messages(before) == _without_messages(after)


def _without_messages(function: ast.FunctionDef) -> list[str]:
    """Signature and statements of a function as text, with the wording of its errors blanked out."""
    copied = _copy(function)
    return [ast.dump(_BlankMessages().visit(node)) for node in (copied.args, *copied.body)]


def _copy(function: ast.FunctionDef) -> ast.FunctionDef:
    copied = parse_tree(ast.unparse(function)).body[0]
    assert isinstance(copied, ast.FunctionDef)
    return copied


class _BlankMessages(ast.NodeTransformer):
    """Empties every text constant inside `raise` statements."""

    def __init__(self) -> None:
        self._raising = False

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self._raising = True
        try:
            return self.generic_visit(node)
        finally:
            self._raising = False

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if self._raising and isinstance(node.value, str) else node
