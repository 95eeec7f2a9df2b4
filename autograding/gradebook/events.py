"""The events of a gradebook. A grade is computed from them and from nothing else.

A new kind of event (a grader's score, an override, an extension, a final grade)
is a new class here, added to `AnyEvent`; what stands in a gradebook already
stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from autograding.github.collect import NOT_RUN, Observation


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RaisedFlag(_Model):
    """Why a record does not count, in one word and in one sentence."""

    kind: str
    detail: str


class RecordedGrade(_Model):
    """The contents of a grade record, checked against the manifest of the assignment."""

    score: float = Field(ge=0, allow_inf_nan=False)
    max_score: float = Field(ge=0, allow_inf_nan=False)
    exercises: dict[str, float]
    answered: tuple[str, ...]
    checkpoint: bool
    ran: bool
    sandbox: str
    flags: tuple[str, ...]


class RunEvidence(_Model):
    """The workflow run behind a grade, with the times of GitHub's clock."""

    suite_created_at: AwareDatetime
    run_created_at: AwareDatetime | None
    run_id: int | None
    check_id: int | None
    conclusion: str | None


class GradeObserved(_Model):
    """What GitHub showed of one commit of one student's repository.

    The grade counts when there is a record and no flag. `starter`: it is the
    commit that students start from.
    """

    kind: Literal["grade_observed"] = "grade_observed"
    assignment: str
    student: str
    repository_id: int
    repository: str
    commit: str
    starter: bool
    run: RunEvidence | None
    record: RecordedGrade | None
    flags: tuple[RaisedFlag, ...]

    @property
    def subject(self) -> str:
        """What the event is about; a newer event of the same kind and subject replaces it."""
        return f"{self.repository_id}/{self.commit}"

    @property
    def counts(self) -> bool:
        return self.record is not None and self.run is not None and not self.flags

    @property
    def not_run(self) -> bool:
        """There is nothing to judge yet: the workflow has not run to its end, and nothing else is odd."""
        return {flag.kind for flag in self.flags} == {NOT_RUN}


AnyEvent = GradeObserved
_EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field()])


def grade_observed(observation: Observation) -> GradeObserved:
    """The event for an observation."""
    run, record = observation.run, observation.record
    return GradeObserved(
        assignment=observation.assignment,
        student=observation.student,
        repository_id=observation.repository_id,
        repository=observation.repository,
        commit=observation.commit,
        starter=observation.starter,
        run=RunEvidence(**vars(run)) if run else None,
        record=RecordedGrade(**vars(record)) if record else None,
        flags=tuple(RaisedFlag(kind=flag.kind, detail=flag.detail) for flag in observation.flags),
    )


def encode_event(event: AnyEvent) -> str:
    """An event as JSON; equal events give equal text."""
    return json.dumps(event.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def decode_event(text: str) -> AnyEvent:
    """Read what `encode_event` wrote. Raises ValueError."""
    return _EVENTS.validate_json(text)


def digest(text: str) -> str:
    """A short name of an event's content, to see whether something has changed."""
    return hashlib.sha256(text.encode()).hexdigest()
