"""grade.json keeps to its published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograding.grader import grade as grade_module
from autograding.grader.grade import Grade, encode_grade
from tests.grader.report import samples

SCHEMA: dict[str, Any] = json.loads(Path(grade_module.__file__).with_name("grade.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "grade", [samples.HALF_DONE, samples.FULL, samples.STARTER, samples.TROUBLED, samples.FINAL]
)
def test_every_grade_keeps_to_the_schema(grade: Grade) -> None:
    VALIDATOR.validate(json.loads(encode_grade(grade)))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "tinytorch-classroom/grade/v0"},
        {"score": "70"},
        {"score": -1},
        {"commit": "main"},
        {"extra": 1},
        {"environment": {}},
    ],
)
def test_what_is_no_grade_is_refused(change: dict[str, Any]) -> None:
    content = json.loads(encode_grade(replace(samples.FULL))) | change
    assert not VALIDATOR.is_valid(content)
