"""The step summary: what a student reads after a push, and what a grader starts from.

Our own part comes first and is small; everything that grows with what a student
wrote is cut, so that the result is far below GitHub's limit of 1 MiB a step.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograding.grader.grade import (
    CellFailure,
    ExerciseGrade,
    Flag,
    Grade,
    QuestionStatus,
    TestGrade,
    plain_number,
)
from autograding.grader.manifest import Manifest
from autograding.grader.report.text import code, cut, fence, markdown
from autograding.grader.report.wording import (
    aligned,
    by_visibility,
    counted,
    failures,
    flag_title,
    hints,
    is_untouched,
    score_phrase,
    sort_checks,
    test_title,
    tests_phrase,
    unusable,
    unwritten,
    waiting_checks,
    waiting_phrases,
)

LIMIT = 256 * 1024
MAX_FAILURES = 4
MAX_FLAGS = 20
MAX_CHECKS = 8
# Flags that say that there was no notebook to grade.
UNREAD = frozenset({"notebook_missing", "notebook_unreadable"})


def render_summary(grade: Grade, manifest: Manifest) -> str:
    """The summary of one grade as GitHub Markdown, at most LIMIT bytes."""
    first = [
        _headline(grade, manifest),
        _unread(grade, manifest),
        _standing(grade, manifest),
        _points(grade, manifest),
    ]
    rest = [
        _broken(grade.notebook.broken),
        _failures(grade, manifest),
        _notebook(grade, manifest),
        _checkpoint(grade, manifest),
        _questions(grade, manifest),
        _flags(grade.flags),
        _at_home(grade),
        _origin(grade),
    ]
    text = _joined(first + rest)
    return text if len(text.encode()) <= LIMIT else _shortened(first, grade)


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def render_no_grade(reason: str) -> str:
    """The summary of a run that could not grade at all."""
    return _joined(
        [
            "# No grade",
            "This run could not grade the commit. No points were lost: it simply has no result.",
            fence(reason),
            "Push again, or run `uv run tito system doctor` at home. If it says that all is well and "
            "the next run fails too, show this page to your instructor.",
        ]
    )


def _headline(grade: Grade, manifest: Manifest) -> str:
    kind = "final" if grade.final else "provisional"
    return f"# {markdown(manifest.title)}: {score_phrase(grade.score, grade.max_score)} ({kind})"


def _unread(grade: Grade, manifest: Manifest) -> str:
    """The most important thing first: there was no notebook to grade."""
    if not {flag.kind for flag in grade.flags} & UNREAD or grade.notebook.failure is None:
        return ""
    title = (
        f"**{code(manifest.notebook)} could not be read**, so the starter version was graded in its place:"
    )
    return "\n\n".join([title, fence(grade.notebook.failure.message, 600)])


def _standing(grade: Grade, manifest: Manifest) -> str:
    if grade.final:
        return "This is the final automatic grade: it was made with the visible and the hidden tests."
    text = (
        "This is the automatic part, checked with the tests you have. **For the final grade, hidden tests "
        "run as well**: they check the same exercises with other inputs, so code that computes the right "
        "thing keeps its points, and code that only fits the visible tests loses some."
    )
    if is_untouched(grade) and not _unread(grade, manifest):
        return text + "\n\nNo exercise is written yet. Start with the first one of the notebook."
    return text


def _points(grade: Grade, manifest: Manifest) -> str:
    broken = unusable(grade, manifest)
    headings = ["Exercise", "Points", *(["Visible tests", "Hidden tests"] if grade.final else ["Tests"])]
    rows = [_row(headings), _row([":--", "--:", *[":--"] * (len(headings) - 2)])]
    for item in grade.exercises:
        title = markdown(item.title) + " " + code(item.id)
        points = f"{plain_number(item.score)} / {plain_number(item.max_score)}"
        groups = by_visibility(item, manifest) if grade.final else (item,)
        rows.append(_row([title, points, *(markdown(tests_phrase(group, broken)) for group in groups)]))
    total = f"**{plain_number(grade.score)} / {plain_number(grade.max_score)}**"
    return "\n".join([*rows, _row(["**All exercises**", total, *[""] * (len(headings) - 2)])])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _broken(cells: Sequence[CellFailure]) -> str:
    if not cells:
        return ""
    parts = [
        "## Cells that could not be used",
        "These cells cannot be part of your package as they stand. The starter version stood in for "
        "them, and everything else was graded as usual.",
    ]
    parts += [f"**{_place(cell)}**\n\n{fence(cell.message, 600)}" for cell in cells[:MAX_CHECKS]]
    return "\n\n".join(parts + _and_more(len(cells) - MAX_CHECKS))


def _failures(grade: Grade, manifest: Manifest) -> str:
    parts = [_exercise_failures(exercise, manifest) for exercise in grade.exercises]
    parts = [part for part in parts if part]
    return "\n\n".join(["## What to look at", *parts]) if parts else ""


def _exercise_failures(exercise: ExerciseGrade, manifest: Manifest) -> str:
    found = failures(exercise, manifest)
    if not found.wrong and not found.hidden and (not found.waiting or _says_it_all(exercise)):
        return ""
    parts = [f"### {markdown(exercise.title)}: {score_phrase(exercise.score, exercise.max_score)}"]
    parts += [_failure(test) for test in found.wrong[:MAX_FAILURES]]
    left = len(found.wrong) - MAX_FAILURES
    parts += [f"And {counted(left, 'other failed test')}."] if left > 0 else []
    parts += [f"{counted(found.repeated, 'more test')} failed with the same words."] if found.repeated else []
    parts += [markdown(sentence) for sentence in waiting_phrases(found.waiting)]
    parts += [_hidden(found.hidden, manifest)] if found.hidden else []
    return "\n\n".join(parts)


def _says_it_all(exercise: ExerciseGrade) -> bool:
    """Whether the table has said already that the exercise is not written or waits for another."""
    return all(map(unwritten, exercise.tests))


def _failure(test: TestGrade) -> str:
    parts = [
        f"**{markdown(test_title(test.id))}**",
        fence(aligned(test.message)) if test.message else "",
        f"Hint: {markdown(test.hint, 600)}" if test.hint else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _hidden(tests: Sequence[TestGrade], manifest: Manifest) -> str:
    """Hidden tests are shown as a group: how many failed, never what one calls or expects."""
    lines = [f"{counted(len(tests), 'hidden test')} failed."]
    lines += [f"- Hint: {markdown(hint, 600)}" for hint in hints(tests, manifest)]
    return "\n\n".join([lines[0], "\n".join(lines[1:])]).rstrip()


def _notebook(grade: Grade, manifest: Manifest) -> str:
    run = grade.notebook
    if _unread(grade, manifest):
        return ""
    title = "## Your notebook"
    name = code(manifest.notebook)
    if run.failure is not None and run.failure.position == 0:
        return "\n\n".join([title, f"{name} could not be run.", fence(run.failure.message, 600)])
    if run.failure is not None:
        text = (
            f"{name} stopped at {_place(run.failure)}; the cells after it did not run. "
            "This costs no points, but what you measured there is missing from the executed notebook."
        )
        parts = [title, text, fence(run.failure.message, 600)]
    elif run.ran:
        parts = [title, f"{name} ran from its first cell to its last."]
    else:
        parts = [title, f"{name} was not run."]
    return "\n\n".join(parts + _failed_checks(run.checks))


def _failed_checks(checks: Sequence[CellFailure]) -> list[str]:
    telling, waiting = sort_checks(checks)
    parts = []
    if telling:
        intro = "These check cells failed (a check cell shows the way, it gives no points):"
        rows = [f"- {_place(cell)}: {code(cell.message)}" for cell in telling[:MAX_CHECKS]]
        parts.append("\n".join([intro, "", *rows, *_and_more(len(telling) - MAX_CHECKS)]))
    if waiting:
        parts.append(waiting_checks(waiting))
    return parts


def _checkpoint(grade: Grade, manifest: Manifest) -> str:
    if manifest.checkpoint is None:
        return ""
    if grade.checkpoint.passed:
        return "## Checkpoint\n\nPassed: what you built can be used for something new."
    parts = ["## Checkpoint", "Not passed yet. It uses what you built for something new and gives no points."]
    if grade.checkpoint.message and not is_untouched(grade):
        parts.append(fence(grade.checkpoint.message, 600))
    return "\n\n".join(parts)


def _questions(grade: Grade, manifest: Manifest) -> str:
    if not manifest.questions:
        return ""
    known = {item.id: item for item in grade.questions}
    points = plain_number(sum(question.points for question in manifest.questions))
    rows = ["| Question | Points | Your answer |", "|:--|--:|:--|"]
    for question in manifest.questions:
        title = markdown(question.title) + " " + code(question.id)
        rows.append(f"| {title} | {plain_number(question.points)} | {_answer(known.get(question.id))} |")
    intro = f"A grader reads your answers after the due date and gives up to {points} more points."
    return "\n\n".join(["## Written answers", intro, "\n".join(rows)])


def _answer(status: QuestionStatus | None) -> str:
    if status is None or not status.answered:
        return "**no answer yet**"
    return f"{status.words} word{'s' if status.words != 1 else ''}, awaits a grader"


def _flags(flags: Sequence[Flag]) -> str:
    if not flags:
        return ""
    rows = [f"- {markdown(flag_title(flag.kind))}: {code(flag.detail)}" for flag in flags[:MAX_FLAGS]]
    intro = "None of this changes your points by itself."
    return "\n".join(
        ["## For the grader to look at", "", intro, "", *rows, *_and_more(len(flags) - MAX_FLAGS)]
    )


def _at_home(grade: Grade) -> str:
    if grade.final:
        return ""
    return "\n".join(
        [
            "## The same check at home",
            "",
            "```console",
            "uv run tito module test",
            "```",
            "",
            "It runs this very check and shows this result. `uv run tito module test --in-process` runs the "
            "tests for a debugger instead.",
        ]
    )


def _origin(grade: Grade) -> str:
    commit = code(grade.commit[:12]) if grade.commit else "no commit yet"
    versions = ", ".join(
        f"{name} {grade.environment[key]}"
        for name, key in (("Python", "python"), ("NumPy", "numpy"), ("sandbox", "sandbox"))
        if key in grade.environment
    )
    manifest = f"{code(grade.assignment)} ({code(grade.manifest[:12])})"
    lines = [f"Commit {commit}, assignment {manifest}, {markdown(versions)}."]
    if grade.environment.get("sandbox", "none") == "none":
        lines.append(
            "Your code ran with limits on time and memory, but without isolation: this machine has none."
        )
    return "\n".join(["---", "", "<sub>" + " ".join(lines) + "</sub>"])


def _place(cell: CellFailure) -> str:
    return f"cell {cell.position} ({code(cell.cell)})" if cell.cell else f"cell {cell.position}"


def _and_more(count: int) -> list[str]:
    return [f"- and {count} more"] if count > 0 else []


def _shortened(first: Sequence[str], grade: Grade) -> str:
    note = "There was more to say than fits here. Run `uv run tito module test` for the rest."
    return cut(_joined([*first, note, _origin(grade)]), LIMIT // 4)
