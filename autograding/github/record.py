"""Read a grade record strictly: it came through a channel that a student can write to.

The record only says how many points each exercise got. Which exercises there
are, what they are worth and what they add up to comes from our own manifest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from autograding.github.errors import plain
from autograding.grader.grade import RECORD_LIMIT, RECORD_SCHEMA
from autograding.grader.manifest import Manifest


class RecordMalformed(ValueError):
    """The text is no grade record of this assignment."""


class RecordMismatch(ValueError):
    """A grade record, but of another assignment, commit or version of the assignment."""


@dataclass(frozen=True)
class Record:
    """The checked contents of a grade record."""

    score: float
    max_score: float
    exercises: dict[str, float]
    answered: tuple[str, ...]
    checkpoint: bool
    ran: bool
    sandbox: str
    flags: tuple[str, ...]


_Points = Annotated[int | float, Field(ge=0, le=100_000, allow_inf_nan=False)]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    schema_: Literal["tinytorch-classroom/record/v1"] = Field(alias="schema")
    assignment: _Word
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    manifest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    score: _Points
    max_score: _Points
    exercises: Annotated[dict[_Word, _Points], Field(max_length=100)]
    answered: Annotated[list[_Word], Field(max_length=100)]
    checkpoint: bool
    ran: bool
    sandbox: _Word
    flags: Annotated[list[_Word], Field(max_length=100)]


def parse_record(text: str, *, manifest: Manifest, manifest_sha256: str, commit: str) -> Record:
    """The record in `text`, if it is one of this commit of this assignment.

    Raises RecordMismatch where it speaks of something else, and RecordMalformed
    where it is no record or its numbers cannot be.
    """
    payload = _decode(text)
    for name, found, wanted in (
        ("assignment", payload.assignment, manifest.assignment),
        ("commit", payload.commit, commit),
        ("manifest", payload.manifest, manifest_sha256),
    ):
        if found != wanted:
            raise RecordMismatch(f"it is for {name} {found[:40]}, not {wanted[:40]}")
    _check_numbers(payload, manifest)
    return Record(
        score=float(payload.score),
        max_score=float(manifest.max_score),
        exercises={item.id: float(payload.exercises[item.id]) for item in manifest.exercises},
        answered=tuple(item.id for item in manifest.questions if item.id in payload.answered),
        checkpoint=payload.checkpoint,
        ran=payload.ran,
        sandbox=payload.sandbox,
        flags=tuple(sorted(set(payload.flags))),
    )


def _decode(text: str) -> _Payload:
    if len(text.encode("utf-8", "surrogatepass")) > RECORD_LIMIT:
        raise RecordMalformed(f"longer than {RECORD_LIMIT} bytes")
    try:
        raw = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        raise RecordMalformed(f"not JSON: {plain(error, 100)}") from error
    if not isinstance(raw, dict):
        raise RecordMalformed("not a JSON object")
    if raw.get("schema") != RECORD_SCHEMA:
        raise RecordMalformed(f"the schema is not {RECORD_SCHEMA}")
    try:
        return _Payload.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordMalformed(plain(f"{place}: {first['msg']}", 150)) from error


def _check_numbers(payload: _Payload, manifest: Manifest) -> None:
    points = {item.id: item.points for item in manifest.exercises}
    questions = {item.id for item in manifest.questions}
    if payload.exercises.keys() != points.keys():
        odd = sorted(payload.exercises.keys() ^ points.keys())[0]
        raise RecordMalformed(f"its exercises are not those of the assignment ({odd})")
    for name, score in payload.exercises.items():
        if score > points[name]:
            raise RecordMalformed(f"{name} has {score:g} of {points[name]:g} points")
    if not set(payload.answered) <= questions:
        raise RecordMalformed("it answers questions the assignment does not have")
    if abs(payload.max_score - manifest.max_score) > 0.005:
        raise RecordMalformed(f"its maximum is {payload.max_score:g}, not {manifest.max_score:g}")
    # Every number in a record is rounded to cents on its own, so the sum may be off by half a cent each.
    if abs(sum(payload.exercises.values()) - payload.score) > 0.005 * (len(points) + 1) + 1e-9:
        raise RecordMalformed(f"its exercises do not add up to its score of {payload.score:g}")
    if payload.score > manifest.max_score:
        raise RecordMalformed(f"its score of {payload.score:g} is above the maximum")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = {key for key, _ in pairs}
    if len(keys) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
