"""Solution regions: the strict grammar of their markers, and the stubs students get instead."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograding.grader.errors import LessonError
from autograding.grader.notebook.export import EXPORT_LINE
from autograding.grader.notebook.syntax import find_fault, parse_tree
from autograding.lesson.cells import Lesson, LessonCell, place

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"

_COMPACT = ("beginsolution", "endsolution", "startsolution", "stopsolution")
_FOREIGN = re.compile(r"(?:BEGIN|END)(?:\s+[A-Z]+)*")
_EXACT = f"write exactly `{BEGIN}` or `{END}`, alone on its line"


@dataclass(frozen=True)
class Region:
    """The lines of a solution in a cell's source, both markers included, counted from 0."""

    begin: int
    end: int
    indent: str
    function: str


@dataclass(frozen=True)
class SolutionLine:
    """A line that no rendered file may contain, without its indentation; `line` is its line in the lesson."""

    text: str
    line: int


def check_text(cell: LessonCell, where: str, text: str) -> None:
    """Refuse anything like a marker in a Markdown cell. `text` is the whole lesson."""
    if cell.kind == "code":
        return
    lines = text.split("\n")
    for number in range(cell.line, len(lines)):
        if lines[number].startswith(("# %%", "#%%")):
            return
        if marker(lines[number].removeprefix("# ")):
            raise LessonError(
                f"a solution marker stands in a Markdown cell: {lines[number].strip()!r}",
                where=place(where, number + 1),
                mend="solutions stand in code cells only: move it, or open a code cell above it with `# %%`",
            )


def marker(line: str) -> str:
    """`begin`, `end`, `wrong` for something that is nearly a marker, or nothing."""
    stripped = line.strip()
    if stripped in (BEGIN, END):
        return "begin" if stripped == BEGIN else "end"
    if "#" not in stripped:
        return ""
    comment = stripped.rpartition("#")[2].strip()
    compact = "".join(re.findall(r"[a-z]", comment.lower()))
    close = difflib.get_close_matches(compact, _COMPACT, 1, cutoff=0.85)
    return "wrong" if close or _FOREIGN.fullmatch(comment) else ""


def find_regions(cell: LessonCell, where: str) -> tuple[Region, ...]:
    """The solution regions of a cell. Raises LessonError for every breach of the grammar."""
    if cell.kind != "code":
        return ()
    regions: list[Region] = []
    lines = cell.source.split("\n")
    begin: int | None = None
    for number, line in enumerate(lines):
        here = place(where, cell.line + number + 1)
        kind = marker(line)
        if kind == "wrong":
            raise LessonError(f"this is not a solution marker: {line.strip()!r}", where=here, mend=_EXACT)
        if kind:
            _check_cell(cell, here)
        if kind == "begin" and begin is not None:
            raise LessonError(
                f"a solution begins inside the one that begins in line {cell.line + begin + 1}",
                where=here,
                mend=f"close that one first with `{END}`; solutions do not nest",
            )
        if kind == "end" and begin is None:
            raise LessonError(
                f"`{END}` without a `{BEGIN}` before it in this cell",
                where=here,
                mend=f"write `{BEGIN}` above the first line of the solution, or remove this line",
            )
        if kind == "begin":
            begin = number
        elif kind == "end" and begin is not None:
            regions.append(_region(cell, where, lines, begin, number))
            begin = None
    if begin is not None:
        raise LessonError(
            f"`{BEGIN}` without an `{END}` in the same cell",
            where=place(where, cell.line + begin + 1),
            mend=f"write `{END}` below the last line of the solution, indented like this line",
        )
    if regions:
        _check_stub(cell, where, regions)
    return tuple(regions)


def strip_solutions(lesson: Lesson, number: str) -> Lesson:
    """The lesson a student gets: each solution is replaced by a NotImplementedError that names it."""
    return replace(
        lesson,
        cells=tuple(
            replace(cell, source=_stripped(cell, find_regions(cell, lesson.where), number))
            for cell in lesson.cells
        ),
    )


def without_markers(lesson: Lesson) -> Lesson:
    """The lesson with its solutions, but without the lines that mark them."""
    return replace(
        lesson,
        cells=tuple(
            replace(cell, source="\n".join(line for line in cell.source.split("\n") if not marker(line)))
            for cell in lesson.cells
        ),
    )


def solution_lines(lesson: Lesson) -> tuple[SolutionLine, ...]:
    """Every line of every solution that is not blank."""
    return tuple(_solution_lines(lesson))


def _solution_lines(lesson: Lesson) -> Iterator[SolutionLine]:
    for cell in lesson.cells:
        lines = cell.source.split("\n")
        for region in find_regions(cell, lesson.where):
            for number in range(region.begin + 1, region.end):
                if lines[number].strip():
                    yield SolutionLine(lines[number].strip(), cell.line + number + 1)


def _stripped(cell: LessonCell, regions: tuple[Region, ...] | list[Region], number: str) -> str:
    lines = cell.source.split("\n")
    for region in reversed(regions):
        message = f"{number}.{cell.exercise}: {region.function} is not written yet"
        lines[region.begin : region.end + 1] = [
            f"{region.indent}# YOUR CODE HERE",
            f'{region.indent}raise NotImplementedError("{message}")',
        ]
    return "\n".join(lines)


def _check_cell(cell: LessonCell, here: str) -> None:
    if cell.role != "export":
        raise LessonError(
            "a solution marker stands in a cell that does not go into the package",
            where=here,
            mend=f"make `{EXPORT_LINE}` the first line of the cell, or move the solution",
        )
    if not cell.exercise:
        raise LessonError(
            "a solution marker stands in a cell without an exercise",
            where=here,
            mend='say on the cell line whose solution it is: `# %% id="..." exercise="..."`',
        )


def _region(cell: LessonCell, where: str, lines: list[str], begin: int, end: int) -> Region:
    def mistake(what: str, mend: str, line: int = begin) -> LessonError:
        return LessonError(what, where=place(where, cell.line + line + 1), mend=mend)

    indent = _indent(lines[begin])
    if _indent(lines[end]) != indent:
        raise mistake(
            f"`{END}` is not indented like its `{BEGIN}` in line {cell.line + begin + 1}",
            "indent both like the solution between them",
            end,
        )
    fault = find_fault(cell.source)
    if fault:
        raise mistake(
            f"the cell does not compile: {fault.reason}", "mend the Python first", max(fault.line - 1, 0)
        )
    tree = parse_tree(cell.source)
    inside = [node for node in _statements(tree) if begin < _first_line(node) - 1 < end]
    if not inside or all(_is_filler(node) for node in inside):
        raise mistake("the solution is empty", "write the solution between the markers, or remove them")
    first = min(inside, key=_first_line)
    path = _path_to(tree, first)
    functions = [node for node in path if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not functions or functions[-1].lineno - 1 > begin:
        raise mistake(
            "a solution stands outside a function",
            "only the body of a function can be a solution, so that the stub imports and runs",
        )
    cut = [node for node in _statements(tree) if _cuts(node, begin) or _cuts(node, end)]
    if cut:
        raise mistake("a marker stands in the middle of a statement", "move it above or below the statement")
    for node in inside:
        found = _indent(lines[_first_line(node) - 1])
        wrong = found != indent if node is first else not found.startswith(indent)
        if wrong:
            raise mistake(
                "the solution is not indented like its markers",
                "indent markers and solution alike, with spaces, and end the region inside its function",
                _first_line(node) - 1,
            )
    names = [node.name for node in path if isinstance(node, ast.ClassDef) or node in functions]
    return Region(begin, end, indent, ".".join(names))


def _check_stub(cell: LessonCell, where: str, regions: list[Region]) -> None:
    fault = find_fault(_stripped(cell, regions, "00"))
    if fault:
        raise LessonError(
            f"without its solution the cell does not compile ({fault.reason})",
            where=place(where, cell.line + regions[0].begin + 1),
            mend="put whole statements between the markers, so that one raise can stand in their place",
        )


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _statements(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(item.lineno for item in _decorators(node))])


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return (
        node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    )


def _is_filler(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _cuts(node: ast.stmt, line: int) -> bool:
    """Whether line (counted from 0) lies inside a simple statement."""
    return not hasattr(node, "body") and node.lineno - 1 < line <= (node.end_lineno or 0) - 1


def _path_to(tree: ast.Module, wanted: ast.stmt) -> list[ast.stmt]:
    """The statements around `wanted`, from the outside in."""
    start, end = wanted.lineno, wanted.end_lineno or wanted.lineno
    around = [
        node
        for node in _statements(tree)
        if node is not wanted
        and node.lineno <= start
        and end <= (node.end_lineno or 0)
        and hasattr(node, "body")
    ]
    return sorted(around, key=lambda node: node.lineno)
