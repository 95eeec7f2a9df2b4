"""Hostile code in an exported cell: it must gain nothing, and cost others nothing.

Each file in `payloads/` is named after its id in the list of attacks and says
what it tries. It is hidden in a submission with some exercises solved and the others
untouched; no exercise may score more than it does without the payload.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograding.grader.worker import sandbox
from tests.attacks.conftest import HONEST_WORK, Submit, append

PAYLOADS = sorted((Path(__file__).parent / "payloads").glob("*.py"))
HONEST_POINTS = 22
EARNED = {
    "01.create": 8,
    "01.footprint": 4,
    "01.arith": 0,
    "01.matcheck": 0,
    "01.matmul": 0,
    "01.shape": 0,
    "01.index": 0,
    "01.reduce": 10,
}
FOREVER = "def forever(self, *args, **kwargs):\n    while True:\n        pass\n\n\nTensor.mean = forever\n"


@pytest.mark.slow
@pytest.mark.skipif(sandbox.kind() == "none", reason="hostile code is run only where a sandbox holds it")
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_raises_the_score_of_no_exercise(payload: Path, submit: Submit) -> None:
    grade = submit(*HONEST_WORK, change=append(payload.read_text()))
    assert {item.id: item.score for item in grade.exercises if item.score > EARNED[item.id]} == {}


def test_the_honest_work_alone_earns_its_points(submit: Submit) -> None:
    assert {item.id: item.score for item in submit(*HONEST_WORK).exercises} == EARNED


def test_an_endless_loop_in_one_method_costs_only_its_exercise(submit: Submit) -> None:
    grade = submit(*HONEST_WORK, change=append(FOREVER))
    scores = {item.id: item.score for item in grade.exercises}
    assert (scores["01.create"], scores["01.footprint"]) == (8, 4)
    assert 0 < scores["01.reduce"] < 10


def test_a_timed_out_test_says_so(submit: Submit) -> None:
    reduce = next(
        item for item in submit(*HONEST_WORK, change=append(FOREVER)).exercises if item.id == "01.reduce"
    )
    assert any(
        "took too long: stopped after 1.5 seconds for one call" in test.message for test in reduce.tests
    )


def test_an_exit_in_one_method_costs_only_its_exercise(submit: Submit) -> None:
    leave = "import os\n\nTensor.mean = lambda self, *args, **kwargs: os._exit(0)\n"
    grade = submit(*HONEST_WORK, change=append(leave))
    scores = {item.id: item.score for item in grade.exercises}
    assert (scores["01.create"], scores["01.footprint"]) == (8, 4)
    assert scores["01.reduce"] < 10
