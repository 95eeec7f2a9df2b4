"""The part of YAML that course files are written in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autograding.course.classroom import Classroom, examine_classroom
from autograding.course.document import Document, parse_document, read_document
from autograding.course.mistakes import Mistake
from autograding.course.module import Module, examine_module
from autograding.grader.errors import ConfigurationError
from tests.course.conftest import patient

VALID = Path(__file__).parent / "valid"

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
anything = values | st.sampled_from(
    [
        "2027-02-05",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "../..",
        "01_alpha",
        10**17,
        -1,
        1.5,
    ]
)
keys = st.sampled_from(
    [*Classroom.model_fields, *Module.model_fields, "id", "release", "due", "points", "final"]
)
# The right keys in wrong places: what a file looks like in the middle of an edit.
half_right = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)


class Plain(yaml.SafeDumper):
    """Writes YAML without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize("text", ["no", "on", "012", "0x1F", "1:30", "1e3", ".inf", "2027-02-05", "=", "<<"])
def test_a_word_that_yaml_would_change_stays_text(text: str) -> None:
    assert parse_document(f"key: {text}\n", "file.yml").value == {"key": text}


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("-1.5", -1.5), ("true", True), ("~", None), ("", None)]
)
def test_numbers_truth_and_nothing_are_recognized(text: str, value: object) -> None:
    assert parse_document(f"key: {text}\n", "file.yml").value == {"key": value}


def test_every_value_knows_its_line() -> None:
    document = parse_document("a: 1\nb:\n  - c: 2\n    d: 3\n  -\n    e: 4\n", "file.yml")

    assert document.line(("a",)) == 1
    assert document.line(("b", 0, "d")) == 4
    assert document.line(("b", 1, "e")) == 6
    assert document.line(("b", 1, "missing")) == document.line(("b", 1)) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[" * 200,
            "file.yml:1: course files do without so many levels\n  use at most 20",
        ),
        (
            'key: "\\UFFFFFFFF"',
            'file.yml:1: an escape such as "\\U00110000" stands for no character\n  write the character',
        ),
        (
            'a: 1\nkey: "\\ud800"',
            "file.yml:2: expected readable text, got half a character\n  write the character",
        ),
        ("a: *b", "file.yml:1: course files do without anchors (&) and aliases (*)\n  write it out"),
    ],
)
def test_what_could_hurt_a_reader_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_document(text, "file.yml")

    assert str(caught.value) == message


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.yml").write_text("#" * 300_000, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        read_document(tmp_path / "large.yml", "large.yml")

    assert str(caught.value) == "large.yml: the file is larger than 256 KiB\n  is this the file you meant?"


@patient
@given(values)
def test_what_yaml_writes_is_read_as_it_was(value: object) -> None:
    text = yaml.dump(value, Dumper=Plain, allow_unicode=False)

    assert parse_document(text, "file.yml").value == value


@patient
@given(st.text() | st.text(alphabet="ab:-[]{}\"'#&*!|>%@`,?\n\t \\\x00\x85\ufeff"))
def test_any_text_is_a_document_or_an_explained_mistake(text: str) -> None:
    assert isinstance(outcome(text), Document | ConfigurationError)


@patient
@given(half_right)
def test_any_values_are_a_classroom_or_explained_mistakes(value: object) -> None:
    found, mistakes = examine_classroom(Document("classroom.yml", value, {}))

    assert isinstance(found, Classroom) if not mistakes else found is None
    assert all(isinstance(mistake, Mistake) and mistake.what.isprintable() for mistake in mistakes)


@patient
@given(half_right)
def test_any_values_are_a_module_or_explained_mistakes(value: object) -> None:
    found, mistakes = examine_module(Document("module.yml", value, {}))

    assert isinstance(found, Module) if not mistakes else found is None
    assert all(isinstance(mistake, Mistake) and mistake.what.isprintable() for mistake in mistakes)


@patient
@given(st.data())
def test_one_damaged_value_of_a_classroom_is_a_mistake_or_another_value(data: st.DataObject) -> None:
    document = read_document(VALID / "classroom.yml")
    location = data.draw(st.sampled_from(sorted(document.lines, key=str)))
    damaged = Document(
        "classroom.yml", replaced(document.value, location, data.draw(anything)), document.lines
    )

    found, mistakes = examine_classroom(damaged)

    assert (found is None) == bool(mistakes)


def replaced(value: Any, location: tuple[Any, ...], new: object) -> Any:
    """The value with another one at a location."""
    if not location:
        return new
    step, rest = location[0], location[1:]
    items = dict(enumerate(value)) if isinstance(value, list) else value
    items = items | {step: replaced(items[step], rest, new)}
    return list(items.values()) if isinstance(value, list) else items


def outcome(text: str) -> Document | ConfigurationError:
    """What parsing comes to."""
    try:
        return parse_document(text, "file.yml")
    except ConfigurationError as error:
        return error
