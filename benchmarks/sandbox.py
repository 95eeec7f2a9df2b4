"""What isolation costs: each sandbox of this machine against limits alone.

    uv run benchmarks/sandbox.py [--repeats N]

The kinds take turns inside one run, so that they meet the same load; the ratio is
of medians, to `none`. Absolute times are of the machine that printed them.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from autograding.assignments.render import render_assignment
from autograding.course import load_course
from autograding.grader.manifest import Limits
from autograding.grader.run import grade_repository
from autograding.grader.worker import sandbox
from autograding.grader.worker.session import ForkServer

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "01_tensor"
WORKERS = 50
Measure = Callable[[], float]


def main(
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each measurement; the median is shown.")] = 5,
) -> None:
    """Measure a grading run, the start of a sandbox and a worker in each sandbox that works here."""
    kinds = [kind for kind in sandbox.KINDS if not sandbox.why_not(kind)]
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory() as name:
        repository, output = Path(name) / "repository", Path(name) / "output"
        render_assignment(course, course.resolve(ASSIGNMENT), repository)
        print(f"{os.cpu_count()} cores, medians of {repeats}")
        compare("a whole run: tests, notebook, checkpoint", kinds, repeats, whole_run(repository, output))
        compare("a run of the tests alone", kinds, repeats, tests_alone(repository, output))
        compare("from nothing to the first worker", kinds, repeats, lambda: first_worker(repository))
        compare(f"a worker, mean of {WORKERS}", kinds, repeats, lambda: one_worker(repository))


def compare(title: str, kinds: list[str], repeats: int, measure: Measure) -> None:
    """Take turns through the kinds and print the median of each, and its ratio to `none`."""
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(repeats):
        for kind in kinds:
            os.environ[sandbox.SETTING] = os.environ[sandbox.CHECKED] = kind
            sandbox.kind.cache_clear()
            seconds[kind].append(measure())
    base = statistics.median(seconds["none"])
    print(title)
    for kind, found in seconds.items():
        middle = statistics.median(found)
        print(f"  {kind:12}{1000 * middle:10.1f} ms{middle / base:8.2f} × none")


def whole_run(repository: Path, output: Path) -> Measure:
    return lambda: timed(lambda: grade_repository(repository, output))


def tests_alone(repository: Path, output: Path) -> Measure:
    return lambda: timed(lambda: grade_repository(repository, output, notebook=False, checkpoint=False))


def first_worker(repository: Path) -> float:
    def start() -> None:
        with ForkServer(repository, Limits()) as server:
            server.session().close()

    return timed(start)


def one_worker(repository: Path) -> float:
    """Start a worker, ask it one thing, end it."""
    with ForkServer(repository, Limits()) as server:
        server.session().close()

        def work() -> None:
            for _ in range(WORKERS):
                session = server.session()
                session.request("keep", 1)
                session.close()

        return timed(work) / WORKERS


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
