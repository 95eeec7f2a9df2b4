"""A lesson must hold what its module.yml declares."""

from __future__ import annotations

import pytest

from autograding.grader.errors import LessonError
from autograding.grader.manifest import Exercise, Forbidden, Question
from autograding.lesson import check_lesson, parse_lesson


def message(text, assignment) -> str:
    with pytest.raises(LessonError) as caught:
        check_lesson(parse_lesson(text, "box.py"), assignment)
    return str(caught.value)


def test_a_lesson_that_holds_everything_is_accepted(lesson_text, assignment):
    check_lesson(parse_lesson(lesson_text, "box.py"), assignment)


def test_an_exercise_that_is_not_declared_is_named(lesson_text, assignment):
    assignment.exercises = assignment.exercises[:1]
    assert message(lesson_text, assignment) == (
        "box.py:43: module.yml declares no exercise 'grow'\n  declare it there, or use one of: box"
    )


def test_an_exercise_without_a_solution_is_named(lesson_text, assignment):
    assignment.exercises += (Exercise("01.stack", "Stacking", 5),)
    assert message(lesson_text, assignment) == (
        "box.py: module.yml declares the exercise 'stack', but no cell holds a solution for it\n"
        '  add a cell `# %% id="stack" exercise="stack"` with its solution'
    )


def test_a_question_that_is_not_declared_is_named(lesson_text, assignment):
    assignment.questions = ()
    assert message(lesson_text, assignment) == (
        "box.py:64: module.yml declares no question 'q1'\n  declare it there, or use one of: none is declared"
    )


def test_a_question_without_an_answer_cell_is_named(lesson_text, assignment):
    assignment.questions += (Question("01.q2", "Speed", 10, "q2"),)
    assert message(lesson_text, assignment) == (
        "box.py: module.yml declares the question 'q2', but no cell takes the answer\n"
        '  add a cell `# %% [markdown] id="q2" question="q2"`, or remove the question'
    )


def test_a_rule_for_a_function_that_no_cell_exports_is_named_with_its_line(lesson_text, assignment):
    assignment.forbidden = (Forbidden(("for",), "no loop is needed", functions=("total", "totals")),)
    assert message(lesson_text, assignment) == (
        f"{assignment.configuration}:3: a rule under `forbidden` holds in totals, "
        "which no exported cell defines\n"
        "  the lesson box.py defines: Box, Box.__init__, Box.__repr__, Box.grow, total"
    )
