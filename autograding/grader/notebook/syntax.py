"""Python source as runs of whole lines, so that cells can be joined without reformatting them."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

MAX_CELL_CHARACTERS = 100_000
# Far above what people write, and far below where Python itself gives up, which depends on who called it.
MAX_DEPTH = 1000

# Python 3.11 counts the depth of all trees under construction together, whichever thread builds them, and
# raises SystemError when two threads meet (python/cpython#106905).
_BUILDING = threading.Lock()

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_COMMAND = re.compile(r"^\s*(?:[%!?]|[^#'\"]*=\s*[%!]\w)")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|={7}|\|{7})")


@dataclass(frozen=True)
class Fault:
    """Why a source does not compile; `line` counts from 1 within it, 0 when no line is to blame."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


@dataclass(frozen=True)
class Part:
    """One statement with the comments above it, or a comment that stands alone.

    `first` is the number of its first line in the source, `gap` the number of blank
    lines above it. A class on several lines has its `body` apart; its `lines` then
    end with the colon.
    """

    lines: tuple[str, ...]
    first: int
    gap: int
    statements: tuple[ast.stmt, ...] = ()
    body: tuple[Part, ...] | None = None

    @property
    def definition(self) -> _Definition | None:
        """The function or class that the part is, if it is one."""
        if len(self.statements) == 1 and isinstance(self.statements[0], _Definition):
            return self.statements[0]
        return None

    @property
    def class_name(self) -> str | None:
        """The name of the class that the part is, if it is one."""
        found = self.definition
        return found.name if isinstance(found, ast.ClassDef) else None

    @property
    def is_import(self) -> bool:
        """Whether the part only imports."""
        return bool(self.statements) and all(
            isinstance(statement, ast.Import | ast.ImportFrom) for statement in self.statements
        )


def parse_tree(source: str) -> ast.Module:
    """`ast.parse`, for several threads at once. Raises what that raises."""
    with _BUILDING:
        return ast.parse(source)  # noqa: TID251 - this is where everybody else is sent


@lru_cache(maxsize=1024)
def find_fault(source: str, limit: int = MAX_CELL_CHARACTERS) -> Fault | None:
    """Why `source` does not compile as a module, or None. Never raises, whatever the text is."""
    if len(source) > limit:
        return Fault(0, f"it is longer than {limit} characters")
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        return Fault(line, "there is a null character in the text")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<cell>", "exec", dont_inherit=True)
            deep = _is_deeper(parse_tree(source), MAX_DEPTH)
    except SyntaxError as error:
        line = error.lineno or 0
        return Fault(line, _reason(source, line, error.msg or "invalid syntax"))
    except (RecursionError, MemoryError):
        return Fault(0, "an expression is nested too deeply")
    except (ValueError, OverflowError) as error:
        return Fault(0, str(error))
    return Fault(0, "an expression is nested too deeply") if deep else None


def _is_deeper(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        if not level:
            return False
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def _reason(source: str, line: int, message: str) -> str:
    lines = source.split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if _CONFLICT.match(text):
        return "this is a marker of an unresolved merge conflict"
    if _COMMAND.match(text):
        return (
            f"{text.strip()[:60]!r} is a notebook command, not Python; "
            "put it into a cell of its own without #| export"
        )
    return message


@lru_cache(maxsize=256)
def split_source(source: str) -> tuple[Part, ...]:
    """The top-level parts of a source that compiles."""
    lines = source.split("\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = parse_tree(source)
    return tuple(_split(lines, tree.body, 1, len(lines), 0))


def join_parts(parts: Sequence[Part], between: int = 2) -> list[str]:
    """The lines of parts, with `between` blank lines around functions and classes."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        if number:
            lines += [""] * _blank_lines(parts[number - 1], part, between)
        elif between == 1:
            lines += [""] * min(part.gap, 1)
        lines += part.lines
        if part.body is not None:
            lines += join_parts(part.body, 1)
    return lines


def open_class(part: Part) -> Part:
    """A class with its body apart, also where it was written on one line."""
    definition = part.definition
    if part.body is not None or not isinstance(definition, ast.ClassDef):
        return part
    row = definition.body[0].lineno - part.first
    line = part.lines[row].encode()
    column = definition.body[0].col_offset
    body = ("    " + line[column:].decode(), *part.lines[row + 1 :])
    header = (*part.lines[:row], line[:column].decode().rstrip())
    return replace(
        part, lines=header, body=(Part(body, part.first + row, 0, statements=tuple(definition.body)),)
    )


def indent_of(body: Sequence[Part]) -> str:
    """The indentation of a class body."""
    for part in body:
        for line in part.lines:
            return line[: len(line) - len(line.lstrip())]
    return "    "


def reindent(part: Part, old: str, new: str) -> Part:
    """The part with another indentation; lines that lie inside a text are left alone."""
    inside = {
        line
        for statement in part.statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    return replace(
        part,
        lines=tuple(
            new + line.removeprefix(old) if number not in inside and line.startswith(old) else line
            for number, line in enumerate(part.lines, part.first)
        ),
        body=None if part.body is None else tuple(reindent(item, old, new) for item in part.body),
    )


def defined_names(source: str) -> tuple[str, ...]:
    """The qualified names a source defines, such as `Tensor` and `Tensor.reshape`, in order.

    A class that continues itself (`class Tensor(Tensor):`) defines its methods only.
    For a source that does not compile it is what its lines look like.
    """
    if find_fault(source):
        return tuple(dict.fromkeys(_apparent_names(source)))
    names: list[str] = []
    for part in split_source(source):
        names += part_names(part)
    return tuple(dict.fromkeys(names))


def part_names(part: Part) -> list[str]:
    """The qualified names one top-level part defines; imports do not count."""
    names: list[str] = []
    for statement in part.statements:
        if isinstance(statement, ast.ClassDef):
            names += [] if continues_itself(statement) else [statement.name]
            names += [f"{statement.name}.{name}" for item in statement.body for name in bound_names(item)]
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            names += bound_names(statement)
    return names


def continues_itself(definition: ast.ClassDef) -> bool:
    """Whether this is `class Name(Name):`, which adds to a class of an earlier cell."""
    return (
        len(definition.bases) == 1
        and isinstance(definition.bases[0], ast.Name)
        and definition.bases[0].id == definition.name
        and not definition.keywords
        and not definition.decorator_list
    )


def bound_names(statement: ast.stmt) -> list[str]:
    """The names a statement binds in its own scope, in order."""
    names: list[str] = []
    for node in _own_scope([statement]):
        if isinstance(node, _Definition):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.append(node.name)
    return list(dict.fromkeys(names))


def used_names(statements: Iterable[ast.stmt]) -> set[str]:
    """The names that are read when the statements run, as opposed to when their functions are called.

    Annotations do not count: the exported file does not evaluate them.
    """
    return {
        node.id
        for node in _own_scope(statements, enter_classes=True)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def mentions(statements: Iterable[ast.stmt], names: set[str]) -> bool:
    """Whether one of `names` stands anywhere in the statements, function bodies included."""
    return any(
        isinstance(node, ast.Name) and node.id in names
        for statement in statements
        for node in ast.walk(statement)
    )


def _own_scope(statements: Iterable[ast.stmt], *, enter_classes: bool = False) -> Iterator[ast.AST]:
    """The nodes that are evaluated in the scope of `statements`; a stack, for code may be nested deeply."""
    stack: list[ast.AST] = []
    stack.extend(reversed([*statements]))
    while stack:
        node = stack.pop()
        yield node
        children: list[ast.AST]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            children = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif isinstance(node, ast.Lambda):
            children = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif isinstance(node, ast.ClassDef) and not enter_classes:
            children = [*node.decorator_list, *node.bases]
        elif isinstance(node, ast.AnnAssign):
            children = [node.target, *([node.value] if node.value else [])]
        else:
            children = list(ast.iter_child_nodes(node))
        stack += children[::-1]


def _apparent_names(source: str) -> Iterator[str]:
    owner = ""
    for line in source.split("\n"):
        found = re.match(r"(\s*)(?:async\s+)?(class|def)\s+(\w+)(?:\s*\(\s*(\w+)\s*\))?", line)
        if not found:
            continue
        indent, keyword, name, base = found.groups()
        if indent:
            yield f"{owner}.{name}" if owner else name
            continue
        owner = name if keyword == "class" else ""
        if base != name or keyword == "def":
            yield name


def _split(lines: list[str], body: Sequence[ast.stmt], first: int, last: int, indent: int) -> Iterator[Part]:
    """Parts of the lines `first` to `last` (counted from 1), which hold `body`."""
    spans = list(_spans(body))
    position = first
    for number, (start, end, statements) in enumerate(spans):
        comments, loose = _comments(lines, position, start - 1)
        yield from loose
        following = spans[number + 1][0] if number + 1 < len(spans) else last + 1
        end = _end_with_comments(lines, end, following, indent, statements[-1])
        begins, gap = (comments.first, comments.gap) if comments.lines else (start, comments.gap)
        yield _part(lines, begins, end, gap, statements, indent)
        position = end + 1
    comments, loose = _comments(lines, position, last)
    yield from loose
    if comments.lines:
        yield comments


def _part(
    lines: list[str], first: int, last: int, gap: int, statements: tuple[ast.stmt, ...], indent: int
) -> Part:
    part = Part(tuple(lines[first - 1 : last]), first, gap, statements)
    definition = part.definition
    if indent or not isinstance(definition, ast.ClassDef):
        return part
    colon = _line_of_colon(lines, definition)
    start = min([definition.body[0].lineno, *(item.lineno for item in _decorators(definition.body[0]))])
    if start <= colon:
        return part
    column = definition.body[0].col_offset
    body = tuple(_split(lines, definition.body, colon + 1, last, column))
    return replace(part, lines=tuple(lines[first - 1 : colon]), body=body)


def _line_of_colon(lines: list[str], definition: ast.ClassDef) -> int:
    """The last line of `class Name(...):`; its last expression is followed by brackets and comments only."""
    header = [*definition.bases, *definition.keywords, *getattr(definition, "type_params", [])]
    expressions = [(node.end_lineno or 0, node.end_col_offset or 0) for node in header]
    row, column = max([*expressions, (definition.lineno, 0)])
    text = lines[row - 1].encode()[column:].decode(errors="replace")
    while ":" not in text.partition("#")[0] and row < len(lines):
        row += 1
        text = lines[row - 1]
    return row


def _decorators(statement: ast.stmt) -> list[ast.expr]:
    return statement.decorator_list if isinstance(statement, _Definition) else []


def _spans(body: Sequence[ast.stmt]) -> Iterator[tuple[int, int, tuple[ast.stmt, ...]]]:
    """First line, last line and statements of each run of lines; `a = 1; b = 2` is one run."""
    start, end, statements = 0, 0, list[ast.stmt]()
    for statement in body:
        begins = min([statement.lineno, *(item.lineno for item in _decorators(statement))])
        if statements and begins > end:
            yield start, end, tuple(statements)
            statements = []
        start = start if statements else begins
        statements.append(statement)
        end = statement.end_lineno or statement.lineno
    if statements:
        yield start, end, tuple(statements)


def _comments(lines: list[str], first: int, last: int) -> tuple[Part, list[Part]]:
    """The comment that touches what follows line `last` (possibly empty), and those that stand alone."""
    loose: list[Part] = []
    gap, block = 0, list[str]()
    for number in range(first, last + 1):
        if lines[number - 1].strip():
            block.append(lines[number - 1])
        elif block:
            loose.append(Part(tuple(block), number - len(block), gap))
            gap, block = 1, []
        else:
            gap += 1
    return Part(tuple(block), last - len(block) + 1, gap), loose


def _end_with_comments(lines: list[str], end: int, following: int, indent: int, statement: ast.stmt) -> int:
    """The last line of a statement, with comments inside its block that come after its last code."""
    if not hasattr(statement, "body"):
        return end
    for number in range(end + 1, following):
        text = lines[number - 1]
        if not text.strip():
            continue
        if len(text) - len(text.lstrip()) <= indent:
            break
        end = number
    return end


def _blank_lines(above: Part, below: Part, between: int) -> int:
    if above.definition or below.definition:
        return between
    least = 1 if above.is_import and not below.is_import else 0
    return max(least, min(below.gap, between))
