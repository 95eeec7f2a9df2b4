"""The rules of a course about the source of an export: allowed imports and forbidden constructs.

They are checked on the syntax tree of the cells that went into the package. A breach
changes no score: it is a flag that says where and why, for a grader to decide. Nothing
that runs can be judged by its text alone, so this finds what is plain to see (see
`names.py`), and leaves a determined cheat to the reader of the notebook.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograding.grader.grade import Flag
from autograding.grader.manifest import Forbidden, Manifest
from autograding.grader.notebook.names import IMPORTERS, Names, walk
from autograding.grader.notebook.read import NotebookCell
from autograding.grader.notebook.syntax import bound_names, parse_tree

IMPORT = "import_not_allowed"
CONSTRUCT = "construct_not_allowed"
FROM_TEXT = "code_from_text"
MAX_FLAGS = 30

STATEMENTS: dict[str, tuple[type[ast.AST], ...]] = {
    "for": (ast.For, ast.AsyncFor),
    "while": (ast.While,),
    "comprehension": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
}
OPERATORS: dict[str, type[ast.operator]] = {"@": ast.MatMult, "**": ast.Pow}
# An operator goes by these names as well.
SPELLED = {
    "@": (("operator.matmul", "operator.imatmul"), ("__matmul__", "__rmatmul__", "__imatmul__")),
    "**": (("operator.pow", "operator.ipow", "pow"), ("__pow__", "__rpow__", "__ipow__")),
}
# What may mean something that a rule is about.
_NAMING = ast.Name | ast.Attribute | ast.Call | ast.Subscript
_TELLING = (
    _NAMING
    | (ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
    | (ast.BinOp | ast.AugAssign | ast.Import | ast.ImportFrom)
)
COMPILERS = frozenset({"eval", "exec", "compile"})
_DOTTED = re.compile(r"\.?[A-Za-z_]\w*|[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)


def is_construct(text: str) -> bool:
    """Whether a rule may forbid this: a dotted name, `.attribute`, an operator or a kind of loop."""
    if text in STATEMENTS or text in OPERATORS:
        return True
    return bool(_DOTTED.fullmatch(text)) and not any(map(keyword.iskeyword, text.split(".")))


def source_flags(cells: Sequence[NotebookCell], manifest: Manifest) -> tuple[Flag, ...]:
    """A flag for each breach of the manifest's rules in the exported cells, with cell and line."""
    if not manifest.allowed_imports and not manifest.forbidden:
        return ()
    found = sorted(
        set(_Check(cells, manifest).breaches()), key=lambda item: (item.cell, item.line, item.what)
    )
    flags = [Flag(item.kind, item.what) for item in found[:MAX_FLAGS]]
    if len(found) > MAX_FLAGS:
        flags.append(Flag(found[MAX_FLAGS].kind, f"and {len(found) - MAX_FLAGS} more like these"))
    return tuple(flags)


@dataclass(frozen=True)
class _Breach:
    cell: int
    line: int
    kind: str
    what: str


@dataclass(frozen=True)
class _Piece:
    """A function, a method or another statement of a cell, with the qualified names it defines."""

    cell: NotebookCell
    exercise: str | None
    node: ast.AST
    defines: tuple[str, ...]

    def breach(self, node: ast.AST, kind: str, what: str) -> _Breach:
        line = getattr(node, "lineno", 1)
        place = f"cell {self.cell.position} ({self.cell.name}), line {line}"
        return _Breach(self.cell.position, line, kind, f"{place} {what}")


class _Check:
    """The pieces of an export, what their names mean, and the rules they must follow."""

    def __init__(self, cells: Sequence[NotebookCell], manifest: Manifest) -> None:
        trees = [(cell, _statements(cell.source)) for cell in cells]
        self._names = Names([item for _, statements in trees for item in statements], manifest.package)
        self._manifest = manifest
        self._pieces = list(_pieces(trees, manifest))
        self._given = {name for cell in manifest.cells for name in cell.defines}

    def breaches(self) -> Iterator[_Breach]:
        for piece in self._pieces:
            for node in walk(piece.node):
                yield from self._imports(piece, node)
                yield from self._from_text(piece, node)
        for rule in self._manifest.forbidden:
            for piece in self._held(rule):
                for node in walk(piece.node):
                    found = (construct for construct in rule.uses if self._is(node, construct))
                    if isinstance(node, _TELLING) and (construct := next(found, None)):
                        yield piece.breach(node, CONSTRUCT, f"uses {construct}, but {rule.because}")

    def _imports(self, piece: _Piece, node: ast.AST) -> Iterator[_Breach]:
        allowed = self._manifest.allowed_imports
        for module in self._names.imported(node) if allowed else ():
            if module.partition(".")[0] not in allowed:
                yield piece.breach(node, IMPORT, f"imports {module}; allowed are {', '.join(allowed)}")

    def _from_text(self, piece: _Piece, node: ast.AST) -> Iterator[_Breach]:
        if isinstance(node, _NAMING):
            for name in sorted(self._names.paths(node) & COMPILERS):
                yield piece.breach(node, FROM_TEXT, f"runs code that is made from text ({name})")
        if not isinstance(node, ast.Call):
            return
        called = self._names.paths(node.func)
        allowed = self._manifest.allowed_imports
        dynamic = called & IMPORTERS and allowed and "importlib" not in allowed
        if dynamic and not [*self._names.imported(node)]:
            yield piece.breach(node, FROM_TEXT, "imports a module whose name is not spelled out")
        if "getattr" in called and node.args and self._names.attribute(node) is None:
            for module in sorted(self._names.modules(node.args[0])):
                yield piece.breach(node, FROM_TEXT, f"reads a name of {module} that is not spelled out")

    def _held(self, rule: Forbidden) -> list[_Piece]:
        """The pieces that a rule holds in, with the helpers they call which nobody gave to the student."""
        if not rule.exercises and not rule.functions:
            return self._pieces
        held = [piece for piece in self._pieces if _names_it(rule, piece)]
        seen = {id(piece) for piece in held}
        for piece in held:
            for helper in self._helpers(piece):
                if id(helper) not in seen:
                    seen.add(id(helper))
                    held.append(helper)
        return held

    def _helpers(self, piece: _Piece) -> list[_Piece]:
        owners = {name.partition(".")[0] for name in piece.defines if "." in name}
        called: set[str] = set()
        for node in walk(piece.node):
            if isinstance(node, ast.Name) and self._names.is_global(node):
                called.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called |= {f"{owner}.{node.attr}" for owner in owners}
        called -= self._given
        return [other for other in self._pieces if called.intersection(other.defines)]

    def _is(self, node: ast.AST, construct: str) -> bool:
        if construct in STATEMENTS:
            return isinstance(node, STATEMENTS[construct])
        if construct in OPERATORS:
            functions, methods = SPELLED[construct]
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, OPERATORS[construct]):
                return True
            return self._names.attribute(node) in methods or any(
                self._means(node, name) for name in functions
            )
        if construct.startswith("."):
            return self._names.attribute(node) == construct[1:]
        return self._means(node, construct)

    def _means(self, node: ast.AST, construct: str) -> bool:
        paths: Iterable[str] = ()
        if isinstance(node, _NAMING):
            paths = self._names.paths(node)
        elif isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths = [
                f"{source}.{alias.name}" for source in self._names.imported(node) for alias in node.names
            ]
        return any(_below(path, construct) for path in paths)


def _below(path: str, construct: str) -> bool:
    """Whether a path leads to the construct, by whatever way: `numpy.linalg.matmul` to `numpy.matmul`."""
    root, *names = path.split(".")
    first, *wanted = construct.split(".")
    places = range(len(names) - len(wanted) + 1)
    return root == first and any(names[place : place + len(wanted)] == wanted for place in places)


def _names_it(rule: Forbidden, piece: _Piece) -> bool:
    return piece.exercise in rule.exercises or any(
        name == function or name.startswith(f"{function}.")
        for name in piece.defines
        for function in rule.functions
    )


def _statements(source: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_tree(source).body


def _pieces(trees: Iterable[tuple[NotebookCell, list[ast.stmt]]], manifest: Manifest) -> Iterator[_Piece]:
    exercises = {cell.id: cell.exercise for cell in manifest.cells if cell.exercise}
    owners = {name: cell.exercise for cell in manifest.cells if cell.exercise for name in cell.defines}
    for cell, statements in trees:
        for statement in statements:
            for node, names in _split(statement):
                owner = next((owners[name] for name in names if name in owners), None)
                yield _Piece(cell, exercises.get(cell.id or "") or owner, node, names)


def _split(statement: ast.stmt) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """A statement with the names it defines; a class in parts, each with the class's name before its own."""
    if not isinstance(statement, ast.ClassDef):
        yield statement, tuple(bound_names(statement))
        return
    for part in (*statement.decorator_list, *statement.bases, *statement.keywords):
        yield part, (statement.name,)
    for item in statement.body:
        yield item, tuple(f"{statement.name}.{name}" for name in bound_names(item)) or (statement.name,)
