"""A grade as plain text, for a terminal and for the log of a workflow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from autograding.grader.grade import CellFailure, ExerciseGrade, Grade, QuestionStatus, plain_number
from autograding.grader.manifest import Manifest
from autograding.grader.report.text import inert, log, log_line
from autograding.grader.report.wording import (
    aligned,
    counted,
    failures,
    flag_title,
    hints,
    score_phrase,
    sort_checks,
    test_title,
    tests_phrase,
    unusable,
    waiting_checks,
    waiting_phrases,
)

WIDTH = 100
MAX_FAILURES = 3


def render_console(grade: Grade, manifest: Manifest) -> str:
    """The result table and what a student needs to go on. No line can steer the Actions runner."""
    title = f"{log_line(manifest.title)}: {score_phrase(grade.score, grade.max_score)}"
    parts = [
        title,
        _table(grade, manifest),
        _broken(grade.notebook.broken),
        *(_exercise(exercise, manifest) for exercise in grade.exercises),
        _notebook(grade, manifest),
        _checkpoint(grade, manifest),
        _questions(grade.questions),
        _flags(grade),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(grade: Grade, manifest: Manifest) -> str:
    broken = unusable(grade, manifest)
    titles = {item.id: log_line(f"{item.id}  {item.title}", 60) for item in grade.exercises}
    width = max(map(len, titles.values()), default=0)
    rows = []
    for item in grade.exercises:
        points = _points(item.score, item.max_score)
        rows.append(f"  {titles[item.id]:<{width}}  {points}  {log_line(tests_phrase(item, broken))}")
    return "\n".join(rows)


def _points(score: float, most: float) -> str:
    return f"{plain_number(score):>6} / {plain_number(most):<3}"


def _exercise(exercise: ExerciseGrade, manifest: Manifest) -> str:
    found = failures(exercise, manifest)
    if not found.wrong and not found.hidden:
        return ""
    parts = [f"{log_line(exercise.title)}:"]
    for test in found.wrong[:MAX_FAILURES]:
        parts.append(f"  {log_line(test_title(test.id))}")
        parts += [_indented(log(aligned(test.message), 1200))] if test.message else []
        parts += [_wrapped(f"Hint: {test.hint}")] if test.hint else []
    left = (
        len(found.wrong) - MAX_FAILURES + found.repeated
        if len(found.wrong) > MAX_FAILURES
        else found.repeated
    )
    parts += [f"  … and {counted(left, 'more failed test')}"] if left else []
    parts += [f"  {log_line(sentence)}" for sentence in waiting_phrases(found.waiting)]
    if found.hidden:
        parts.append(f"  {counted(len(found.hidden), 'hidden test')} failed")
        parts += [_wrapped(f"Hint: {hint}") for hint in hints(found.hidden, manifest)]
    return "\n".join(parts)


def _broken(cells: Iterable[CellFailure]) -> str:
    return "\n".join(
        f"Cell {cell.position} ({log_line(cell.cell)}) could not be used:\n"
        + _indented(log(cell.message, 600))
        for cell in cells
    )


def _notebook(grade: Grade, manifest: Manifest) -> str:
    run, name = grade.notebook, log_line(manifest.notebook)
    lines = []
    if run.failure is not None and run.failure.position:
        place = f"cell {run.failure.position} ({log_line(run.failure.cell)})"
        lines = [f"{name} stopped at {place}:", _indented(log(run.failure.message, 600))]
    elif run.failure is not None:
        lines = [f"{name} could not be run:", _indented(log(run.failure.message, 600))]
    elif run.ran:
        lines = [f"{name} ran from its first cell to its last."]
    telling, waiting = sort_checks(run.checks)
    lines += [
        f"  check cell {cell.position} ({log_line(cell.cell)}) failed: {log_line(cell.message)}"
        for cell in telling
    ]
    lines += [f"  {waiting_checks(waiting)}"] if waiting else []
    return "\n".join(lines)


def _checkpoint(grade: Grade, manifest: Manifest) -> str:
    if manifest.checkpoint is None:
        return ""
    return "Checkpoint: " + ("passed" if grade.checkpoint.passed else "not passed yet")


def _questions(questions: Iterable[QuestionStatus]) -> str:
    rows = [
        f"  {log_line(item.id)}  " + (counted(item.words, "word") if item.answered else "no answer yet")
        for item in questions
    ]
    return "\n".join(["Written answers (a grader scores them):", *rows]) if rows else ""


def _flags(grade: Grade) -> str:
    rows = [f"  {flag_title(flag.kind)}: {log_line(flag.detail)}" for flag in grade.flags]
    return "\n".join(["Note:", *rows]) if rows else ""


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(log_line(text, 600), WIDTH - 6) or [""]
    return "\n".join("    " + inert(line) for line in lines)
