"""What the names in a source mean, as far as it can be seen without running it.

`import numpy as n; dot = n.dot` makes `dot` mean `numpy.dot` wherever it is read.
Python can hide a name in more ways than anybody can look for; the plain ones are
followed, and so is text that is spelled out (`getattr(n, "d" + "ot")`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Paths = frozenset[str]

NOTHING: Paths = frozenset()
PACKAGE = "tinytorch"
IMPORTERS = frozenset({"importlib.import_module", "__import__"})
# Bounds on the work that a hostile source can cause.
_MAX_DEPTH = 30
_MAX_PATHS = 20

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Scope:
    """A module, class, function or comprehension: for each of its names what was bound to it.

    A text is the dotted path of an import, an expression the value of an assignment, and
    None something else, such as an argument.
    """

    parent: Scope | None = None
    is_class: bool = False
    names: dict[str, list[str | ast.expr | None]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def bind(self, name: str, meaning: str | ast.expr | None) -> None:
        """Remember one thing that the name may mean."""
        self.names.setdefault(name, []).append(meaning)


class Names:
    """The meaning of every expression in some top-level statements, which share one module.

    What these define themselves goes by the dotted name of the `package` they make.
    `scopes` holds the scope in which each node is evaluated.
    """

    def __init__(self, statements: Sequence[ast.stmt], package: str) -> None:
        self.module = Scope()
        self.scopes: dict[ast.AST, Scope] = {}
        self._paths: dict[ast.AST, Paths] = {}
        self._bound: dict[tuple[int, str], Paths] = {}
        self._roots: set[str] = set()
        for node, scope in _nodes(statements, self.module):
            self.scopes[node] = scope
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._roots.update(name.partition(".")[0] for name in self.imported(node))
            _bind(node, scope)
            if scope is self.module and isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                scope.bind(node.name, f"{package}.{node.name}")

    def paths(self, node: ast.expr, depth: int = 0) -> Paths:
        """The dotted paths that an expression may mean: `numpy.dot`, or `sum` for what is built in."""
        if depth > _MAX_DEPTH or node not in self.scopes:
            return NOTHING
        if node not in self._paths:
            self._paths[node] = NOTHING
            found = self._meaning(node, self.scopes[node], depth + 1)
            self._paths[node] = frozenset(sorted(map(_plain, found))[:_MAX_PATHS])
        return self._paths[node]

    def text(self, node: ast.expr | None, depth: int = 0) -> str | None:
        """The text that an expression spells out, or None."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [self.text(node.left, depth + 1), self.text(node.right, depth + 1)]
        elif isinstance(node, ast.JoinedStr):
            parts = [self.text(part, depth + 1) for part in node.values]
        elif isinstance(node, ast.FormattedValue):
            return self.text(node.value, depth + 1)
        elif isinstance(node, ast.Name) and (found := self._single(node)) is not None:
            return self.text(found, depth + 1)
        else:
            return None
        known = [part for part in parts if part is not None]
        return "".join(known) if len(known) == len(parts) else None

    def imported(self, node: ast.AST) -> Iterator[str]:
        """The modules that a statement or a call imports; a relative import is one of the package."""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield _source(node)
        elif isinstance(node, ast.Call) and self.paths(node.func) & IMPORTERS:
            name = self.text(_argument(node, 0, "name"))
            if name:
                yield name if not name.startswith(".") else f"{PACKAGE}{name}"

    def modules(self, node: ast.expr) -> Paths:
        """The paths that an expression may mean, where they begin with an import from outside the package."""
        return frozenset(
            path for path in self.paths(node) if path.partition(".")[0] in self._roots - {PACKAGE}
        )

    def is_global(self, node: ast.Name) -> bool:
        """Whether a name belongs to the module, and not to a function or class around it."""
        scope: Scope | None = self.scopes.get(node)
        while scope is not None and node.id not in scope.names:
            scope = scope.parent
        return scope is self.module

    def attribute(self, node: ast.AST) -> str | None:
        """The attribute that a node reads, also by `getattr`, `attrgetter` or `methodcaller`."""
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Call):
            called = self.paths(node.func)
            if "getattr" in called:
                return self.text(_argument(node, 1, ""))
            if called & {"operator.attrgetter", "operator.methodcaller"}:
                return self.text(_argument(node, 0, ""))
        return None

    def _meaning(self, node: ast.expr, scope: Scope, depth: int) -> Iterable[str]:
        if isinstance(node, ast.Name):
            return self._lookup(node.id, scope, depth)
        if isinstance(node, ast.Attribute):
            return (f"{path}.{node.attr}" for path in self.paths(node.value, depth))
        if isinstance(node, ast.NamedExpr):
            return self.paths(node.value, depth)
        if isinstance(node, ast.IfExp):
            return self.paths(node.body, depth) | self.paths(node.orelse, depth)
        if isinstance(node, ast.BoolOp):
            return frozenset().union(*(self.paths(value, depth) for value in node.values[:_MAX_PATHS]))
        if isinstance(node, ast.Call):
            return self._called(node, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, depth)
        return NOTHING

    def _lookup(self, name: str, scope: Scope, depth: int) -> Paths:
        first: Scope = scope
        here: Scope | None = scope
        stars: list[str] = []
        while here is not None:
            stars += here.stars
            if name in here.names and (here is first or not here.is_class):
                return self._binding(here, name, depth)
            here = here.parent
        return frozenset({name, *(f"{module}.{name}" for module in stars)})

    def _binding(self, scope: Scope, name: str, depth: int) -> Paths:
        key = (id(scope), name)
        if key not in self._bound:
            self._bound[key] = NOTHING
            found: set[str] = set()
            for meaning in scope.names[name][:_MAX_PATHS]:
                if isinstance(meaning, ast.expr):
                    found |= self.paths(meaning, depth)
                elif meaning is not None:
                    found.add(meaning)
            self._bound[key] = frozenset(found)
        return self._bound[key]

    def _single(self, node: ast.Name) -> ast.expr | None:
        """The one value that a name was ever given, where it is plain to see."""
        scope: Scope | None = self.scopes.get(node)
        while scope is not None and node.id not in scope.names:
            scope = scope.parent
        meanings = scope.names[node.id] if scope else []
        return meanings[0] if len(meanings) == 1 and isinstance(meanings[0], ast.expr) else None

    def _called(self, node: ast.Call, depth: int) -> Iterable[str]:
        called = self.paths(node.func, depth)
        if called & IMPORTERS:
            name = self.text(_argument(node, 0, "name"), depth)
            return {name} if name else NOTHING
        if "getattr" in called:
            name = self.text(_argument(node, 1, ""), depth)
            return self._attributes(_argument(node, 0, ""), name, depth)
        if "vars" in called:
            return self._attributes(_argument(node, 0, ""), "__dict__", depth)
        if "globals" in called:
            return {"globals()"}
        if isinstance(node.func, ast.Call) and "operator.attrgetter" in self.paths(node.func.func, depth):
            name = self.text(_argument(node.func, 0, ""), depth)
            return self._attributes(_argument(node, 0, ""), name, depth)
        return NOTHING

    def _attributes(self, base: ast.expr | None, name: str | None, depth: int) -> Iterable[str]:
        return {f"{path}.{name}" for path in self.paths(base, depth)} if base and name else NOTHING

    def _item(self, node: ast.Subscript, depth: int) -> Iterable[str]:
        key = self.text(node.slice, depth)
        base = self.paths(node.value, depth) if key else NOTHING
        found = {f"{path.removesuffix('.__dict__')}.{key}" for path in base if path.endswith(".__dict__")}
        if key and "__builtins__" in base:
            found.add(key)
        if key and "sys.modules" in base:
            found.add(key)
        if key and "globals()" in base:
            found |= self._lookup(key, self.module, depth)
        return found


def walk(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement without its annotations, which say nothing of what the code does."""
    stack = [statement]
    while stack:
        node = stack.pop()
        yield node
        stack += _parts(node)[::-1]


def _parts(node: ast.AST) -> list[ast.AST]:
    """The nodes below this one that are evaluated. Annotations are not."""
    without: ast.AST | None = None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        without = node.returns
    elif isinstance(node, ast.arg | ast.AnnAssign):
        without = node.annotation
    return [
        child
        for child in ast.iter_child_nodes(node)
        if child is not without and not isinstance(child, ast.expr_context)
    ]


def _nodes(statements: Sequence[ast.stmt], module: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Every node with the scope it is evaluated in; a stack, for code may be nested deeply."""
    stack: list[tuple[ast.AST, Scope]] = [(statement, module) for statement in reversed(statements)]
    while stack:
        node, scope = stack.pop()
        yield node, scope
        inner = Scope(scope, isinstance(node, ast.ClassDef)) if _opens(node) else scope
        outside = _evaluated_outside(node)
        stack += [(child, scope if child in outside else inner) for child in _parts(node)[::-1]]


def _opens(node: ast.AST) -> bool:
    return isinstance(node, _Function | _Comprehension | ast.ClassDef)


def _evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """What belongs to a node that opens a scope, and is evaluated around it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    return []


def _bind(node: ast.AST, scope: Scope) -> None:
    """Note what a node binds in its scope."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            scope.bind(
                alias.asname or alias.name.partition(".")[0],
                alias.name if alias.asname else alias.name.partition(".")[0],
            )
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(_source(node))
            else:
                scope.bind(alias.asname or alias.name, f"{_source(node)}.{alias.name}")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        scope.bind(node.name, None)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            _assign(target, node.value, scope)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
        scope.bind(node.target.id, node.value)
    elif isinstance(node, ast.arg):
        scope.bind(node.arg, None)
    elif isinstance(node, ast.ExceptHandler) and node.name:
        scope.bind(node.name, None)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        scope.names.setdefault(node.id, [])


def _assign(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, value)
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        pairs = zip(target.elts, value.elts, strict=False)
        for name, item in ((part.id, item) for part, item in pairs if isinstance(part, ast.Name)):
            scope.bind(name, item)


def _source(node: ast.ImportFrom) -> str:
    module = node.module or ""
    return f"{PACKAGE}.{module}".rstrip(".") if node.level else module


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    if len(call.args) > place:
        return call.args[place]
    return next((item.value for item in call.keywords if name and item.arg == name), None)


def _plain(path: str) -> str:
    """What is built in goes by its bare name."""
    return path.removeprefix("builtins.").removeprefix("__builtins__.")
