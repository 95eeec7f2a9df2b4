"""Rehearse the course: render, let a class work, grade each commit, collect, and show the table."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograding.assignments.render import Rendered, render_assignment
from autograding.course import Assignment, Course
from autograding.github.emulator import (
    EmulatedAnnotation,
    EmulatedGitHub,
    EmulatedRepository,
    EmulatedRun,
)
from autograding.gradebook.collecting.collection import Collected, collect_grades
from autograding.gradebook.collecting.setting import setting_of
from autograding.grader.errors import ConfigurationError
from autograding.grader.grade import RECORD_TITLE, Grade, encode_record, plain_number
from autograding.grader.run import grade_repository
from autograding.rehearsal.classroom import StudentRepository, head, make_repository
from autograding.rehearsal.students import RehearsalStudent, make_class

TOKEN = "rehearsal"  # noqa: S105 - the emulated GitHub knows no other
MARKER = ".rehearsal"
JOBS = 2
DEFAULT_DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rehearsal:
    """Where everything is, and what came of it."""

    folder: Path
    students: tuple[RehearsalStudent, ...]
    collected: Collected
    table: str

    @property
    def gradebook(self) -> Path:
        return self.folder / "gradebook.sqlite"

    @property
    def csv(self) -> Path:
        return self.folder / "grades.csv"


def rehearse(
    course: Course, folder: Path, *, size: int = 8, quick: bool = False, say: Say = lambda _: None
) -> Rehearsal:
    """Run the whole course in `folder` with `size` students and no account anywhere.

    `quick` grades without running notebooks and checkpoints, which give no points of exercises.

    A folder of an earlier rehearsal is replaced; one that holds anything else is
    refused. Raises ClassroomError.
    """
    _empty(folder)
    students = make_class(size)
    course = _with_roster(course, students, folder)
    rendered = {item.id: _render(course, item, folder, say) for item in course.assignments}
    repositories = [
        make_repository(
            rendered[item.id].path,
            rendered[item.id].manifest.notebook,
            item,
            student,
            _made(folder / "students"),
            item.due or DEFAULT_DUE,
        )
        for item in course.assignments
        for student in students
    ]
    say(f"grading {sum(item.pushed_at is not None for item in repositories)} commits")
    with ThreadPoolExecutor(max_workers=JOBS) as pool:
        grades = list(pool.map(lambda item: _grade(item, folder, quick, say), repositories))
    served = [
        _served(number, item, grade)
        for number, (item, grade) in enumerate(zip(repositories, grades, strict=True), start=1)
    ]
    with EmulatedGitHub(organization=course.organization, repositories=served, tokens=[TOKEN]) as github:
        say(f"collecting from the emulated GitHub at {github.url}")
        collected = collect_grades(
            setting_of(course, folder / "assignments"),
            token=TOKEN,
            gradebook=folder / "gradebook.sqlite",
            output=folder / "grades.csv",
            api_url=github.url,
        )
    table = grade_table(students, course.assignments, collected)
    return Rehearsal(folder, students, collected, table)


def grade_table(
    students: Sequence[RehearsalStudent], assignments: Sequence[Assignment], collected: Collected
) -> str:
    """The grades as plain text: a row a student, score and state of each assignment."""
    header = ["student", "what they did", *(item.id for item in assignments)]
    rows = [header]
    for student in students:
        grades = [collected.grades[student.identifier, item.id] for item in assignments]
        cells = [
            grade.state if grade.score is None else f"{plain_number(round(grade.score, 2))} {grade.state}"
            for grade in grades
        ]
        rows.append([student.login, student.behaviour.name, *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _with_roster(course: Course, students: Sequence[RehearsalStudent], folder: Path) -> Course:
    roster = folder / "roster.csv"
    with roster.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["identifier", "github_username", "github_id", "name"])
        for number, student in enumerate(students, start=1):
            writer.writerow([student.identifier, student.login, 1000 + number, student.name])
    return replace(course, roster=roster)


def _render(course: Course, assignment: Assignment, folder: Path, say: Say) -> Rendered:
    rendered = render_assignment(
        course, assignment, folder / "assignments" / assignment.slug, reveal_open=True
    )
    say(f"rendered {assignment.slug} at {rendered.commit[:12]}")
    return rendered


def _grade(repository: StudentRepository, folder: Path, quick: bool, say: Say) -> Grade | None:
    if repository.pushed_at is None:
        return None
    output = folder / "grades" / repository.name
    grade = grade_repository(repository.path, output, notebook=not quick, checkpoint=not quick)
    say(f"graded {repository.name}: {plain_number(grade.score)} of {plain_number(grade.max_score)}")
    return grade


def _served(number: int, repository: StudentRepository, grade: Grade | None) -> EmulatedRepository:
    due = repository.assignment.due or DEFAULT_DUE
    runs: tuple[EmulatedRun, ...] = ()
    if grade is not None and repository.pushed_at is not None:
        claimed = _full_marks(grade) if repository.student.behaviour.tampers else grade
        record = EmulatedAnnotation(RECORD_TITLE, encode_record(claimed))
        run = EmulatedRun(
            head(repository.path), repository.pushed_at, (record,), database_id=30_000_000_000 + number
        )
        runs = (run,)
    return EmulatedRepository(
        repository.name, number, repository.pushed_at or due, path=repository.path, runs=runs
    )


def _full_marks(grade: Grade) -> Grade:
    """The record that a tampered workflow hands in."""
    exercises = tuple(replace(item, score=item.max_score) for item in grade.exercises)
    return replace(grade, score=grade.max_score, exercises=exercises)


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise ConfigurationError(
                "this folder holds something that is no rehearsal, so it is not replaced",
                where=str(folder),
                mend="name another folder with --output",
            )
        shutil.rmtree(folder)
    _made(folder)
    (folder / MARKER).touch()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
