"""A manifest is read as it was written, and anything else is refused with the place of the mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.grader.errors import ConfigurationError
from autograding.grader.manifest import (
    Cell,
    Exercise,
    ExpectedTest,
    Forbidden,
    Limits,
    Manifest,
    Question,
    decode_manifest,
    encode_manifest,
    read_manifest,
)

MANIFEST = Manifest(
    assignment="01_box",
    number="01",
    title="Box",
    notebook="box.ipynb",
    package="tinytorch.core.box",
    exercises=(Exercise("01.box", "Box", 70),),
    questions=(Question("01.q1", "Cost", 30.0, "q1"),),
    tests=(ExpectedTest("tests/test_box.py::test_box", "01.box", "hint", 2.0),),
    cells=(Cell("box", "export", "01.box", ("Box", "Box.grow"), "class Box: ..."),),
    checkpoint="tests/checkpoint.ipynb",
    parameters={"QUICK": True, "sizes": [1, 2]},
    limits=Limits(call_seconds=0.5),
    allowed_imports=("numpy",),
    forbidden=(Forbidden(("numpy.dot", "@"), "it is written by hand", ("01.box",), ("Box.grow",)),),
    shipped={"tinytorch/__init__.py": "ab"},
)
ENCODED: dict[str, Any] = json.loads(encode_manifest(MANIFEST))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        decode_manifest(text)
    return caught.value.what


def test_what_is_written_is_read_again() -> None:
    assert decode_manifest(encode_manifest(MANIFEST)) == MANIFEST


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"title": 3}, "title: expected text"),
        ({"title": "\ud800"}, "surrogates not allowed"),
        ({"exercises": {}}, "exercises: expected a list"),
        ({"exercises": [3]}, "exercises[0]: expected an object"),
        (
            {"exercises": [{"id": "a", "title": "b", "points": "70"}]},
            "exercises[0].points: expected a number",
        ),
        ({"exercises": [{"id": "a", "title": "b", "points": True}]}, "points: expected a number"),
        ({"exercises": [{"id": "a", "title": "b", "points": float("nan")}]}, "it contains NaN"),
        ({"exercises": [{"id": "a", "title": "b", "points": -1}]}, "points must be greater than 0"),
        ({"exercises": [{"id": "a", "title": "b"}]}, "exercises[0]: missing key 'points'"),
        ({"tests": [ENCODED["tests"][0] | {"weight": 0}]}, "the weight of a test must be greater than 0"),
        ({"tests": [ENCODED["tests"][0] | {"wait": 0}]}, "tests[0]: unknown key 'wait'"),
        ({"cells": [{"id": "a", "role": "export", "defines": [1]}]}, "cells[0].defines[0]: expected text"),
        ({"checkpoint": 1}, "checkpoint: expected text or null"),
        ({"shipped": {"a": 1}}, "shipped.a: expected text"),
        ({"limits": {"total_seconds": 0}}, "a limit in seconds is greater than 0"),
        ({"limits": {"memory_mb": 2.5}}, "limits.memory_mb: expected a whole number"),
        ({"forbidden": [{"uses": "for", "because": ""}]}, "forbidden[0].uses: expected a list"),
        ({"assignment": "[bold]x"}, "an id has other characters"),
        ({"schema": "other"}, "the schema is not tinytorch-classroom/assignment/v1"),
    ],
)
def test_a_mistake_is_named_with_its_place(change: dict[str, Any], what: str) -> None:
    assert what in refusal(json.dumps(ENCODED | change))


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{", "[" * 100_000, '{"schema": NaN}'])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    assert refusal(text)


@given(st.sampled_from(sorted(ENCODED)), ANYTHING, st.booleans())
def test_a_manifest_with_anything_in_it_is_read_or_refused(key: str, value: Any, left_out: bool) -> None:
    changed = {name: item for name, item in ENCODED.items() if not (left_out and name == key)}
    changed |= {} if left_out else {key: value}
    assert reads_or_refuses(json.dumps(changed))


def reads_or_refuses(text: str) -> bool:
    try:
        return isinstance(decode_manifest(text), Manifest)
    except ConfigurationError as error:
        return bool(error.what)


@pytest.mark.parametrize("target", ["/dev/zero", "other.json", "."])
def test_a_link_in_place_of_the_manifest_is_not_followed(target: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(encode_manifest(MANIFEST))
    (tmp_path / "assignment.json").symlink_to(target)
    with pytest.raises(ConfigurationError, match="no readable manifest"):
        read_manifest(tmp_path)


def test_a_manifest_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assignment.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigurationError, match="no readable manifest"):
        read_manifest(tmp_path)
