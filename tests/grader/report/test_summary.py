"""What students and graders read after a push."""

from __future__ import annotations

from dataclasses import replace

from markdown_it import MarkdownIt

from autograding.grader.grade import (
    CellFailure,
    CheckpointResult,
    ExerciseGrade,
    Flag,
    NotebookRun,
    QuestionStatus,
    TestGrade,
)
from autograding.grader.report.summary import LIMIT, render_no_grade, render_summary
from tests.grader.report import samples
from tests.grader.report.samples import MANIFEST

HALF = render_summary(samples.HALF_DONE, MANIFEST)
FULL = render_summary(samples.FULL, MANIFEST)
STARTER = render_summary(samples.STARTER, MANIFEST)
TROUBLED = render_summary(samples.TROUBLED, MANIFEST)
FINAL = render_summary(samples.FINAL, MANIFEST)


def test_the_score_is_the_headline() -> None:
    assert HALF.startswith("# Tensor: 56.67 of 70 points (provisional)\n")


def test_every_exercise_has_a_row_with_its_points() -> None:
    assert "| Construction and properties <code>01.create</code> | 30 / 30 | passed |" in HALF
    assert "| Matrix product <code>01.matmul</code> | 26.67 / 40 | 2 of 3 passed |" in HALF


def test_a_failed_test_says_what_was_called_expected_and_got() -> None:
    assert "**matmul agrees with numpy**" in HALF
    assert "called:   matmul(Tensor(3, 4), Tensor(4, 2))\nexpected: array(3, 2)" in HALF
    assert "got:      shape (4, 2)" in HALF


def test_a_failed_test_shows_its_hint() -> None:
    assert "Hint: Matrix product sums over the last axis of a and the second-to-last of b" in HALF


def test_tests_that_failed_with_the_same_words_are_shown_once() -> None:
    same = tuple(replace(samples.WRONG, id=test.id) for test in samples.MULTIPLIED.tests)
    grade = replace(samples.HALF_DONE, exercises=(replace(samples.MULTIPLIED, score=0, tests=same),))
    summary = render_summary(grade, MANIFEST)
    assert summary.count("got:      shape (4, 2)") == 1
    assert "2 more tests failed with the same words." in summary


def test_full_marks_leave_nothing_to_look_at() -> None:
    assert "What to look at" not in FULL
    assert "Passed: what you built can be used for something new." in FULL


def test_hidden_tests_are_announced_before_the_final_grade() -> None:
    assert "For the final grade, hidden tests run as well" in HALF
    assert "For the final grade, hidden tests run as well" in FULL


def test_the_final_summary_says_that_it_is_final() -> None:
    assert FINAL.startswith("# Tensor: 56.67 of 70 points (final)")
    assert "hidden tests run as well" not in FINAL


def test_hidden_tests_are_shown_as_a_group_and_never_by_case() -> None:
    assert "1 hidden test failed." in FINAL
    assert "odd shapes" not in FINAL
    assert "0.25" not in FINAL
    assert "Tensor(7, 5)" not in FINAL


def test_the_final_table_says_how_much_of_the_hidden_tests_passed() -> None:
    assert "| Exercise | Points | Visible tests | Hidden tests |" in FINAL
    assert "<code>01.matmul</code> | 26.67 / 40 | 2 of 3 passed | 0 of 1 passed |" in FINAL


def test_a_hint_that_only_a_hidden_test_gives_is_not_shown() -> None:
    telling = replace(samples.HIDDEN_FAILURE, hint="Think of seven rows.")
    exercise = replace(samples.MULTIPLIED, tests=(*samples.MULTIPLIED.tests, telling))
    summary = render_summary(replace(samples.FINAL, exercises=(exercise,)), MANIFEST)
    assert "1 hidden test failed." in summary
    assert "seven rows" not in summary


def test_hidden_tests_of_an_unwritten_exercise_are_not_listed() -> None:
    stub = replace(samples.HIDDEN_FAILURE, message=samples.STUB.format("matmul"))
    exercise = replace(samples.MULTIPLIED, score=0, tests=(stub,))
    summary = render_summary(replace(samples.FINAL, exercises=(exercise,)), MANIFEST)
    assert "| 0 / 40 | none | not written yet |" in summary
    assert "hidden test failed" not in summary


def test_an_unwritten_exercise_is_called_so_and_not_listed_test_by_test() -> None:
    assert "| 0 / 30 | not written yet |" in STARTER
    assert "What to look at" not in STARTER


def test_an_exercise_that_waits_for_another_says_for_which() -> None:
    assert "| 0 / 40 | waits for 01.create, which is not written yet |" in STARTER


def test_the_untouched_starter_is_told_where_to_begin() -> None:
    assert "No exercise is written yet. Start with the first one of the notebook." in STARTER


def test_the_cell_that_stopped_the_notebook_is_named() -> None:
    assert "stopped at cell 41 (<code>measure-2</code>)" in HALF
    assert "MemoryError: cannot allocate" in HALF


def test_failed_check_cells_are_listed() -> None:
    assert "- cell 33 (<code>matmul-check</code>): <code>AssertionError" in HALF


def test_check_cells_that_wait_for_unwritten_code_are_only_counted() -> None:
    stub = "NotImplementedError: 01.create: Tensor.__init__ is not written yet"
    checks = tuple(CellFailure(f"check-{number}", number, stub) for number in range(1, 4))
    grade = replace(samples.STARTER, notebook=NotebookRun(True, None, checks))
    summary = render_summary(grade, MANIFEST)
    assert "3 check cells wait for code that is not written yet." in summary
    assert "These check cells failed" not in summary


def test_an_exercise_whose_tests_meet_several_stubs_is_still_unwritten() -> None:
    own = samples.failed("matmul_in_batches", samples.STUB.format("matmul"))
    exercise = replace(
        samples.MULTIPLIED,
        score=0,
        tests=(samples.failed("matmul_of_vectors[3]", samples.STUB.format("create")), own),
    )
    assert "| 0 / 40 | not written yet |" in render_summary(
        replace(samples.STARTER, exercises=(exercise,)), MANIFEST
    )


def test_a_cell_that_does_not_compile_is_named_with_its_reason() -> None:
    assert "**cell 30 (<code>matmul</code>)**" in TROUBLED
    assert "line 4: '(' was never closed." in TROUBLED


def test_an_exercise_whose_cell_does_not_compile_is_not_called_unwritten() -> None:
    cell = CellFailure("create", 16, "line 4: '(' was never closed.")
    grade = replace(samples.STARTER, notebook=NotebookRun(False, cell, (), (cell,)))
    assert "| 0 / 30 | its cell could not be used, see below |" in render_summary(grade, MANIFEST)


def test_a_missing_notebook_is_said_before_the_points() -> None:
    assert TROUBLED.index("could not be read") < TROUBLED.index("| Exercise |")
    assert "restore it: git checkout origin/HEAD -- tensor.ipynb" in TROUBLED


def test_flags_are_listed_for_the_grader() -> None:
    assert "- protected changed: <code>tests&#47;test&#95;tensor.py was changed</code>" in TROUBLED


def test_questions_show_their_words_and_who_is_next() -> None:
    assert "| 10 | 84 words, awaits a grader |" in HALF
    assert "| 10 | **no answer yet** |" in HALF


def test_the_same_check_at_home_is_one_command() -> None:
    assert "```console\nuv run tito module test\n```" in HALF


def test_a_run_without_isolation_says_so() -> None:
    assert "without isolation" in TROUBLED
    assert "without isolation" not in HALF


def test_a_run_without_a_grade_says_that_no_points_were_lost() -> None:
    summary = render_no_grade("there is no manifest here")
    assert "No points were lost" in summary
    assert "there is no manifest here" in summary


def test_equal_grades_give_equal_bytes() -> None:
    assert render_summary(replace(samples.TROUBLED), MANIFEST) == TROUBLED


def test_nothing_a_student_writes_becomes_markup() -> None:
    evil = "`````\n\n# 100 of 100\n\n<img src=http://x> ![](http://x) @all #1 [a](http://x) | \\| </details>"
    cell = CellFailure(evil, 3, evil)
    grade = replace(
        samples.HALF_DONE,
        exercises=(
            replace(
                samples.MULTIPLIED,
                tests=(TestGrade(MANIFEST.tests[1].id, "failed", 0, evil, samples.HINT),),
            ),
        ),
        checkpoint=CheckpointResult(False, evil),
        notebook=NotebookRun(False, cell, (cell,), (cell,)),
        flags=(Flag("bidi_characters", evil),),
    )
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(render_summary(grade, MANIFEST))
    assert html.count("<h1>") == 1
    assert [tag for tag in ("<img", "<a ", "</details>") if tag in html] == []


def test_a_flood_is_cut_and_our_own_part_stays() -> None:
    flood = tuple(CellFailure("c" * 500, number, "x" * 100_000) for number in range(1000))
    tests = tuple(
        TestGrade(MANIFEST.tests[0].id, "failed", 0, f"{n} " + "y" * 5000, "z") for n in range(3000)
    )
    grade = replace(
        samples.HALF_DONE,
        exercises=(ExerciseGrade("01.create", "t", 0, 30, tests),),
        questions=(QuestionStatus("01.q1", 10**9, True),),
        notebook=NotebookRun(False, flood[0], flood, flood),
        flags=tuple(Flag("kind", "f" * 10_000) for _ in range(2000)),
    )
    summary = render_summary(grade, MANIFEST)
    assert len(summary.encode()) <= LIMIT
    assert summary.startswith("# Tensor: 56.67 of 70 points")


def test_a_summary_too_long_for_github_keeps_the_points() -> None:
    exercise = replace(
        samples.MULTIPLIED,
        tests=tuple(
            TestGrade(MANIFEST.tests[1].id, "failed", 0, f"{number} " + "é" * 1200, "hint")
            for number in range(4)
        ),
    )
    grade = replace(samples.HALF_DONE, exercises=(exercise,) * 100)
    summary = render_summary(grade, MANIFEST)
    assert len(summary.encode()) <= LIMIT
    assert "There was more to say than fits here." in summary
    assert summary.startswith("# Tensor: 56.67 of 70 points")
