"""Writes lessons and checkpoints as notebooks: equal sources give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from autograding.course import Assignment
from autograding.grader.errors import LessonError
from autograding.grader.manifest import Cell
from autograding.grader.notebook.syntax import defined_names, find_fault
from autograding.lesson.cells import Lesson, LessonCell, place, split_cells
from autograding.lesson.solutions import marker

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_json(lesson: Lesson, assignment: Assignment) -> str:
    """The lesson as the text of an .ipynb file, without outputs."""
    points = {question.cell: question.points for question in assignment.questions}
    cells = [
        _cell(cell, _cell_metadata(cell, assignment.number, points.get(cell.id, 0))) for cell in lesson.cells
    ]
    return _write(cells, _METADATA | {"tinytorch": {"assignment": assignment.id}})


def checkpoint_notebook(text: str, where: str) -> str:
    """A checkpoint's percent source as the text of an .ipynb file. Raises LessonError."""
    cells = split_cells(text, where)
    for cell in cells:
        fault = find_fault(cell.source) if cell.kind == "code" else None
        if fault:
            raise LessonError(
                f"the cell does not compile: {fault.reason}", where=place(where, cell.line + fault.line)
            )
        if cell.role:
            raise LessonError(
                f"a checkpoint has a cell with the role {cell.role}",
                where=place(where, cell.line),
                mend="a checkpoint holds plain cells only: it uses what the lesson built",
            )
        if any(marker(line) for line in cell.source.split("\n")):
            raise LessonError("a checkpoint has a solution marker", where=place(where, cell.line))
    return _write([_cell(cell, {}) for cell in cells], _METADATA)


def manifest_cells(lesson: Lesson, number: str) -> tuple[Cell, ...]:
    """What the grader must know of a stripped lesson's cells with a role."""
    return tuple(
        Cell(
            id=cell.id,
            role=cell.role,
            exercise=f"{number}.{cell.exercise}" if cell.exercise else None,
            defines=defined_names(cell.source) if cell.role == "export" else (),
            stub=cell.source if cell.role in ("export", "answer") else "",
        )
        for cell in lesson.cells
        if cell.role
    )


def _cell_metadata(cell: LessonCell, number: str, points: float) -> dict[str, Any]:
    if not cell.role:
        return {}
    ours = {"role": cell.role, "cell": cell.id}
    if cell.exercise:
        ours["exercise"] = f"{number}.{cell.exercise}"
    if cell.question:
        ours["question"] = f"{number}.{cell.question}"
    tags = {"check": ["check", "raises-exception"], "parameters": ["parameters"]}.get(cell.role, [])
    nbgrader = _nbgrader(cell, points)
    return (
        {"tinytorch": ours} | ({"tags": tags} if tags else {}) | ({"nbgrader": nbgrader} if nbgrader else {})
    )


def _nbgrader(cell: LessonCell, points: float) -> dict[str, Any]:
    """nbgrader's metadata, schema version 3. Points never come from code cells."""
    if cell.role == "answer":
        kind: dict[str, Any] = {"grade": True, "locked": False, "solution": True, "points": _plain(points)}
    elif cell.role == "check":
        kind = {"grade": False, "locked": True, "solution": False}
    elif cell.solution:
        kind = {"grade": False, "locked": False, "solution": True}
    else:
        return {}
    return kind | {"schema_version": 3, "task": False, "cell_type": cell.kind, "grade_id": cell.id}


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _cell(cell: LessonCell, metadata: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": metadata,
        "source": cell.source.splitlines(keepends=True),
    }
    return body | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _write(cells: Sequence[dict[str, Any]], metadata: dict[str, Any]) -> str:
    """The very bytes nbformat writes, so that opening and saving a notebook changes nothing."""
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
