"""Events of a gradebook, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograding.gradebook.events import GradeObserved, RaisedFlag, RecordedGrade, RunEvidence
from autograding.gradebook.store import Stored

DUE = datetime(2026, 9, 20, 22, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)


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
        exercises={"01.create": score or 0.0},
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


def stored(*events: GradeObserved) -> list[Stored]:
    """The events as a gradebook would return them, each the first about its commit."""
    return [Stored(number, 1, NOW, event) for number, event in enumerate(events, start=1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite"
