"""What is allowed in a roster and probably a mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.course import Student
from autograding.course.lookalikes import lint_roster, skeleton


def student(identifier: str = "ada", login: str = "", name: str = "") -> Student:
    return Student(identifier, login, None, name)


def test_a_class_in_which_nobody_looks_like_another_has_no_findings() -> None:
    students = [
        student("s-101", "ali", "Ali Özil"),
        student("s-111", "all", "Zoë Łukasz"),
        student("s-010", "o-neill", "Мария Иванова"),
    ]

    assert lint_roster(students) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раураl"),
        ("adal", "adaI"),
        ("ada1", "adal"),
        ("b0b", "bob"),
        ("modern", "modem"),
        ("ada", "ａｄａ"),
        ("José", "Jose"),
        ("Jose\u0301", "José"),
        ("Ada  Lovelace", "ada lovelace"),
        ("Νίκος", "Nίκος"),
        ("ada\u200b", "ada"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("ali", "all"), ("ada", "adam"), ("s-11", "s-12"), ("漢", "字")])
def test_names_that_differ_have_two(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_lookalikes_are_named_with_whom_they_belong_to() -> None:
    found = lint_roster([student("s-1", "ada1"), student("s-2", "adal")])

    assert found == ["login: ada1 and adal look alike (s-1, s-2): is this one person twice?"]


def test_one_name_twice_is_named() -> None:
    found = lint_roster([student("s-1", name="Ada Lovelace"), student("s-2", name="Ada Lovelace")])

    assert found == ["name: Ada Lovelace are the same (s-1, s-2): is this one person twice?"]


def test_a_character_that_nobody_can_see_is_shown() -> None:
    assert lint_roster([student("ada\u202e")]) == [
        "identifier: ada\\u{202e} has a character that nobody can see"
    ]


def test_a_word_of_two_alphabets_is_named() -> None:
    assert lint_roster([student(name="Аda Lovelace")]) == ["name: Аda mixes letters of cyrillic and latin"]


def test_accents_apart_from_their_letters_are_named() -> None:
    [found] = lint_roster([student(name="Jose\u0301")])

    assert found.endswith("has accents apart from their letters, type it anew")


@given(st.lists(st.text(max_size=8), max_size=4))
def test_whatever_people_are_called_a_finding_is_one_printable_line(names: list[str]) -> None:
    students = [student(f"s-{place}", name=name) for place, name in enumerate(names)]

    assert all("\x1b" not in line and "\x00" not in line for line in lint_roster(students))
