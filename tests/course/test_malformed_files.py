"""What a person reads about each malformed file of `malformed/`: exactly the text of its `expected.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograding.course import load_bug, load_course, load_roster, load_rubric
from autograding.grader.errors import ConfigurationError

MALFORMED = Path(__file__).parent / "malformed"


def cases(kind: str) -> list[str]:
    """The names of the cases of one kind of file."""
    return sorted(path.name for path in (MALFORMED / kind).iterdir())


@pytest.mark.parametrize("case", cases("classroom"))
def test_each_mistake_in_a_classroom_file_is_explained(root: Path, case: str) -> None:
    (root / "classroom.yml").write_bytes((MALFORMED / "classroom" / case / "classroom.yml").read_bytes())

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == expected("classroom", case)


@pytest.mark.parametrize("case", cases("module"))
def test_each_mistake_in_a_module_file_is_explained(root: Path, case: str) -> None:
    module = root / "modules" / "02_beta" / "module.yml"
    module.write_bytes((MALFORMED / "module" / case / "module.yml").read_bytes())

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == expected("module", case)


@pytest.mark.parametrize("case", cases("rubric"))
def test_each_mistake_in_a_rubric_is_explained(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MALFORMED / "rubric" / case)

    with pytest.raises(ConfigurationError) as caught:
        load_rubric(Path("rubric.yml"), ["q1", "q2", "q3"])

    assert str(caught.value) == expected("rubric", case)


@pytest.mark.parametrize("case", cases("bug"))
def test_each_mistake_in_a_known_bug_is_explained(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MALFORMED / "bug" / case)

    with pytest.raises(ConfigurationError) as caught:
        load_bug(Path("bug.yml"), ["create", "matmul"])

    assert str(caught.value) == expected("bug", case)


@pytest.mark.parametrize("case", cases("roster"))
def test_each_mistake_in_a_roster_is_explained(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MALFORMED / "roster" / case)

    with pytest.raises(ConfigurationError) as caught:
        load_roster(Path("roster.csv"))

    assert str(caught.value) == expected("roster", case)


def expected(kind: str, case: str) -> str:
    """The message that belongs to a case."""
    return (MALFORMED / kind / case / "expected.txt").read_text(encoding="utf-8").rstrip("\n")
