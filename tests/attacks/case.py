"""A case: a submission in a folder of its own, and what must come out of it.

Read from `case.yml`; `README.md` describes the format.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent
PARTS = ("payload.py", "notebook.ipynb", "files")


class Expectation(BaseModel):
    """What must come out. What is not named may be anything; no exercise ever earns more than honest work.

    `score`: a number, `honest` (what the solved exercises earn) or `at most honest`. `exercises`: exact
    points of some. `flags`: kinds that must be there. `message`: stands in the message of a test.
    `summary` and `not_in_summary`: texts of `summary.md`. `failure`: the cell that stopped the notebook,
    as `cell: message`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: float | Literal["honest", "at most honest"] = "at most honest"
    exercises: dict[str, float] = {}
    flags: tuple[str, ...] = ()
    message: str = ""
    summary: str = ""
    not_in_summary: str = ""
    failure: dict[str, str] = {}


class Case(BaseModel):
    """One case. `attack` says what is tried, `harmless` why it gains nothing.

    `moot`: there is no such part here that it could harm. Otherwise either `tests` names the tests that
    show it elsewhere, or the folder and `cells`, `metadata` and
    `commands` make a submission: `solved` exercises of `assignment`, changed by them and
    graded under `limits`, where the assignment's own would take long. `everywhere` is for a payload that
    fits any module: it is judged against the starter of every assignment.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    attack: str = Field(min_length=20)
    harmless: str = Field(min_length=20)
    tests: tuple[str, ...] = ()
    moot: bool = False
    everywhere: bool = False
    assignment: str = "01_tensor"
    solved: tuple[str, ...] | Literal["all"] = ("create", "footprint", "reduce")
    cells: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] = {}
    commands: tuple[str, ...] = ()
    limits: dict[str, float] = {}
    run_notebook: bool = False
    expect: Expectation = Expectation()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def id(self) -> str:
        """`A42` of `A42_lying_ndarray_subclass`."""
        return self.name.partition("_")[0]

    @property
    def graded(self) -> bool:
        """Whether it is a submission to one assignment."""
        return not (self.tests or self.moot or self.everywhere)

    @property
    def hostile(self) -> bool:
        """Whether it runs code that only a sandbox should hold."""
        return (self.folder / "payload.py").is_file() and not self.id.startswith("H")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Case:
        made = [part for part in PARTS if (self.folder / part).exists()]
        made += [name for name in ("cells", "metadata", "commands") if getattr(self, name)]
        if [bool(self.tests), self.moot, bool(made) or self.id.startswith("H")].count(True) != 1:
            raise ValueError("names tests, or else holds a submission, or else is moot")
        if self.everywhere and made != ["payload.py"]:
            raise ValueError("what is tried everywhere is a payload alone")
        return self


def load_case(folder: Path) -> Case:
    """The case in `folder`. Raises ValueError that says what is wrong with it."""
    content = yaml.safe_load((folder / "case.yml").read_text(encoding="utf-8"))
    return Case(folder=folder, **content)


def load_cases() -> tuple[Case, ...]:
    """Every case, by name."""
    return tuple(load_case(path.parent) for path in sorted(FOLDER.glob("*/case.yml")))
