"""Hostile code in an exported cell: it must gain nothing, and cost others nothing.

Each file in `payloads/` is named after its id in the list of attacks and says
what it tries. The same payload is hidden in an untouched starter, which must
stay at 0, and in a half-done submission, which must not rise.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.conftest import HONEST_WORK, Submit, append

PAYLOADS = sorted((Path(__file__).parent / "payloads").glob("*.py"))
HONEST_POINTS = 22


@pytest.mark.slow
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_in_the_starter_earns_nothing(payload: Path, submit: Submit) -> None:
    assert submit(change=append(payload.read_text())).score == 0


@pytest.mark.slow
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_adds_nothing_to_honest_work(payload: Path, submit: Submit) -> None:
    assert submit(*HONEST_WORK, change=append(payload.read_text())).score <= HONEST_POINTS


def test_the_honest_work_alone_earns_its_points(submit: Submit) -> None:
    assert submit(*HONEST_WORK).score == HONEST_POINTS


def test_an_endless_loop_in_one_method_costs_only_its_exercise(submit: Submit) -> None:
    loop = "def forever(self, *args, **kwargs):\n    while True:\n        pass\n\n\nTensor.mean = forever\n"
    grade = submit(*HONEST_WORK, change=append(loop))
    scores = {item.id: item.score for item in grade.exercises}
    assert (scores["01.create"], scores["01.footprint"]) == (8, 4)
    assert 0 < scores["01.reduce"] < 10


def test_a_timed_out_test_says_so(submit: Submit) -> None:
    loop = "def forever(self, *args, **kwargs):\n    while True:\n        pass\n\n\nTensor.mean = forever\n"
    reduce = next(
        item for item in submit(*HONEST_WORK, change=append(loop)).exercises if item.id == "01.reduce"
    )
    assert any("took too long: stopped after 1 seconds for one call" in test.message for test in reduce.tests)


def test_an_exit_in_one_method_costs_only_its_exercise(submit: Submit) -> None:
    leave = "import os\n\nTensor.mean = lambda self, *args, **kwargs: os._exit(0)\n"
    grade = submit(*HONEST_WORK, change=append(leave))
    scores = {item.id: item.score for item in grade.exercises}
    assert (scores["01.create"], scores["01.footprint"]) == (8, 4)
    assert scores["01.reduce"] < 10
