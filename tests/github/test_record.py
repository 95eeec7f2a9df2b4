"""Grade records are read strictly: whoever can write to the channel cannot write a grade."""

from __future__ import annotations

import json

import pytest

from autograding.github.record import RecordMalformed, RecordMismatch, parse_record

COMMIT = "c" * 40


@pytest.fixture
def parse(expected):
    def parse(text):
        return parse_record(
            text, manifest=expected.manifest, manifest_sha256=expected.manifest_sha256, commit=COMMIT
        )

    return parse


@pytest.fixture
def payload(workshop):
    return json.loads(workshop.record(COMMIT, 22.5, 40))


def test_a_record_of_the_grader_is_read_as_it_was_written(parse, workshop):
    record = parse(workshop.record(COMMIT, 22.5, 40))
    assert (record.score, record.max_score) == (62.5, 70.0)
    assert record.exercises == {"01.create": 22.5, "01.matmul": 40.0}
    assert record.answered == ("01.q1",)
    assert (record.checkpoint, record.ran, record.sandbox, record.flags) == (True, True, "bubblewrap", ())


@pytest.mark.parametrize(
    ("field", "value"),
    [("assignment", "02_activations"), ("commit", "d" * 40), ("manifest", "e" * 64)],
)
def test_a_record_of_another_assignment_commit_or_manifest_is_a_mismatch(parse, payload, field, value):
    with pytest.raises(RecordMismatch, match=f"it is for {field} {value[:40]}"):
        parse(json.dumps(payload | {field: value}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": 70}, "do not add up"),
        ({"score": 1e308}, "score"),
        ({"score": "62.5"}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"score": -1}, "score"),
        ({"max_score": 100}, "its maximum is 100, not 70"),
        ({"exercises": {"01.create": 31, "01.matmul": 31.5}}, "01.create has 31 of 30 points"),
        ({"exercises": {"01.create": -7.5, "01.matmul": 70}}, "exercises.01.create"),
        ({"exercises": {"01.create": 30}, "score": 30}, "not those of the assignment"),
        ({"exercises": {"01.create": 22.5, "01.matmul": 40, "01.bonus": 0}}, "01.bonus"),
        ({"exercises": []}, "exercises"),
        ({"answered": ["01.q9"]}, "questions the assignment does not have"),
        ({"answered": "01.q1"}, "answered"),
        ({"checkpoint": 1}, "checkpoint"),
        ({"ran": "yes"}, "ran"),
        ({"sandbox": "<b>"}, "sandbox"),
        ({"flags": ["x" * 100]}, "flags"),
        ({"commit": "HEAD"}, "commit"),
        ({"bonus": 100}, "bonus"),
        ({"schema": "tinytorch-classroom/record/v2"}, "the schema is not"),
        ({"schema": None}, "the schema is not"),
    ],
)
def test_a_record_that_says_something_impossible_is_malformed(parse, payload, change, message):
    with pytest.raises(RecordMalformed, match=message):
        parse(json.dumps(payload | change))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "70/70",
        "{",
        '{"schema":"tinytorch-classroom/record/v1"}',
        "[" * 4000,
        '{"a":"' + "x" * 5000 + '"}',
        "\ud800",
    ],
)
def test_what_is_no_record_is_malformed(parse, text):
    with pytest.raises(RecordMalformed):
        parse(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_malformed(parse, payload, number):
    text = json.dumps(payload).replace("62.5", number)
    with pytest.raises(RecordMalformed):
        parse(text)


def test_a_key_that_stands_twice_is_malformed(parse, payload):
    text = json.dumps(payload).replace('"score": 62.5', '"score": 0, "score": 62.5')
    with pytest.raises(RecordMalformed, match="a key stands twice"):
        parse(text)


def test_the_rounding_of_each_exercise_is_allowed_for(parse, workshop):
    assert parse(workshop.record(COMMIT, 10.004, 20.004)).score == 30.01
