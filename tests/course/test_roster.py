"""Rosters as people have them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.course import Student, load_roster
from autograding.course.roster import parse_roster
from autograding.grader.errors import ConfigurationError
from tests.course.conftest import patient

HEADER = "identifier,github_username,github_id,name\n"
ADA = Student("ada@example.edu", "ada-l", 815, "Lovelace, Ada")
REPOSITORY = Path(__file__).parents[2]


def test_the_shipped_example_class_is_in_order() -> None:
    assert len(load_roster(REPOSITORY / "roster.csv")) == 6


def test_an_export_of_github_classroom_is_read(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(
        '"identifier","github_username","github_id","name"\n"ada@example.edu","ada-l","815","Lovelace, Ada"\n'
        '"grace@example.edu","","",""\n',
        encoding="utf-8",
    )

    assert load_roster(path) == (ADA, Student("grace@example.edu", "", None, ""))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            b"\xef\xbb\xbf" + HEADER.encode() + b'ada@example.edu,ada-l,815,"Lovelace, Ada"', id="mark"
        ),
        pytest.param(
            HEADER.encode() + b'ada@example.edu,ada-l,815,"Lovelace, Ada"\r\n\r\n,,,\r\n', id="blank"
        ),
        pytest.param(
            HEADER.replace(",", ";").encode() + b"ada@example.edu;ada-l;815;Lovelace, Ada\n", id="semicolons"
        ),
        pytest.param(
            HEADER.replace(",", "\t").encode() + b"ada@example.edu\tada-l\t815\tLovelace, Ada\n", id="tabs"
        ),
        pytest.param(
            b"Section,Name,GitHub_ID,Identifier,GitHub_Username\n"
            b'A,"Lovelace, Ada",815, ada@example.edu ,ada-l\n',
            id="other columns in another order",
        ),
    ],
)
def test_what_spreadsheets_do_to_a_roster_is_tolerated(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "roster.csv").write_bytes(data)

    assert load_roster(tmp_path / "roster.csv") == (ADA,)


def test_a_roster_of_classroom_50_is_read_without_its_teachers() -> None:
    text = (
        "username,first_name,last_name,email,section,github_id,role\n"
        "ada-l,Ada,Lovelace,ada@example.edu,A,815,student\n"
        "grace,Grace,Hopper,,A,,\n"
        "babbage,Charles,Babbage,cb@example.edu,,7,teacher\n"
    )

    assert parse_roster(text, "roster.csv") == (
        Student("ada@example.edu", "ada-l", 815, "Ada Lovelace"),
        Student("grace", "grace", None, "Grace Hopper"),
    )


def test_a_roster_may_lack_the_columns_that_are_not_needed() -> None:
    assert parse_roster("identifier,github_username\nada,ada-l\n", "r") == (
        Student("ada", "ada-l", None, ""),
    )


def test_a_class_may_have_no_student_yet() -> None:
    assert parse_roster(HEADER, "roster.csv") == ()


def test_several_students_without_a_login_are_no_duplicates() -> None:
    assert len(parse_roster(HEADER + "a@b.edu,,,\nc@d.edu,,,\n", "roster.csv")) == 2


def test_a_missing_roster_is_named_as_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        load_roster(Path("class/roster.csv"))

    assert str(caught.value) == "class/roster.csv: there is no such file"


@patient
@given(st.text() | st.text(alphabet='a,;"\t\n\r\0').map(lambda text: HEADER + text))
def test_any_text_is_a_roster_or_an_explained_mistake(text: str) -> None:
    assert isinstance(outcome(text), tuple | ConfigurationError)


@patient
@given(
    st.lists(
        st.builds(
            Student,
            identifier=st.from_regex(r"[a-z0-9.]{1,12}@[a-z]{1,6}\.edu", fullmatch=True),
            login=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True) | st.just(""),
            github_id=st.none(),
            name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20),
        ),
        unique_by=(lambda student: student.identifier, lambda student: student.login or student.identifier),
    )
)
def test_a_roster_that_was_written_is_read_as_it_was(students: list[Student]) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["identifier", "github_username", "name"])
    writer.writerows([student.identifier, student.login, student.name] for student in students)

    assert parse_roster(file.getvalue(), "roster.csv") == tuple(students)


def outcome(text: str) -> tuple[Student, ...] | ConfigurationError:
    """What parsing comes to."""
    try:
        return parse_roster(text, "roster.csv")
    except ConfigurationError as error:
        return error
