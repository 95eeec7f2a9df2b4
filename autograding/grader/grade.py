"""The grade of one commit: the types behind `grade.json` and the compact grade record."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "tinytorch-classroom/grade/v1"
RECORD_SCHEMA = "tinytorch-classroom/record/v1"
RECORD_TITLE = "TinyTorch grade record"
RECORD_LIMIT = 4096


@dataclass(frozen=True)
class TestGrade:
    """One expected test. `outcome`: passed, failed, error (did not run to its end) or missing."""

    __test__ = False

    id: str
    outcome: str
    points: float
    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ExerciseGrade:
    id: str
    title: str
    score: float
    max_score: float
    tests: tuple[TestGrade, ...]


@dataclass(frozen=True)
class QuestionStatus:
    id: str
    words: int
    answered: bool


@dataclass(frozen=True)
class CheckpointResult:
    passed: bool
    message: str = ""


@dataclass(frozen=True)
class CellFailure:
    """A cell that failed, as a person finds it: its id, its position (1 is the first cell) and why."""

    cell: str
    position: int
    message: str


@dataclass(frozen=True)
class NotebookRun:
    """What papermill saw. `ran`: every code cell was executed. `failure`: the cell that stopped the run.

    `checks`: failed check cells; they do not stop the notebook. `broken`: export
    cells that do not compile and were replaced by their stub.
    """

    ran: bool
    failure: CellFailure | None = None
    checks: tuple[CellFailure, ...] = ()
    broken: tuple[CellFailure, ...] = ()


@dataclass(frozen=True)
class Flag:
    """Something a grader should look at; it changes no score by itself."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Grade:
    assignment: str
    commit: str
    manifest: str
    final: bool
    score: float
    max_score: float
    exercises: tuple[ExerciseGrade, ...]
    questions: tuple[QuestionStatus, ...]
    checkpoint: CheckpointResult
    notebook: NotebookRun
    flags: tuple[Flag, ...]
    environment: dict[str, str]


def encode_grade(grade: Grade) -> str:
    """`grade.json`: equal grades give equal text."""
    return json.dumps({"schema": SCHEMA} | asdict(grade), indent=1, ensure_ascii=False) + "\n"


def plain_number(value: float) -> float | int:
    """A score as people write it: 70, not 70.0."""
    return int(value) if float(value).is_integer() else round(value, 2)


def encode_record(grade: Grade) -> str:
    """The compact grade record: one line of JSON, at most RECORD_LIMIT bytes.

    It names the commit and the manifest (sha256 of `assignment.json`) it was made
    with, so that it counts for nothing else.
    """
    record: dict[str, Any] = {
        "schema": RECORD_SCHEMA,
        "assignment": grade.assignment,
        "commit": grade.commit,
        "manifest": grade.manifest,
        "score": plain_number(grade.score),
        "max_score": plain_number(grade.max_score),
        "exercises": {item.id: plain_number(item.score) for item in grade.exercises},
        "answered": [item.id for item in grade.questions if item.answered],
        "checkpoint": grade.checkpoint.passed,
        "ran": grade.notebook.ran,
        "sandbox": grade.environment.get("sandbox", "none"),
        "flags": sorted({flag.kind for flag in grade.flags}),
    }
    return json.dumps(record, separators=(",", ":"), ensure_ascii=True)
