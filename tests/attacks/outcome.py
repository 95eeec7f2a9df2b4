"""Compare what came out of a case with what its `case.yml` expects."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from autograding.grader.grade import Grade
from tests.attacks.case import FOLDER, Case

# What the exercises earn that a case solves unless it says otherwise; all others earn nothing.
EARNED = {"01.create": 8.0, "01.footprint": 4.0, "01.reduce": 10.0}


def honest_points(case: Case, grade: Grade) -> dict[str, float]:
    """What the solved exercises of the case earn without any attack."""
    if case.solved == "all":
        return {item.id: item.max_score for item in grade.exercises}
    number = case.assignment.partition("_")[0]
    solved = {f"{number}.{name}" for name in case.solved}
    return {item.id: EARNED[item.id] if item.id in solved else 0.0 for item in grade.exercises}


def unmet(case: Case, grade: Grade, summary: str) -> list[str]:
    """What differs from the expectation, a line each."""
    return list(_unmet(case, grade, summary))


def _unmet(case: Case, grade: Grade, summary: str) -> Iterator[str]:
    expect, honest = case.expect, honest_points(case, grade)
    scores = {item.id: item.score for item in grade.exercises}
    for name, score in scores.items():
        if score > honest[name]:
            yield f"{name} earned {score}, honest work {honest[name]}"
        if name in expect.exercises and score != expect.exercises[name]:
            yield f"{name} earned {score}, not {expect.exercises[name]}"
    wanted = sum(honest.values()) if expect.score == "honest" else expect.score
    if wanted not in ("at most honest", grade.score):
        yield f"the score is {grade.score}, not {wanted}"
    missing = set(expect.flags) - {flag.kind for flag in grade.flags}
    if missing:
        yield f"no flag {', '.join(sorted(missing))}"
    messages = [test.message for item in grade.exercises for test in item.tests]
    if not any(expect.message in message for message in messages):
        yield f"no test says: {expect.message}"
    if expect.summary not in summary:
        yield f"the summary does not say: {expect.summary}"
    if expect.not_in_summary and expect.not_in_summary in summary:
        yield f"the summary says: {expect.not_in_summary}"
    failure = grade.notebook.failure
    stopped = {failure.cell: failure.message} if failure else {}
    if expect.failure and expect.failure != stopped:
        yield f"the notebook stopped at {stopped}, not at {expect.failure}"


def exists(node_id: str, root: Path) -> bool:
    """Whether a test of this name stands in its file and, with `[…]`, its parameter is written there."""
    path, _, name = node_id.partition("::")
    function, _, parameter = name.rstrip("]").partition("[")
    if not (root / path).is_file():
        return False
    text = (root / path).read_text(encoding="utf-8")
    functions = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    return function in functions and (parameter in text or (FOLDER / parameter).is_dir())
