"""What passes between the steps of a regrade, as JSON files that a later step, or another machine, can read.

Choosing and fetching know the course's secret and a token and run no student
code; grading runs student code and knows neither. All that goes from the first to
the second is a `Prepared`, and all that comes back is a `FinalResult` or a `Problem`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autograding.course.fields import LOGIN

Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Login = Annotated[str, StringConstraints(pattern=f"^{LOGIN}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
Points = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Chosen(_Model):
    """One commit of one student that is to be graded finally.

    `student` is the roster's identifier, `repository` a name on the server
    (`org/01-tensor-ada`), an address or a folder.
    """

    student: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    login: Login
    repository: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    repository_id: int | None = None
    commit: Commit

    @property
    def key(self) -> str:
        """A name for files, different for every student and commit."""
        return f"{self.login.lower()}-{self.commit[:12]}"


class Origin(_Model):
    """What a final grade depends on besides the commit: the same origin, the same grade.

    `secret` names the course's secret without telling it. `dirty`: the course had
    changes that are in no commit, so the grade cannot be made again.
    """

    assignment: Word
    course_commit: Commit
    dirty: bool
    secret: Word


class Prepared(_Model):
    """A submission that is ready to be graded, with the seed of its hidden tests."""

    schema_: Literal["tinytorch-classroom/prepared/v1"] = Field(
        default="tinytorch-classroom/prepared/v1", alias="schema"
    )
    chosen: Chosen
    origin: Origin
    seed: Word
    notebook: bytes | None
    brought: dict[str, bytes]


class FinalResult(_Model):
    """The final grade of a commit, as the gradebook takes it."""

    schema_: Literal["tinytorch-classroom/final/v1"] = Field(
        default="tinytorch-classroom/final/v1", alias="schema"
    )
    chosen: Chosen
    origin: Origin
    score: Points
    max_score: Points
    exercises: dict[Word, Points]
    answered: tuple[Word, ...]
    checkpoint: bool
    sandbox: Word
    flags: tuple[Word, ...]


class Problem(_Model):
    """A commit that has no final grade, and why."""

    schema_: Literal["tinytorch-classroom/problem/v1"] = Field(
        default="tinytorch-classroom/problem/v1", alias="schema"
    )
    chosen: Chosen
    why: str


class Plan(_Model):
    """What a regrade is to do, for the machines that share it.

    `problems` are those of choosing and fetching; the rest of `chosen` is prepared.
    """

    schema_: Literal["tinytorch-classroom/plan/v1"] = Field(
        default="tinytorch-classroom/plan/v1", alias="schema"
    )
    origin: Origin
    chosen: tuple[Chosen, ...]
    problems: tuple[Problem, ...]

    def shard(self, number: int, count: int) -> tuple[Chosen, ...]:
        """The share of one of `count` machines (0 is the first) in what is prepared."""
        failed = {problem.chosen.key for problem in self.problems}
        return tuple(item for item in self.chosen if item.key not in failed)[number::count]
