"""Payloads that fit any module, on the starter of every module and milestone: no test may pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograding.course import Course
from autograding.grader.worker import sandbox
from tests.attacks.case import load_cases
from tests.attacks.everywhere import EACH, stage, try_payloads
from tests.conftest import ROOT

PAYLOADS = [case for case in load_cases() if case.everywhere]
ASSIGNMENTS = sorted(
    path.parent.name
    for pattern in ("modules/*/module.yml", "milestones/*/*.yml")
    for path in ROOT.glob(pattern)
    if path.name != "rubric.yml"
)
# Every test with every payload takes minutes.
ALL = "TRY_EVERY_PAYLOAD"


@pytest.mark.slow
@pytest.mark.needs(sandbox.kind() != "none", "hostile code runs only where a sandbox holds it")
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_payload_passes_a_test_of_any_assignment(assignment: str, course: Course, tmp_path: Path) -> None:
    each = len(PAYLOADS) if ALL in os.environ else EACH
    chosen = course.resolve(assignment)
    tried = try_payloads(stage(chosen, tmp_path), chosen, PAYLOADS, each)
    assert tried.ran > 0
    assert tried.passed == []
