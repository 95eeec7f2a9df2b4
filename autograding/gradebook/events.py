"""The events of a gradebook. A grade is computed from them and from nothing else.

Each event has a kind and a subject, and the newest of one kind about one subject
is what holds: entering something again with another value changes it, and the
earlier event stays as history. A new kind of event is a new class here, added to
`AnyEvent`; what stands in a gradebook already stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from autograding.github.collect import NOT_RUN, Observation

Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RaisedFlag(_Model):
    """Why a record does not count, in one word and in one sentence."""

    kind: str
    detail: str


class RecordedGrade(_Model):
    """The contents of a grade record, checked against the manifest of the assignment."""

    score: Points
    max_score: Points
    exercises: dict[str, float]
    answered: tuple[str, ...]
    checkpoint: bool
    ran: bool
    sandbox: str
    flags: tuple[str, ...]


class RunEvidence(_Model):
    """The workflow run behind a grade, with the times of GitHub's clock.

    `number` counts the runs of `workflow` (a GraphQL id) in the repository;
    `pusher` is the account that pushed, `previous` the head before that push.
    """

    suite_created_at: AwareDatetime
    run_created_at: AwareDatetime | None
    run_id: int | None
    check_id: int | None
    conclusion: str | None
    number: int | None = None
    workflow: str | None = None
    previous: str | None = None
    pusher: int | None = None


class GradeObserved(_Model):
    """What GitHub showed of one commit of one student's repository.

    The grade counts when there is a record and no flag. `starter`: it is the
    commit that students start from. `node` is the commit's GraphQL id, and
    `pushed_at` when the repository was last pushed to, for a commit that was seen
    as the head; None for one that stands behind it.
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
    node: str = ""
    pushed_at: AwareDatetime | None = None

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

    @property
    def waits(self) -> bool:
        """The workflow has not run to its end, whatever else is odd."""
        return any(flag.kind == NOT_RUN for flag in self.flags)


class FinalGraded(_Model):
    """A commit graded again where no student has a say, with hidden tests; it replaces what a push showed.

    `repository_id` is None where the repository was graded from a folder.
    `course_commit`: the commit of the course whose tests were used. `flags` are
    kinds, and for a grader's eye only: they change no score.
    """

    kind: Literal["final_graded"] = "final_graded"
    assignment: str
    student: str
    repository_id: int | None
    repository: str
    commit: str
    course_commit: str
    score: Points
    max_score: Points
    exercises: dict[str, Points]
    answered: tuple[str, ...]
    checkpoint: bool
    sandbox: str
    flags: tuple[str, ...]

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.commit}/{self.student}"


class QuestionScored(_Model):
    """A grader's points for a written answer; None takes an earlier score back.

    `question` is qualified (`01.q1`). `commit` is where the grader read the
    answer, None where that is not known: then it is not late.
    """

    kind: Literal["question_scored"] = "question_scored"
    assignment: str
    student: str
    question: str
    points: Points | None
    grader: Words
    comment: str
    commit: str | None

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.question}/{self.student}"


class GradeOverridden(_Model):
    """A person sets the points of all exercises of an assignment, whatever is collected; None lifts it."""

    kind: Literal["grade_overridden"] = "grade_overridden"
    assignment: str
    student: str
    score: Points | None
    reason: Words
    author: Words

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.student}"


class ExtensionGranted(_Model):
    """A due date of their own for a student; None takes it back."""

    kind: Literal["extension_granted"] = "extension_granted"
    assignment: str
    student: str
    due: AwareDatetime | None
    reason: Words
    author: Words

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.student}"


class StudentExcused(_Model):
    """An assignment does not count for a student; `excused` False takes it back."""

    kind: Literal["student_excused"] = "student_excused"
    assignment: str
    student: str
    excused: bool
    reason: Words
    author: Words

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.student}"


class RecordDecided(_Model):
    """A grader has looked at the record of a commit: it counts, or it does not; None takes it back.

    A decision that a record counts holds for what the grader saw: for that score
    and for these flags. Where the record shows another score or another flag
    later, it has to be looked at again.
    """

    kind: Literal["record_decided"] = "record_decided"
    assignment: str
    student: str
    commit: str
    counts: bool | None
    score: Points | None
    flags: tuple[RaisedFlag, ...]
    reason: Words
    author: Words

    @property
    def subject(self) -> str:
        return f"{self.assignment}/{self.commit}/{self.student}"


class RunsRead(_Model):
    """The runs behind a head were read: whatever they graded stands in the gradebook."""

    kind: Literal["runs_read"] = "runs_read"
    repository_id: int
    commit: str

    @property
    def subject(self) -> str:
        return str(self.repository_id)


class UnreadPart(_Model):
    """A part of the list of repositories: behind `cursor`, down to pushes at `since`."""

    cursor: str | None
    since: AwareDatetime | None


class CollectionProgressed(_Model):
    """How far the repositories of an organization were read (see `progress`)."""

    kind: Literal["collection_progressed"] = "collection_progressed"
    organization: str
    fingerprint: str
    top: AwareDatetime | None
    gaps: tuple[UnreadPart, ...]

    @property
    def subject(self) -> str:
        return self.organization.lower()


CollectionEvent = RunsRead | CollectionProgressed
"""Events about the collecting itself, from which no grade follows."""

AnyEvent = (
    GradeObserved
    | FinalGraded
    | QuestionScored
    | GradeOverridden
    | ExtensionGranted
    | StudentExcused
    | RecordDecided
    | CollectionEvent
)
_EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])


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
        node=observation.node,
        pushed_at=observation.pushed_at,
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
