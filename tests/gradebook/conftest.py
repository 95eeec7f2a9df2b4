"""Events of a gradebook, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograding.gradebook.desk import Desk, open_desk
from autograding.gradebook.events import (
    AnyEvent,
    ExtensionGranted,
    FinalGraded,
    GradeObserved,
    GradeOverridden,
    QuestionScored,
    RaisedFlag,
    RecordDecided,
    RecordedGrade,
    RunEvidence,
    StudentExcused,
)
from autograding.gradebook.policy import LateRule
from autograding.gradebook.store import Gradebook, Stored
from autograding.grader.manifest import Exercise, Question

DUE = datetime(2026, 9, 20, 22, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)


ASSIGNMENT_OF = {"01": "01_tensor", "02": "02_activations"}
RULE = LateRule(grace=timedelta(minutes=15), penalty_per_day=0.1, floor=0.5)


@dataclass(frozen=True)
class Assignment:
    """An assignment of 70 points for exercises and 30 for questions."""

    id: str = "01_tensor"
    due: datetime | None = DUE
    part: str = "modules"
    weight: float = 1.0
    exercises: tuple[Exercise, ...] = (Exercise("01.create", "Create", 70),)
    questions: tuple[Question, ...] = tuple(Question(f"01.q{n}", "Why?", 10, f"q{n}") for n in (1, 2, 3))


def observed(
    score: float | None = 70.0,
    at: datetime = DUE - timedelta(days=1),
    *,
    commit: int = 1,
    flags: tuple[str, ...] = (),
    starter: bool = False,
    repository_id: int = 9,
) -> GradeObserved:
    """An event of s-001 in 01_tensor; without a score the workflow has not run."""
    run = RunEvidence(suite_created_at=at, run_created_at=at, run_id=77, check_id=78, conclusion="SUCCESS")
    record = RecordedGrade(
        score=score or 0.0,
        max_score=70.0,
        exercises={"01.create": min(score or 0.0, 30.0), "01.matmul": max((score or 0.0) - 30.0, 0.0)},
        answered=(),
        checkpoint=True,
        ran=True,
        sandbox="bubblewrap",
        flags=(),
    )
    return GradeObserved(
        assignment="01_tensor",
        student="s-001",
        repository_id=repository_id,
        repository="demo-course/01-tensor-ada",
        commit=f"{commit:040x}",
        starter=starter,
        run=run if score is not None else None,
        record=record if score is not None else None,
        flags=tuple(RaisedFlag(kind=kind, detail="") for kind in flags),
    )


def stored(*events: AnyEvent) -> list[Stored]:
    """The events as a gradebook would return them, each the first about its commit."""
    return [Stored(number, 1, NOW, event) for number, event in enumerate(events, start=1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite"


def final_graded(score: float, *, commit: int = 1, repository_id: int | None = 9) -> FinalGraded:
    """The final grade of a commit of s-001 in 01_tensor."""
    return FinalGraded(
        assignment="01_tensor",
        student="s-001",
        repository_id=repository_id,
        repository="demo-course/01-tensor-ada",
        commit=f"{commit:040x}",
        course_commit="d" * 40,
        score=score,
        max_score=70.0,
        exercises={"01.create": score},
        answered=(),
        checkpoint=True,
        sandbox="bubblewrap",
        flags=(),
    )


def scored(points: float | None, question: str = "01.q1", *, commit: int | None = 1) -> QuestionScored:
    """A grader's points for an answer of s-001 in 01_tensor."""
    return QuestionScored(
        assignment=ASSIGNMENT_OF[question[:2]],
        student="s-001",
        question=question,
        points=points,
        grader="grader",
        comment="",
        commit=None if commit is None else f"{commit:040x}",
    )


def overridden(score: float | None) -> GradeOverridden:
    """An override for s-001 in 01_tensor."""
    return GradeOverridden(
        assignment="01_tensor", student="s-001", score=score, reason="a broken runner", author="prof"
    )


def extended(due: datetime | None, assignment: str = "01_tensor") -> ExtensionGranted:
    """An extension for s-001."""
    return ExtensionGranted(assignment=assignment, student="s-001", due=due, reason="was ill", author="prof")


def excused(assignment: str = "01_tensor", *, excused: bool = True) -> StudentExcused:
    """An excusal of s-001."""
    return StudentExcused(
        assignment=assignment, student="s-001", excused=excused, reason="was ill", author="prof"
    )


def decided(event: GradeObserved, counts: bool | None) -> RecordDecided:
    """A decision about the record of an event as it is."""
    return RecordDecided(
        assignment=event.assignment,
        student=event.student,
        commit=event.commit,
        counts=counts,
        score=event.record.score if event.record else None,
        flags=event.flags,
        reason="looked at the difference",
        author="grader",
    )


CLASSROOM = """
course:
  title: Machine learning systems
  organization: demo-course
  term: Fall 2026
  timezone: Europe/Berlin
assignments:
  - {id: 01_tensor, due: "2026-09-21T00:00:00+02:00"}
  - {id: 02_activations}
weights: {modules: 90, checkpoints: 10, midterm: 0, final: 0}
late: {grace_minutes: 15, penalty_per_day: 10, floor: 50}
roster: roster.csv
"""
MODULE = """
title: Tensor
tier: foundation
package: tinytorch.core.NAME
lesson: NAME.py
prerequisites: []
hours: 4-6
summary: Arrays that know their shape.
exercises:
  - {id: create, title: Create, points: 30}
  - {id: matmul, title: Multiply, points: 40}
questions:
  - {id: q1, title: One, points: 10}
  - {id: q2, title: Two, points: 10}
  - {id: q3, title: Three, points: 10}
allowed_imports: [numpy]
"""
ROSTER = "identifier,github_username,github_id,name\ns-001,ada,1,Ada Lovelace\ns-002,grace,2,Grace Hopper\n"


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course of two modules with a class of two."""
    for id, name in (("01_tensor", "tensor"), ("02_activations", "activations")):
        module = tmp_path / "modules" / id
        (module / "tests").mkdir(parents=True)
        (module / f"{name}.py").write_text("# %%\n")
        (module / "tests" / f"test_{name}.py").write_text("")
        (module / "module.yml").write_text(MODULE.replace("NAME", name))
    (tmp_path / "classroom.yml").write_text(CLASSROOM)
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path


@pytest.fixture
def desk(course_folder: Path, path: Path) -> Callable[..., Desk]:
    """Open the desk of the course, with these events in its gradebook."""

    def desk(*events: AnyEvent) -> Desk:
        with Gradebook(path) as book:
            book.append(events, NOW)
        return open_desk(course_folder, path)

    return desk
