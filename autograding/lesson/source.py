"""Reads a lesson and refuses what breaks its grammar."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from autograding.grader.errors import LessonError
from autograding.grader.notebook.syntax import find_fault, parse_tree
from autograding.lesson.cells import Lesson, LessonCell, place, split_cells
from autograding.lesson.solutions import check_text, find_regions


def read_lesson(path: Path) -> Lesson:
    """Read a lesson from its source file. Raises LessonError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(
            f"the lesson cannot be read ({error})", where=str(path), mend="the file must exist and be UTF-8"
        ) from error
    return parse_lesson(text, str(path))


@lru_cache(maxsize=64)
def parse_lesson(text: str, where: str) -> Lesson:
    """Read a lesson and check its grammar. Raises LessonError with the line of the first mistake."""
    cells = []
    for cell in split_cells(text, where):
        check_text(cell, where, text)
        cells.append(replace(cell, solution=bool(find_regions(cell, where))))
    for cell in cells:
        _check_compiles(cell, where)
    return Lesson(where, tuple(cells))


def _check_compiles(cell: LessonCell, where: str) -> None:
    if cell.kind != "code":
        return
    fault = find_fault(cell.source)
    if fault:
        raise LessonError(
            f"the cell does not compile: {fault.reason}",
            where=place(where, cell.line + fault.line),
            mend="each cell must be complete Python of its own, for students run it alone",
        )
    if cell.role == "parameters":
        _check_parameters(cell, where)


def _check_parameters(cell: LessonCell, where: str) -> None:
    for statement in parse_tree(cell.source).body:
        try:
            if not isinstance(statement, ast.Assign):
                raise ValueError("not an assignment")
            ast.literal_eval(statement.value)
        except ValueError as error:
            raise LessonError(
                "the parameters cell holds something else than constants",
                where=place(where, cell.line + statement.lineno),
                mend="write plain assignments such as `QUICK = False`; compute elsewhere",
            ) from error
