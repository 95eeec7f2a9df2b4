"""The list of commits that an instructor writes by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.course.roster import parse_roster
from autograding.grader.errors import ConfigurationError
from autograding.regrade.listing import load_list, parse_list
from tests.regrade.classroom import ROSTER

STUDENTS = parse_roster(ROSTER + "fay@example.org,,6,Fay\n", "roster.csv")
A, B = "a" * 40, "b" * 40


def parse(text: str, students=STUDENTS):
    return parse_list(text, "list.csv", students, Path("/nowhere"))


def refused(text: str, students=STUDENTS) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, students)
    return str(caught.value)


def test_a_student_is_named_by_login_or_identifier_in_any_case() -> None:
    chosen = parse(f"student,repository,commit\nANN,org/x,{A}\nBob@example.org,org/y,{B}\n")
    assert [(item.student, item.login, item.repository, item.commit) for item in chosen] == [
        ("ann@example.org", "Ann", "org/x", A),
        ("bob@example.org", "bob", "org/y", B),
    ]


def test_columns_may_stand_in_any_order() -> None:
    assert parse(f"Commit, Student ,repository\n{A},ann,org/x\n")[0].commit == A


def test_without_a_roster_a_login_is_enough() -> None:
    assert parse(f"student,repository,commit\nzoe,org/x,{A}\n", ())[0].student == "zoe"


def test_a_path_is_relative_to_the_list(tmp_path: Path) -> None:
    (tmp_path / "clones" / "ann").mkdir(parents=True)
    (tmp_path / "list.csv").write_text(f"student,repository,commit\nann,./clones/ann,{A}\n")
    assert load_list(tmp_path / "list.csv", STUDENTS)[0].repository == str(tmp_path / "clones" / "ann")


def test_every_mistake_is_reported_with_its_line() -> None:
    text = f"""student,repository,commit
zed,org/x,{A}

ann,ssh://org/x,{A}
bob,org/x,HEAD
ANN@example.org,org/x,{B}
fay,org/x,{A}
fay@example.org,org/x,{A}
"""
    message = refused(text)
    for line in (
        "list.csv:2: student: 'zed' is not on the roster",
        "list.csv:4: repository: expected a repository such as org/01-tensor-ada",
        "list.csv:5: commit: expected the 40 hexadecimal digits of a commit, got 'HEAD'",
        "list.csv:6: 'ANN@example.org' stands in line 4 already",
        "list.csv:7: student: 'fay' is not on the roster",
        "list.csv:8: student: 'fay@example.org' has no login",
    ):
        assert line in message


def test_the_lines_of_a_value_that_spans_several_count() -> None:
    assert "list.csv:4:" in refused(f'student,repository,commit\n"ann\n",org/x,{A}\nzed,org/x,{A}\n')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "list.csv:1: the columns of a list are student, repository, commit; the file is empty"),
        ("student,repository\n", "found 'student,repository'"),
        ("student,repository,commit\n", "list.csv:1: the list names no commit"),
        ("student,repository,commit\nann,org/x\n", "list.csv:2: expected 3 values, got 2"),
        (f"student,repository,commit\nann,org/x,{A},b\n", "list.csv:2: expected 3 values, got 4"),
        ('student,repository,commit\n"ann,org/x,a\n', "not valid CSV"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, message: str) -> None:
    assert message in refused(text)


def test_without_a_roster_a_login_must_be_one() -> None:
    assert "list.csv:2: student: expected a GitHub login" in refused(
        f"student,repository,commit\nann@x,org/x,{A}\n", ()
    )


@given(st.lists(st.lists(st.text(max_size=50), min_size=1, max_size=4), max_size=5), st.text(max_size=60))
def test_whatever_stands_in_a_list_it_is_read_or_explained(rows: list[list[str]], junk: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["student", "repository", "commit"], *rows])
    for text in (written.getvalue(), junk, "student,repository,commit\n" + junk):
        try:
            chosen = parse(text)
        except ConfigurationError:
            continue
        assert {item.login for item in chosen} <= {student.login for student in STUDENTS}
