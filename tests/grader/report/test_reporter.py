"""The result for the reporter action that courses brought along from GitHub Classroom."""

from __future__ import annotations

import base64
import json
from typing import Any

from autograding.grader.grade import Grade
from autograding.grader.report.reporter import reporter_result
from tests.grader.report import samples


def read(grade: Grade) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(base64.b64decode(reporter_result(grade), validate=True))
    return payload


def test_full_marks_pass() -> None:
    payload = read(samples.FULL)
    assert (payload["version"], payload["status"], payload["max_score"]) == (1, "pass", 70)


def test_the_scores_of_the_entries_add_up_to_the_score() -> None:
    payload = read(samples.HALF_DONE)
    assert payload["status"] == "fail"
    assert round(sum(entry["score"] for entry in payload["tests"]), 2) == samples.HALF_DONE.score


def test_every_entry_has_the_fields_the_action_needs() -> None:
    wanted = {"name", "status", "score", "message", "test_code", "filename", "line_no", "duration"}
    assert [set(entry) for entry in read(samples.TROUBLED)["tests"]] == [wanted] * len(
        samples.TROUBLED.exercises
    )


def test_no_message_can_be_taken_for_a_workflow_command() -> None:
    messages = [entry["message"] for entry in read(samples.TROUBLED)["tests"]]
    assert [text for text in messages if "\n" in text or text.startswith("::")] == []
