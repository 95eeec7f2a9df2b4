"""What grading costs: each submission end to end, a known bug in its proof, and what they are made of.

    uv run benchmarks/grading.py [ASSIGNMENT …] [--repeats N]

Ratios are taken inside one run, on the same machine and load; absolute times
are of the machine that printed them. Core-seconds depend less on what else runs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from autograding.assignments.one_process.judge import OneProcessJudge
from autograding.assignments.one_process.processes import Processes
from autograding.assignments.proof.bench import Bench
from autograding.assignments.render import render_assignment
from autograding.course import Assignment, Course, bugs_of, load_course
from autograding.grader.judge.proxy import Border, Package
from autograding.grader.judge.run_tests import Judge, judge_package, run_tests
from autograding.grader.manifest import read_manifest
from autograding.grader.run import grade_repository
from autograding.grader.worker import sandbox
from autograding.grader.worker.session import ForkServer
from autograding.rehearsal.students import all_done

ROOT = Path(__file__).resolve().parent.parent
IN_PROCESS = """
import sys
from pathlib import Path
from autograding.grader.judge.in_process import run_in_process
sys.exit(run_in_process(Path(sys.argv[1]), ["-q"]))
"""


def main(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="The assignments to measure; by default all.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each measurement; the median is shown.")] = 5,
) -> None:
    """Measure the grading of the reference solution, and of a known bug as `validate_assignments` does it."""
    course = load_course(ROOT)
    print(f"sandbox {sandbox.kind()}, {os.cpu_count()} cores, medians of {repeats}")
    for chosen in [course.resolve(name) for name in assignments or []] or course.assignments:
        with tempfile.TemporaryDirectory() as name:
            repository = Path(name) / chosen.slug
            render_assignment(course, chosen, repository, reveal_open=True)
            solve(repository, chosen)
            print(chosen.id)
            end_to_end(repository, Path(name) / "output", repeats)
            known_bug(course, chosen, Path(name) / "bench", repeats)
            border_against_one_interpreter(repository, repeats)
            one_call(repository, chosen.package, repeats)


def solve(repository: Path, assignment: Assignment) -> None:
    """Put the reference into the repository, as notebook and as exported package."""
    notebook = all_done(assignment, assignment.lesson.read_text(encoding="utf-8"))
    (repository / read_manifest(repository).notebook).write_text(notebook, encoding="utf-8")
    path = assignment.package.replace(".", "/") + ".py"
    (repository / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")


def end_to_end(repository: Path, output: Path, repeats: int) -> None:
    """Tests, notebook and checkpoint run side by side; `total` is what a student waits for."""
    timings = []
    for _ in range(repeats):
        grade_repository(repository, output)
        timings.append(json.loads((output / "timings.json").read_text()))
    for part in ("tests", "checkpoint", "notebook", "total"):
        print(f"  {part:32}{statistics.median(item[part] for item in timings):9.2f} s")


def known_bug(course: Course, assignment: Assignment, folder: Path, repeats: int) -> None:
    """The first known bug: with all tests in a sandbox, and in one process with those that can notice it."""
    folder.mkdir()
    bench = Bench(course, assignment, folder)
    with closing(Processes(1)) as processes:
        judge = OneProcessJudge(processes)
        bench.exercises(bench.reference(), judge.learn)
        notebook = bench.with_bug(bugs_of(assignment)[0])

        def tried(judge: Judge) -> float:
            return seconds(lambda: bench.exercises(notebook, judge))

        pairs = [(tried(judge_package), tried(judge)) for _ in range(repeats)]
    sandboxed, quick = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"  {'one known bug, in a sandbox':32}{sandboxed:9.2f} s")
    print(f"  {'... in one process':32}{quick:9.2f} s")


def border_against_one_interpreter(repository: Path, repeats: int) -> None:
    """The visible tests judged across the border, and the same tests in one interpreter, turn by turn."""
    manifest = read_manifest(repository)
    files = sorted({test.id.partition("::")[0] for test in manifest.tests})
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = kept | {"OPENBLAS_NUM_THREADS": "1"}

    def judged() -> None:
        run_tests(repository, files, repository, manifest.limits)

    def in_process() -> None:
        command = [sys.executable, "-c", IN_PROCESS, str(repository)]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    pairs = [(seconds(judged), seconds(in_process)) for _ in range(repeats)]
    across, within = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"  {f'{len(manifest.tests)} tests across the border':32}{across:9.2f} s")
    print(f"  {'the same tests in one interpreter':32}{within:8.2f} s")
    print(f"  {'ratio':32}{statistics.median(a / b for a, b in pairs):9.2f}")


def one_call(repository: Path, package: str, repeats: int) -> None:
    """A call that does next to nothing, and a fresh worker."""
    limits = read_manifest(repository).limits
    calls = 2000
    with ForkServer(repository, limits) as server:
        session = server.session()
        kept = Package(Border(session)).keep(np.zeros(1))
        call = statistics.median(seconds(lambda: [len(kept) for _ in range(calls)]) for _ in range(repeats))
        fork = statistics.median(seconds(lambda: server.session().close()) for _ in range(10 * repeats))
        imported = statistics.median(
            seconds(lambda: fresh_import(server, package)) for _ in range(10 * repeats)
        )
    print(f"  {'one proxied call':32}{call / calls * 1e6:9.1f} us")
    print(f"  {'a fresh worker':32}{fork * 1e3:9.2f} ms")
    print(f"  {'... with the package imported':32}{imported * 1e3:9.2f} ms")


def fresh_import(server: ForkServer, package: str) -> None:
    session = server.session()
    session.request("module", package)
    session.close()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
