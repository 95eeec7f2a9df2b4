"""Proving assignments: what holds is said to hold, and each thing that does not is found."""

from __future__ import annotations

import pytest

from autograding.assignments.validate import Check, Validation, validate_assignment
from autograding.course import load_course
from tests.assignments.conftest import PROJECT, Workshop

LESSON = "modules/01_alpha/alpha.py"
TESTS = "modules/01_alpha/tests/test_alpha.py"
HIDDEN = "modules/01_alpha/tests/test_alpha_hidden.py"
pytestmark = pytest.mark.slow


def validate(workshop: Workshop) -> Validation:
    course = workshop.course
    return validate_assignment(course, course.resolve("alpha"))


def failed(workshop: Workshop) -> dict[str, tuple[str, ...]]:
    return {check.name: check.problems for check in validate(workshop).checks if not check.passed}


def test_a_sound_assignment_is_proved(workshop: Workshop) -> None:
    validation = validate(workshop)
    assert validation.passed
    assert [(check.name, check.summary) for check in validation.checks if check.name != "renders"] == [
        ("points", "70+30"),
        ("rubric", "2 questions"),
        ("leaks", "none"),
        ("hidden tests", "2"),
        ("reference", "70, 70"),
        ("checkpoint", "passed"),
        ("notebook", "runs"),
        ("starter", "0, 0"),
        ("known bugs", "2/2"),
    ]


def test_a_reference_that_fails_its_tests_is_found(workshop: Workshop) -> None:
    workshop.edit(TESTS, 'assert_equal(tt.label(0), "zero")', 'assert_equal(tt.label(0), "nought")')
    (problem, *_) = failed(workshop)["reference"]
    assert problem.startswith("visible tests: tests/test_alpha.py::test_label_of_zero failed")
    assert "expected: 'nought'" in problem


def test_a_reference_that_fails_a_hidden_test_is_found(workshop: Workshop) -> None:
    workshop.edit(HIDDEN, '"zero")', '"nought")')
    (problem, *_) = failed(workshop)["reference"]
    assert problem.startswith(
        "visible and hidden tests: tests/test_alpha_hidden.py::test_label_of_negative_zero"
    )


def test_a_test_that_passes_on_the_starter_is_found(workshop: Workshop) -> None:
    workshop.edit(TESTS, 'assert_equal(tt.label(0), "zero")', "assert callable(tt.label)")
    (problem, *_) = failed(workshop)["starter"]
    assert problem == "visible tests: tests/test_alpha.py::test_label_of_zero passes on the starter"


def test_a_bug_that_no_test_catches_is_found(workshop: Workshop) -> None:
    workshop.edit(LESSON, "dtype=np.float32)\n", "dtype=np.float32)\n    _ = numbers\n")
    workshop.write(
        "modules/01_alpha/bugs/harmless.yml",
        "title: Harmless\nexercise: spread\nhint: a difference\n"
        "edits:\n  - {find: _ = numbers, replace: _ = numbers + 1}\n",
    )
    assert failed(workshop) == {"known bugs": ("harmless.yml: no test of 01.spread catches it",)}


def test_a_bug_that_costs_points_elsewhere_is_found(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/bugs/zero.yml", "exercise: label", "exercise: spread")
    problems = failed(workshop)["known bugs"]
    assert "zero.yml: no test of 01.spread catches it" in problems
    assert problems[1].startswith(
        "zero.yml: it costs points in 01.label too: tests/test_alpha.py::test_label_of_zero"
    )


def test_a_bug_whose_hint_does_not_appear_is_found(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/bugs/zero.yml", "hint: zero is neither", "hint: nothing is nothing")
    (problem,) = failed(workshop)["known bugs"]
    assert problem == "zero.yml: its hint 'nothing is nothing' does not appear. Shown: zero is neither"


def test_a_bug_that_only_hidden_tests_catch_is_found(workshop: Workshop) -> None:
    workshop.edit(TESTS, 'assert_equal(tt.label(0), "zero")', 'assert_equal(tt.label(1), "positive")')
    (problem,) = failed(workshop)["known bugs"]
    assert problem == (
        "zero.yml: only hidden tests of 01.label catch it, so no student sees its hint in time"
    )


def test_a_bug_that_does_not_fit_the_lesson_is_found(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/bugs/zero.yml", 'return "zero"', 'return "null"')
    (problem,) = failed(workshop)["known bugs"]
    assert "modules/01_alpha/bugs/zero.yml" in problem
    assert "the block to find occurs nowhere in the lesson" in problem


def test_an_assignment_without_known_bugs_is_found(workshop: Workshop) -> None:
    (workshop.root / "modules/01_alpha/bugs/zero.yml").unlink()
    (workshop.root / "modules/01_alpha/bugs/adds.yml").unlink()
    assert failed(workshop) == {"known bugs": ("there are no known bugs",)}


def test_an_exercise_without_a_hidden_test_is_found(workshop: Workshop) -> None:
    text = (workshop.root / HIDDEN).read_text()
    workshop.write(HIDDEN, text[: text.index('@exercise("label"')])
    assert failed(workshop) == {"hidden tests": ("no hidden test for the exercise 01.label",)}


def test_a_checkpoint_that_fails_on_the_reference_is_found(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/tests/checkpoint.py", '== "positive"', '== "negative"')
    assert list(failed(workshop)) == ["checkpoint"]


def test_a_checkpoint_that_passes_on_the_starter_is_found(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/tests/checkpoint.py", 'tt.label(tt.spread([3, 9])) == "positive"', "tt.label"
    )
    assert failed(workshop) == {"starter": ("the checkpoint passes on the starter",)}


def test_a_check_cell_that_fails_on_the_reference_is_found(workshop: Workshop) -> None:
    workshop.edit(LESSON, "assert spread([1, 4]) == 3.0", "assert spread([1, 4]) == 4.0")
    (problem,) = failed(workshop)["notebook"]
    assert "spread-check" in problem


def test_a_leak_is_found_and_the_rest_is_still_proved(workshop: Workshop) -> None:
    workshop.write("template/help.md", "return float(numbers.max() - numbers.min())\n")
    assert list(failed(workshop)) == ["leaks"]


def test_a_missing_rubric_is_found(workshop: Workshop) -> None:
    (workshop.root / "modules/01_alpha/rubric.yml").unlink()
    assert list(failed(workshop)) == ["rubric"]


def test_a_lesson_that_does_not_render_is_one_failed_check(workshop: Workshop) -> None:
    workshop.edit(LESSON, "    if number == 0:\n", "    ### BEGIN SOLUTION\n    if number == 0:\n")
    assert list(failed(workshop)) == ["renders"]


def test_the_script_prints_a_row_an_assignment_and_exits_0(workshop: Workshop) -> None:
    result = workshop.run("validate_assignments.py")
    assert result.returncode == 0, result.stdout
    heading, alpha, beta, last = result.stdout.splitlines()
    assert heading.split() == ["assignment", "reference", "starter", "bugs", "hidden", "leaks", "commit"]
    assert alpha.split()[:8] == ["01_alpha", "70,", "70", "0,", "0", "2/2", "2", "none"]
    assert beta.split()[0] == "02_beta"
    assert last == "2 of 2 proved"


def test_the_script_prints_what_does_not_hold_and_exits_1(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/bugs/zero.yml", "hint: zero is neither", "hint: nothing is nothing")
    result = workshop.run("validate_assignments.py", "alpha")
    assert result.returncode == 1
    assert "01_alpha known bugs: zero.yml: its hint 'nothing is nothing' does not appear" in result.stdout
    assert "0 of 1 proved" in result.stdout


ASSIGNMENTS = [*PROJECT.glob("modules/*/module.yml"), *PROJECT.glob("milestones/*/milestone.yml")]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ASSIGNMENTS))
def test_every_assignment_of_this_course_is_proved(name: str) -> None:
    course = load_course(PROJECT)
    # The script proves every known bug, in a job of its own in CI; here a sample keeps the suite short.
    validation = validate_assignment(course, course.resolve(name), every=5)
    assert [check for check in validation.checks if not check.passed] == list[Check]()


def test_a_sample_of_the_known_bugs_can_be_tried(workshop: Workshop) -> None:
    course = workshop.course
    validation = validate_assignment(course, course.resolve("alpha"), every=2)
    assert {check.name: check.summary for check in validation.checks}["known bugs"] == "1/1"
