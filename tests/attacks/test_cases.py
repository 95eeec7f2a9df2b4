"""Every folder beside this file, graded: hostile work earns nothing, honest work everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from autograding.grader.worker import sandbox
from tests.attacks.case import Case, load_cases
from tests.attacks.conftest import Graded
from tests.attacks.outcome import exists, unmet
from tests.conftest import ROOT

CASES = load_cases()
HELD = pytest.mark.needs(sandbox.kind() != "none", "hostile code runs only where a sandbox holds it")


def each(cases: Iterable[Case]) -> list[object]:
    return [pytest.param(case, id=case.name, marks=[HELD] if case.hostile else []) for case in cases]


@pytest.mark.slow
@pytest.mark.parametrize("case", each(case for case in CASES if case.graded))
def test_a_submission_gets_what_its_case_says(case: Case, grade_case: Callable[[Case], Graded]) -> None:
    assert unmet(case, *grade_case(case)) == []


@pytest.mark.parametrize("case", each(case for case in CASES if case.tests))
def test_the_tests_that_a_case_names_exist(case: Case) -> None:
    assert [name for name in case.tests if not exists(name, ROOT)] == []
