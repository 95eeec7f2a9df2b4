"""What the final grade of a class costs: submissions a minute, one at a time against several, and memory.

    uv run benchmarks/regrade.py [ASSIGNMENT] [--students N] [--jobs N] [--repeats N]

A rehearsed class is fetched from git repositories on this disk and graded with everything: hidden
tests, notebook and checkpoint, in the sandbox. Both ways take turns inside one run, so the ratios
hold for machines with other work too; absolute numbers are of the machine that printed them. Memory
is the proportional set size of all processes together, sampled; only Linux tells it, so only there it runs.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from autograding.assignments.final import render_pristine
from autograding.course import Assignment, Course, load_course
from autograding.grader.manifest import read_manifest
from autograding.grader.worker import sandbox
from autograding.regrade.fetch import Access, fetch_submission
from autograding.regrade.files import Folder
from autograding.regrade.model import Chosen, Origin
from autograding.regrade.stages import Options, regrade_class
from autograding.rehearsal.classroom import head, make_repository
from autograding.rehearsal.students import make_class

ROOT = Path(__file__).resolve().parent.parent
SECRET = "benchmark"
INTERVAL = 0.1


@dataclass(frozen=True)
class Cost:
    seconds: float
    peak_mib: float


def main(
    assignment: Annotated[str, typer.Argument(help="The assignment to grade.")] = "01_tensor",
    students: Annotated[int, typer.Option(min=1, help="Size of the class.")] = 8,
    jobs: Annotated[int, typer.Option(min=2, help="How many at a time, against one at a time.")] = 2,
    repeats: Annotated[int, typer.Option(min=1, help="Turns of each; the median is shown.")] = 3,
) -> None:
    """Measure the regrade of a class."""
    course = load_course(ROOT)
    chosen_assignment = course.resolve(assignment)
    with tempfile.TemporaryDirectory() as name:
        chosen = make_submissions(course, chosen_assignment, students, Path(name) / "students")
        print(
            f"{chosen_assignment.id}, {len(chosen)} submissions, sandbox {sandbox.kind()}, "
            f"{os.cpu_count()} cores, medians of {repeats}"
        )
        turns = [
            {
                count: regrade(course, chosen_assignment, chosen, Path(name) / f"{turn}-{count}", count)
                for count in (1, jobs)
            }
            for turn in range(repeats)
        ]
        for count in (1, jobs):
            show(f"--jobs {count}", len(chosen), [turn[count] for turn in turns])
        faster = statistics.median(turn[1].seconds / turn[jobs].seconds for turn in turns)
        larger = statistics.median(
            turn[jobs].peak_mib / turn[1].peak_mib for turn in turns if turn[1].peak_mib
        )
        print(f"  {'throughput, ratio':24}{faster:9.2f}")
        print(f"  {'peak memory, ratio':24}{larger:9.2f}")
        fetch = [seconds_to_fetch(course, chosen_assignment, item) for item in chosen]
        print(f"  {'one fetch':24}{statistics.median(fetch):9.2f} s")


def make_submissions(course: Course, assignment: Assignment, size: int, folder: Path) -> tuple[Chosen, ...]:
    """A rehearsed class: full marks, half of the work, the untouched starter, a broken cell, a known bug."""
    pristine = render_pristine(course, assignment)
    notebook = read_manifest(pristine).notebook
    due = datetime(2027, 1, 31, 12, tzinfo=UTC)
    made = [
        make_repository(pristine, notebook, assignment, student, folder, due)
        for student in make_class(2 * size)
        if student.behaviour.pushes
    ]
    return tuple(
        Chosen(
            student=item.student.identifier,
            login=item.student.login,
            repository=str(item.path),
            commit=head(item.path),
        )
        for item in made[:size]
    )


def regrade(
    course: Course, assignment: Assignment, chosen: tuple[Chosen, ...], folder: Path, jobs: int
) -> Cost:
    origin = Origin(assignment=assignment.id, course_commit="0" * 40, dirty=True, secret="benchmark")
    memory = Memory()
    start = time.perf_counter()
    with memory:
        report = regrade_class(
            course, assignment, chosen, origin, SECRET, Access(), Folder(folder), Options(jobs=jobs)
        )
    if report.problems:
        raise RuntimeError(report.problems[0].why)
    if not memory.peak_mib:
        raise RuntimeError("this system does not tell what processes use")
    return Cost(time.perf_counter() - start, memory.peak_mib)


def show(name: str, count: int, costs: list[Cost]) -> None:
    seconds = statistics.median(cost.seconds for cost in costs)
    peak = statistics.median(cost.peak_mib for cost in costs)
    print(f"  {name:24}{seconds:9.2f} s {60 * count / seconds:9.1f} a minute {peak:9.0f} MiB at most")


def seconds_to_fetch(course: Course, assignment: Assignment, chosen: Chosen) -> float:
    start = time.perf_counter()
    fetch_submission(course, assignment, chosen.repository, chosen.commit, Access())
    return time.perf_counter() - start


class Memory(threading.Thread):
    """Samples the memory of this process and all below it, as long as the block lasts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mib = 0.0
        self._done = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        """Sample until told to stop."""
        while not self._done.wait(INTERVAL):
            used = sum(proportional_kib(process) for process in family(os.getpid()))
            self.peak_mib = max(self.peak_mib, used / 1024)


def family(process: int) -> list[int]:
    """A process and its descendants, as far as they are still there."""
    found = [process]
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return found
    for child in " ".join(lists).split():
        found += family(int(child))
    return found


def proportional_kib(process: int) -> int:
    """Memory of a process; what it shares is divided among those who share it. 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    typer.run(main)
