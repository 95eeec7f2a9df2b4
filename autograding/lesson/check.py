"""Does a lesson hold what its `module.yml` promises?"""

from __future__ import annotations

import re
from pathlib import Path

from autograding.course import Assignment
from autograding.grader.errors import LessonError
from autograding.grader.notebook.syntax import defined_names
from autograding.lesson.cells import Lesson, place


def check_lesson(lesson: Lesson, assignment: Assignment) -> None:
    """Raise LessonError where the cells of a lesson and its declared exercises and questions differ."""
    exercises = [exercise.id.partition(".")[2] for exercise in assignment.exercises]
    questions = [question.id.partition(".")[2] for question in assignment.questions]
    for kind, declared in (("exercise", exercises), ("question", questions)):
        for cell in lesson.cells:
            used = getattr(cell, kind)
            if used and used not in declared:
                raise LessonError(
                    f"module.yml declares no {kind} {used!r}",
                    where=place(lesson.where, cell.line),
                    mend=f"declare it there, or use one of: {', '.join(declared) or 'none is declared'}",
                )
    written = {cell.exercise for cell in lesson.cells if cell.solution}
    for name in exercises:
        if name not in written:
            raise LessonError(
                f"module.yml declares the exercise {name!r}, but no cell holds a solution for it",
                where=lesson.where,
                mend=f'add a cell `# %% id="{name}" exercise="{name}"` with its solution',
            )
    _check_rules(lesson, assignment)
    asked = {cell.question for cell in lesson.cells}
    for name in questions:
        if name not in asked:
            raise LessonError(
                f"module.yml declares the question {name!r}, but no cell takes the answer",
                where=lesson.where,
                mend=f'add a cell `# %% [markdown] id="{name}" question="{name}"`, or remove the question',
            )


def _check_rules(lesson: Lesson, assignment: Assignment) -> None:
    """Raise LessonError where a rule holds in a function that no exported cell defines."""
    defined = {name for cell in lesson.cells if cell.role == "export" for name in defined_names(cell.source)}
    for rule in assignment.forbidden:
        for function in rule.functions:
            if function not in defined:
                raise LessonError(
                    f"a rule under `forbidden` holds in {function}, which no exported cell defines",
                    where=_line_with(assignment.configuration, function),
                    mend=f"the lesson {lesson.where} defines: {', '.join(sorted(defined))}",
                )


def _line_with(path: Path, word: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    pattern = rf"(?<![\w.]){re.escape(word)}(?![\w.])"
    return place(
        str(path), next((number for number, line in enumerate(lines, 1) if re.search(pattern, line)), 1)
    )
