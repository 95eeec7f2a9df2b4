"""How long it takes to read a gradebook, grade everybody and write every format.

uv run python benchmarks/exports.py [STUDENTS]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograding.course import Assignment, Student
from autograding.gradebook.events import (
    AnyEvent,
    GradeObserved,
    QuestionScored,
    RecordedGrade,
    RunEvidence,
)
from autograding.gradebook.exporting import FORMATS
from autograding.gradebook.formats.fill import SYSTEMS, fill
from autograding.gradebook.formats.sheet import Sheet
from autograding.gradebook.policy import LateRule, Policy, grade_everyone
from autograding.gradebook.store import Gradebook
from autograding.grader.manifest import Exercise, Limits, Question

ASSIGNMENTS = 21
EXERCISES = 7
REPEATS = 3
TERM = datetime(2027, 1, 20, 23, 59, tzinfo=UTC)
POLICY = Policy(
    LateRule(timedelta(minutes=15), 0.1, 0.5),
    slip_days=5,
    weights={"modules": 64.0, "checkpoints": 6.0, "midterm": 15.0, "final": 15.0},
)


def assignment(number: int) -> Assignment:
    """A module of seven exercises and three questions, due a week after the one before it."""
    id = f"{number:02}_module"
    return Assignment(
        id=id,
        folder=Path(id),
        title=f"Module {number}",
        tier="foundation",
        package=f"tinytorch.core.m{number}",
        lesson=Path("m.py"),
        tests=Path("tests"),
        prerequisites=(),
        exercises=tuple(Exercise(f"{number:02}.e{n}", "Exercise", 10) for n in range(EXERCISES)),
        questions=tuple(Question(f"{number:02}.q{n}", "Question", 10, f"q{n}") for n in (1, 2, 3)),
        allowed_imports=(),
        forbidden=(),
        limits=Limits(),
        common_lines=(),
        data=(),
        summary="",
        hours="5",
        due=TERM + timedelta(weeks=number),
        part="midterm" if number == 10 else "final" if number == 20 else "modules",
    )


def observation(place: int, student: Student, item: Assignment) -> GradeObserved:
    """A commit of a student; every fifth is late by up to four days."""
    number = int(item.number)
    late = timedelta(hours=7 + place % 90) if (place + number) % 5 == 0 else timedelta(hours=-5)
    pushed = TERM + timedelta(weeks=number) + late
    points = {exercise.id: float((place + n) % 11) for n, exercise in enumerate(item.exercises)}
    return GradeObserved(
        assignment=item.id,
        student=student.identifier,
        repository_id=place * 100 + number,
        repository=f"demo/{item.slug}-{student.login}",
        commit=f"{place * 100 + number:040x}",
        starter=False,
        run=RunEvidence(
            suite_created_at=pushed, run_created_at=pushed, run_id=place, check_id=place, conclusion="SUCCESS"
        ),
        record=RecordedGrade(
            score=sum(points.values()),
            max_score=70.0,
            exercises=points,
            answered=(),
            checkpoint=True,
            ran=True,
            sandbox="none",
            flags=(),
        ),
        flags=(),
    )


def score(student: Student, item: Assignment) -> QuestionScored:
    """A grader's points for one of the three answers."""
    return QuestionScored(
        assignment=item.id,
        student=student.identifier,
        question=item.questions[0].id,
        points=8.0,
        grader="grader",
        comment="refers to the measurement",
        commit=None,
    )


def canvas(students: list[Student], assignments: list[Assignment]) -> str:
    """A gradebook as Canvas exports it."""
    columns = ",".join(f"{item.id} ({n})" for n, item in enumerate(assignments, start=1000))
    empty = "," * len(assignments)
    rows = [f'"{s.name}",{n},{s.identifier},{s.login},Section 1{empty}' for n, s in enumerate(students)]
    full = ",".join("100" for _ in assignments)
    head = f"Student,ID,SIS User ID,SIS Login ID,Section,{columns}\r\n    Points Possible,,,,,{full}\r\n"
    return head + "\r\n".join(rows) + "\r\n"


def moodle(students: list[Student], assignments: list[Assignment]) -> str:
    """A gradebook as Moodle exports it."""
    columns = ",".join(f'"Assignment: {item.id} (Real)"' for item in assignments)
    rows = [f"{s.name},{s.identifier}{',-' * len(assignments)}" for s in students]
    return f'"Full name","ID number",{columns}\n' + "\n".join(rows) + "\n"


def seconds(run: Callable[[], object]) -> float:
    """The quickest of a few runs, in seconds of the processor: other programs on the machine do not count."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print a table."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    students = [
        Student(f"s{n:05}@example.edu", f"student{n}", n, f"Doe, Jane {n}") for n in range(1, size + 1)
    ]
    assignments = [assignment(number) for number in range(ASSIGNMENTS)]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "gradebook.sqlite"
        pairs = [(n, student, item) for n, student in enumerate(students) for item in assignments]
        events: list[AnyEvent] = [observation(*pair) for pair in pairs]
        events += [score(student, item) for _, student, item in pairs]
        with Gradebook(path) as book:
            start = time.process_time()
            book.append(events, TERM)
            recorded = time.process_time() - start
            reading = seconds(book.events)
            stored = book.events()
        names = [student.identifier for student in students]
        grading = seconds(lambda: grade_everyone(stored, names, assignments, POLICY))
        grades = grade_everyone(stored, names, assignments, POLICY)
        sheet = Sheet(students, assignments, grades, UTC, "demo")
        formats = {format: seconds(partial(make, sheet, POLICY)) for format, (_, make) in FORMATS.items()}
        exports = {"canvas": canvas(students, assignments), "moodle": moodle(students, assignments)}
        for system, text in exports.items():
            formats[system] = seconds(partial(fill, text, "export.csv", SYSTEMS[system], sheet, {}))
        megabytes = path.stat().st_size / 2**20
    total = reading + grading + sum(formats.values())
    table = Table(f"{size} students x {ASSIGNMENTS} assignments", "processor seconds", "of all", box=None)
    for label, value in {"read and decode": reading, "grade everybody": grading, **formats}.items():
        table.add_row(label, f"{value:.2f}", f"{value / total:.0%}")
    table.add_row("all", f"{total:.2f}", "")
    console = Console()
    console.print(table)
    late = sum(grade.state == "late" or grade.slip_days > 0 for grade in grades.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(
        f"{len(events)} events ({megabytes:.0f} MiB, recorded in {recorded:.1f} s), "
        f"{late} late or with slip days, at most {peak:.0f} MiB of memory"
    )


if __name__ == "__main__":
    main()
