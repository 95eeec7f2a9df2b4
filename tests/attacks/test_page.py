"""docs/security.md says what the cases say, and every attack of the list is one row of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks import page as written
from tests.attacks.case import Case, load_case, load_cases
from tests.attacks.page import digest, load_groups, page, read_results, result_of

CASE = "attack: Something that is tried.\nharmless: It gains nothing because of this.\n"


def make(folder: Path, more: str) -> Case:
    (folder / "A01_a").mkdir()
    (folder / "A01_a" / "case.yml").write_text(CASE + more)
    return load_case(folder / "A01_a")


def test_the_page_is_what_the_cases_and_their_last_results_say() -> None:
    assert written.PAGE.read_text() == page(load_groups(), load_cases(), read_results()), (
        "docs/security.md is stale: uv run python -m tests.attacks.page"
    )


def test_no_case_changed_since_it_was_run() -> None:
    known = read_results()
    changed = [
        case.name
        for case in load_cases()
        if known.get(case.name, {}).get("digest") not in (None, digest(case))
    ]
    assert changed == [], "run them: uv run python -m tests.attacks.page"


def test_every_case_belongs_to_an_attack_of_the_list() -> None:
    listed = {name for group in load_groups() for name in group.attacks}
    assert {case.id for case in load_cases() if not case.id.startswith("H")} <= listed


def test_ids_have_no_gap_and_stand_once() -> None:
    listed = [name for group in load_groups() for name in group.attacks]
    assert sorted(listed) == sorted(f"A{number:02}" for number in range(1, len(listed) + 1))


@pytest.mark.parametrize(
    ("outcomes", "result"),
    [
        ({"t.py::test_a[1]": "passed", "t.py::test_a[2]": "passed"}, "passed"),
        ({"t.py::test_a[1]": "passed", "t.py::test_a[2]": "failed"}, "failed"),
        ({"t.py::test_a": "skipped"}, "skipped"),
        ({"t.py::test_ab": "passed"}, "not run"),
    ],
)
def test_a_case_is_as_good_as_the_worst_of_its_tests(
    tmp_path: Path, outcomes: dict[str, str], result: str
) -> None:
    assert result_of(make(tmp_path, "tests: ['t.py::test_a']\n"), outcomes) == result


def test_a_case_that_changed_has_no_result(tmp_path: Path) -> None:
    case = make(tmp_path, "tests: ['t.py::test_a']\n")
    known = {case.name: {"digest": digest(case), "result": "passed"}}
    (case.folder / "payload.txt").write_text("other")
    assert "| A01 | the workflow edited | **not run**" in page(load_groups(), [case], known)


@pytest.mark.parametrize(
    "more", ["", "moot: true\ntests: ['t.py::test_a']\n", "moot: true\neverywhere: true\ncells: [{}]\n"]
)
def test_a_case_that_is_not_one_thing_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(ValueError, match="names tests, or else holds a submission"):
        make(tmp_path, more)
