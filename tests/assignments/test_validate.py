"""Proving assignments: what holds is said to hold, and each thing that does not is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograding.assignments.proof.check import Check
from autograding.assignments.proof.validate import Validation, validate_assignments
from autograding.course import load_course
from tests.assignments.conftest import PROJECT, SMALL_COURSE, Workshop

LESSON = "modules/01_alpha/alpha.py"
TESTS = "modules/01_alpha/tests/test_alpha.py"
HIDDEN = "modules/01_alpha/tests/test_alpha_hidden.py"
BUGS = "modules/01_alpha/bugs"
pytestmark = pytest.mark.slow


ZERO = """title: Zero counts as positive
exercise: EXERCISE
hint: HINT
edits:
  - find: FIND
    replace: return "positive"
"""
FOUND = 'return "zero"'


def bug(exercise: str = "label", hint: str = "zero is neither", find: str = FOUND) -> str:
    return ZERO.replace("EXERCISE", exercise).replace("HINT", hint).replace("FIND", find)


def validate(workshop: Workshop, every: int = 1) -> Validation:
    course = workshop.course
    return validate_assignments(course, [course.resolve("alpha")], every=every)[0]


def failed(workshop: Workshop) -> dict[str, tuple[str, ...]]:
    return {check.name: check.problems for check in validate(workshop).checks if not check.passed}


def a_workshop(folder: Path) -> Workshop:
    shutil.copytree(SMALL_COURSE, folder / "course")
    return Workshop(folder / "course", folder / "output")


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What is found of a false check cell, useless bugs, no rubric, and a solution in the template."""
    workshop = a_workshop(tmp_path_factory.mktemp("careless"))
    workshop.edit(LESSON, "assert spread([1, 4]) == 3.0", "assert spread([1, 4]) == 4.0")
    workshop.edit(LESSON, "dtype=np.float32)\n", "dtype=np.float32)\n    _ = numbers\n")
    workshop.edit("modules/01_alpha/tests/checkpoint.py", '== "positive"', '== "negative"')
    workshop.write("template/help.md", "return float(numbers.max() - numbers.min())\n")
    harmless = bug("spread", "a difference", "_ = numbers").replace('return "positive"', "_ = numbers + 1")
    workshop.write(f"{BUGS}/harmless.yml", harmless)
    workshop.write(f"{BUGS}/elsewhere.yml", bug(exercise="spread"))
    workshop.write(f"{BUGS}/silent.yml", bug(hint="nothing is nothing"))
    workshop.write(f"{BUGS}/unfit.yml", bug(find='return "null"'))
    (workshop.root / "modules/01_alpha/rubric.yml").unlink()
    return failed(workshop)


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What is found of tests that ask for something else than the reference does, or for nothing."""
    workshop = a_workshop(tmp_path_factory.mktemp("mistaken"))
    workshop.edit(TESTS, 'assert_equal(tt.label(0), "zero")', 'assert_equal(tt.label(0), "nought")')
    workshop.edit(HIDDEN, '"zero")', '"nought")')
    called = (
        '@exercise("label", hint="call it")\ndef test_label_is_there(tt):\n    assert callable(tt.label)\n'
    )
    workshop.write(TESTS, (workshop.root / TESTS).read_text() + "\n\n" + called)
    workshop.edit(
        "modules/01_alpha/tests/checkpoint.py", 'tt.label(tt.spread([3, 9])) == "positive"', "tt.label"
    )
    for name in ("zero", "adds"):
        (workshop.root / BUGS / f"{name}.yml").unlink()
    return failed(workshop)


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What is found of tests that leave something out."""
    workshop = a_workshop(tmp_path_factory.mktemp("incomplete"))
    workshop.edit(TESTS, 'assert_equal(tt.label(0), "zero")', 'assert_equal(tt.label(1), "positive")')
    text = (workshop.root / HIDDEN).read_text()
    spread = text[text.index('@exercise("spread"') : text.index('@exercise("label"')]
    workshop.edit(HIDDEN, spread, "")
    return failed(workshop)


def test_a_sound_assignment_is_proved_also_with_a_sample_of_its_bugs(workshop: Workshop) -> None:
    validation = validate(workshop, every=2)
    assert validation.passed
    assert [(check.name, check.summary) for check in validation.checks if check.name != "renders"] == [
        ("points", "70+30"),
        ("rubric", "2 questions"),
        ("leaks", "none"),
        ("hidden tests", "2"),
        ("reference", "70, 70"),
        ("checkpoint", "passed"),
        ("notebook", "runs"),
        ("starter", "0"),
        ("known bugs", "1/1"),
    ]


def test_what_fails_is_found_and_the_rest_is_still_proved(
    careless: dict[str, tuple[str, ...]], mistaken: dict[str, tuple[str, ...]]
) -> None:
    assert set(careless) == {"rubric", "leaks", "checkpoint", "notebook", "known bugs"}
    assert set(mistaken) == {"reference", "starter", "known bugs"}


def test_a_reference_that_fails_its_tests_is_found(mistaken: dict[str, tuple[str, ...]]) -> None:
    (problem, *_) = mistaken["reference"]
    assert problem.startswith("visible tests: tests/test_alpha.py::test_label_of_zero failed")
    assert "expected: 'nought'" in problem


def test_a_reference_that_fails_a_hidden_test_is_found(mistaken: dict[str, tuple[str, ...]]) -> None:
    beginning = "visible and hidden tests: tests/test_alpha_hidden.py::test_label_of_negative_zero"
    assert [problem for problem in mistaken["reference"] if problem.startswith(beginning)] != []


def test_a_test_or_a_checkpoint_that_passes_on_the_starter_is_found(
    mistaken: dict[str, tuple[str, ...]],
) -> None:
    assert mistaken["starter"] == (
        "tests/test_alpha.py::test_label_is_there passes on the starter",
        "the checkpoint passes on the starter",
    )


def test_an_assignment_without_known_bugs_is_found(mistaken: dict[str, tuple[str, ...]]) -> None:
    assert mistaken["known bugs"] == ("there are no known bugs",)


def test_a_bug_that_no_test_catches_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    assert "harmless.yml: no test of 01.spread catches it" in careless["known bugs"]


def test_a_bug_that_costs_points_elsewhere_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    missed, too = (text for text in careless["known bugs"] if text.startswith("elsewhere.yml"))
    assert missed == "elsewhere.yml: no test of 01.spread catches it"
    assert too.startswith(
        "elsewhere.yml: it costs points in 01.label too: tests/test_alpha.py::test_label_of_zero"
    )


def test_a_bug_whose_hint_does_not_appear_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    problem = "silent.yml: its hint 'nothing is nothing' does not appear. Shown: zero is neither"
    assert problem in careless["known bugs"]


def test_a_bug_that_does_not_fit_the_lesson_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    (problem,) = (text for text in careless["known bugs"] if text.startswith("unfit.yml"))
    assert "modules/01_alpha/bugs/unfit.yml" in problem
    assert "the block to find occurs nowhere in the lesson" in problem


def test_a_bug_that_is_caught_is_no_problem(careless: dict[str, tuple[str, ...]]) -> None:
    named = {text.partition(":")[0] for text in careless["known bugs"]}
    assert named == {"harmless.yml", "elsewhere.yml", "silent.yml", "unfit.yml"}


def test_a_bug_that_only_hidden_tests_catch_is_found(incomplete: dict[str, tuple[str, ...]]) -> None:
    assert incomplete["known bugs"] == (
        "zero.yml: only hidden tests of 01.label catch it, so no student sees its hint in time",
    )


def test_an_exercise_without_a_hidden_test_is_found(incomplete: dict[str, tuple[str, ...]]) -> None:
    assert incomplete["hidden tests"] == ("no hidden test for the exercise 01.spread",)


def test_a_checkpoint_that_fails_on_the_reference_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    assert len(careless["checkpoint"]) == 1


def test_a_check_cell_that_fails_on_the_reference_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    (problem,) = careless["notebook"]
    assert "spread-check" in problem


def test_a_leak_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    (problem,) = careless["leaks"]
    assert "help.md" in problem


def test_a_missing_rubric_is_found(careless: dict[str, tuple[str, ...]]) -> None:
    (problem,) = careless["rubric"]
    assert "rubric.yml" in problem


def test_a_lesson_that_does_not_render_is_one_failed_check(workshop: Workshop) -> None:
    workshop.edit(LESSON, "    if number == 0:\n", "    ### BEGIN SOLUTION\n    if number == 0:\n")
    assert list(failed(workshop)) == ["renders"]


def test_the_script_prints_a_row_an_assignment_and_exits_0(workshop: Workshop) -> None:
    result = workshop.run("validate_assignments.py")
    assert result.returncode == 0, result.stdout
    heading, alpha, beta, last = result.stdout.splitlines()
    assert heading.split() == ["assignment", "reference", "starter", "bugs", "hidden", "leaks", "commit"]
    assert alpha.split()[:7] == ["01_alpha", "70,", "70", "0", "2/2", "2", "none"]
    assert beta.split()[0] == "02_beta"
    assert last == "2 of 2 proved"


def test_the_script_prints_what_does_not_hold_and_exits_1(workshop: Workshop) -> None:
    workshop.edit(LESSON, "    if number == 0:\n", "    ### BEGIN SOLUTION\n    if number == 0:\n")
    result = workshop.run("validate_assignments.py", "alpha")
    assert result.returncode == 1
    assert "01_alpha renders: " in result.stdout
    assert "0 of 1 proved" in result.stdout


ASSIGNMENTS = [*PROJECT.glob("modules/*/module.yml"), *PROJECT.glob("milestones/*/milestone.yml")]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ASSIGNMENTS))
def test_every_assignment_of_this_course_is_proved(name: str) -> None:
    course = load_course(PROJECT)
    # The script proves every known bug, in a job of its own in CI; here a sample keeps the suite short.
    (validation,) = validate_assignments(course, [course.resolve(name)], every=12)
    assert [check for check in validation.checks if not check.passed] == list[Check]()
