"""The students of a rehearsal: how each works, and the notebook that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from autograding.course import Assignment, load_bug
from autograding.grader.errors import ConfigurationError
from autograding.lesson import (
    Lesson,
    apply_edits,
    notebook_json,
    parse_lesson,
    strip_solutions,
)
from autograding.lesson.solutions import without_markers

BEFORE_DUE = timedelta(days=-2)
AFTER_DUE = timedelta(hours=30)


@dataclass(frozen=True)
class Behaviour:
    """What a student does.

    `write` makes their notebook from the assignment and the lesson's source, None
    leaves the starter as it is. `pushes` is False for one who never pushed;
    `pushed` is when, counted from the due date; `tampers` with the workflow.
    """

    name: str
    write: Callable[[Assignment, str], str] | None
    pushes: bool = True
    pushed: timedelta = BEFORE_DUE
    tampers: bool = False


@dataclass(frozen=True)
class RehearsalStudent:
    identifier: str
    login: str
    name: str
    behaviour: Behaviour


def all_done(assignment: Assignment, source: str) -> str:
    """The reference solution."""
    return notebook_json(without_markers(parse_lesson(source, str(assignment.lesson))), assignment)


def half_done(assignment: Assignment, source: str) -> str:
    """The first half of the exercises, the rest untouched."""
    done = [exercise.id.rpartition(".")[2] for exercise in assignment.exercises]
    return notebook_with(assignment, source, done[: len(done) // 2])


def notebook_with(assignment: Assignment, source: str, exercises: Collection[str]) -> str:
    """A notebook in which only `exercises` (short ids) are solved."""
    lesson = parse_lesson(source, str(assignment.lesson))
    return notebook_json(_mixed(lesson, assignment.number, exercises), assignment)


def one_broken_cell(assignment: Assignment, source: str) -> str:
    """Everything solved, but the last exercise's cell has a line that is no Python."""
    lesson = without_markers(parse_lesson(source, str(assignment.lesson)))
    last = assignment.exercises[-1].id.rpartition(".")[2]
    broken = [cell for cell in lesson.cells if cell.exercise == last and cell.role == "export"][-1]
    cells = tuple(
        replace(cell, source=cell.source + "\nreturn the answer") if cell is broken else cell
        for cell in lesson.cells
    )
    return notebook_json(replace(lesson, cells=cells), assignment)


def wrong(assignment: Assignment, source: str) -> str:
    """Everything solved with one known bug of the module, in matmul where it has one."""
    bugs = sorted((assignment.folder / "bugs").glob("*.yml"))
    if not bugs:
        raise ConfigurationError("the module has no known bug", where=str(assignment.folder / "bugs"))
    known = [load_bug(path) for path in bugs]
    bug = next((bug for bug in known if bug.exercise.startswith("mat")), known[0])
    return all_done(assignment, apply_edits(source, bug.edits, str(bug.path)))


BEHAVIOURS = (
    Behaviour("all done", all_done),
    Behaviour("half done", half_done),
    Behaviour("untouched starter", None),
    Behaviour("one broken cell", one_broken_cell),
    Behaviour("a known bug", wrong),
    Behaviour("late", all_done, pushed=AFTER_DUE),
    Behaviour("tampered workflow", half_done, tampers=True),
    Behaviour("never pushed", None, pushes=False),
)

NAMES = ("Ada", "Ben", "Chen", "Dalia", "Emre", "Fatou", "Goran", "Hana")


def make_class(size: int) -> tuple[RehearsalStudent, ...]:
    """`size` students; the behaviours repeat after the first eight."""
    return tuple(_student(number) for number in range(size))


def _student(number: int) -> RehearsalStudent:
    name, turn = NAMES[number % len(NAMES)], number // len(NAMES)
    login = name.lower() + (str(turn + 1) if turn else "")
    behaviour = BEHAVIOURS[number % len(BEHAVIOURS)]
    return RehearsalStudent(f"s{number + 1:04}", login, f"{name} {behaviour.name.title()}", behaviour)


def _mixed(lesson: Lesson, number: str, exercises: Collection[str]) -> Lesson:
    stubs, solved = strip_solutions(lesson, number), without_markers(lesson)
    cells = [
        done if done.exercise in exercises else stub
        for stub, done in zip(stubs.cells, solved.cells, strict=True)
    ]
    return replace(lesson, cells=tuple(cells))
