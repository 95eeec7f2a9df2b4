"""The class at a glance, in Markdown, for the page of a workflow run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograding.gradebook.collecting.collection import Collected, Setting
from autograding.gradebook.collecting.summary import STATES, account, attention
from autograding.gradebook.errors import GradebookError
from autograding.gradebook.policy import MISSING
from autograding.grader.grade import plain_number
from autograding.grader.report.text import markdown as inline

LISTED: Final = 30
"""Students named one by one."""


def class_summary(setting: Setting, collected: Collected) -> str:
    """A table of states by assignment, what a person must look at, and whom nothing was seen of.

    Students appear with their identifier alone, not with their name.
    """
    lines = [f"# Grades of {inline(setting.organization)}", "", *_table(setting, collected), ""]
    lines += _listed("A person must look", [inline(line) for line in attention(collected.report)])
    lines += _listed("No commit was ever seen of", [inline(item) for item in _absent(setting, collected)])
    return "\n".join([*lines, inline(account(collected.report)), ""])


def append_text(path: Path, text: str) -> None:
    """Add text to a file, as a workflow's step does to its summary. Raises GradebookError."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise GradebookError(f"the summary cannot be written ({error.strerror})", where=str(path)) from error


def _table(setting: Setting, collected: Collected) -> list[str]:
    rows = [["assignment", *STATES, "mean points"]]
    for assignment in setting.assignments:
        grades = [collected.grades[student.identifier, assignment.id] for student in setting.students]
        states = Counter(grade.state for grade in grades)
        scores = [grade.score for grade in grades if grade.score is not None]
        mean = str(plain_number(round(sum(scores) / len(scores), 1))) if scores else "-"
        rows.append([assignment.id, *(str(states[state]) for state in STATES), mean])
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return [head, f"|{' --- |' * len(rows[0])}", *body]


def _absent(setting: Setting, collected: Collected) -> list[str]:
    return [
        student.identifier
        for student in setting.students
        if all(collected.grades[student.identifier, item.id].state == MISSING for item in setting.assignments)
    ]


def _listed(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    shown = [f"- {item}" for item in items[:LISTED]]
    more = [f"- and {len(items) - LISTED} more"] if len(items) > LISTED else []
    return [f"## {title}: {len(items)}", "", *shown, *more, ""]
