"""The README a student starts from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from autograding.assignments.contents import TEMPLATE, template_context
from autograding.assignments.template import render_tree
from autograding.course import Assignment, Course
from autograding.grader.tito.main import main

COMMANDS = {"module test", "module export", "module status", "module reset", "system doctor"}


def readme(course: Course, assignment: Assignment) -> str:
    files = render_tree(course.root / TEMPLATE, template_context(course, assignment))
    return files["README.md"].decode()


@pytest.fixture
def tensor(course: Course) -> Assignment:
    return course.resolve("01_tensor")


def test_it_names_the_assignment_and_its_notebook(course: Course, tensor: Assignment) -> None:
    text = readme(course, tensor)
    assert text.startswith("# 01 Tensor\n")
    assert "[`tensor.ipynb`](tensor.ipynb)" in text
    assert "`tinytorch/core/tensor.py`" in text


def test_every_exercise_and_question_has_its_points(course: Course) -> None:
    for assignment in course.assignments:
        text = readme(course, assignment)
        parts = [*assignment.exercises, *assignment.questions]
        assert [item.title for item in parts if f"| {item.title} | {item.points:g} |" not in text] == []


def test_the_points_add_up_to_a_hundred(course: Course, tensor: Assignment) -> None:
    assert "- **Points:** 100, of which 70 for code and 30 for written answers\n" in readme(course, tensor)


def test_the_due_date_is_in_words_and_with_its_zone(course: Course, tensor: Assignment) -> None:
    assert re.search(r"- \*\*Due:\*\* \w+day \d+ \w+ \d{4}, \d\d:\d\d \(.+\)\n", readme(course, tensor))


def test_an_assignment_without_a_due_date_says_so(course: Course, tensor: Assignment) -> None:
    assert "- **Due:** no due date\n" in readme(course, replace(tensor, due=None))


def test_an_assignment_that_stands_on_others_names_them(course: Course, tensor: Assignment) -> None:
    text = readme(course, replace(tensor, prerequisites=("00_setup",)))
    assert "It stands on Setup and introduction. Those parts are in `tinytorch/` already." in text


def test_an_assignment_that_stands_on_nothing_names_nothing(course: Course, tensor: Assignment) -> None:
    assert "It stands on" not in readme(course, tensor)


def test_hidden_tests_and_written_answers_are_explained(course: Course, tensor: Assignment) -> None:
    text = readme(course, tensor)
    assert "together with hidden tests" in text
    assert "9 or 10 points for an answer that argues from your own code" in text


def test_it_names_every_command(course: Course, tensor: Assignment) -> None:
    assert set(re.findall(r"`uv run tito (\w+ \w+)", readme(course, tensor))) == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_it_names_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    assert f"usage: tito {command}" in capsys.readouterr().out


def test_it_has_no_gaps_where_a_part_was_left_out(course: Course) -> None:
    for assignment in course.assignments:
        assert "\n\n\n" not in readme(course, assignment)


def test_its_tables_and_blocks_are_whole(course: Course, tensor: Assignment) -> None:
    html = MarkdownIt("commonmark").enable("table").render(readme(course, tensor))
    assert html.count("<table>") == 2
    assert html.count("<pre>") == 3


def test_every_relative_link_leads_somewhere(rendered: Mapping[str, Path]) -> None:
    for repository in rendered.values():
        links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (repository / "README.md").read_text())
        assert [link for link in links if not (repository / link).exists()] == []
