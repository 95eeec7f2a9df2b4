"""Where two versions of a source differ, by function.

A function is one at the top of a module or of a class in it; what stands inside it,
other functions too, is its body.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograding.grader.notebook.syntax import parse_tree

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A module: the lines of each function, its body, and what is left when the bodies are taken out."""

    lines: dict[str, range]
    bodies: dict[str, str]
    rest: str

    def at(self, line: int) -> str | None:
        """The function that a line belongs to."""
        return next((name for name, lines in self.lines.items() if line in lines), None)


def read_source(text: str) -> Source:
    """Take a module apart. Raises SyntaxError."""
    module = parse_tree(text)
    lines, bodies = {}, {}
    for name, function in _functions(module, ""):
        # Two may have one name: a property and its setter.
        while name in lines:
            name += "'"
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        lines[name] = range(first, (function.end_lineno or first) + 1)
        bodies[name] = "\n".join(map(ast.dump, function.body))
        function.body = [ast.Pass()]
    return Source(lines, bodies, ast.dump(module))


def _functions(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Definition]]:
    for item in node.body:
        if isinstance(item, Definition):
            yield prefix + item.name, item
        elif isinstance(item, ast.ClassDef):
            yield from _functions(item, f"{prefix}{item.name}.")


def changed_functions(before: Source, after: Source) -> frozenset[str] | None:
    """The functions whose bodies differ, or None where something else differs."""
    if before.rest != after.rest:
        return None
    return frozenset(name for name, body in before.bodies.items() if body != after.bodies[name])
