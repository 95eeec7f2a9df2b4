"""What collecting a university costs: 1,000 students, 21 assignments, 300 ms for each answer of GitHub.

uv run python benchmarks/collect.py
uv run python benchmarks/collect.py --students 100    # quicker

GitHub is the emulated one, which computes costs by the rules that GitHub documents. Each collection is a
process of its own, so its memory is its own. The usual way, one list of runs and one artifact a repository,
is measured on a sample of repositories in the same harness and multiplied.
"""

from __future__ import annotations

import io
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from autograding.course import Student
from autograding.github.emulator import Asked, EmulatedGitHub, EmulatedRepository, Fault
from autograding.github.emulator.university import Account, make_university, push_again
from autograding.github.expected import Expected
from autograding.gradebook.collecting.collection import Setting, collect_grades, export_grades
from autograding.gradebook.events import GradeObserved
from autograding.gradebook.policy import LateRule, Policy
from autograding.gradebook.store import Gradebook
from autograding.grader.manifest import Exercise, Manifest, Question

ORGANIZATION = "university"
TOKEN = "benchmark"
LATENCY = 0.3
IN_FLIGHT = 5
START = datetime(2027, 2, 1, 8, tzinfo=UTC)
EVERY = timedelta(seconds=20)
CHANGED = 0.05
"""The share of the repositories that students push to in a day."""
SEVERAL = 0.1
"""The share of those in which there were two graded pushes more since the last collection."""
SAMPLE = 200
FAULTS = 60
MOST_FAULTS = 0.25
"""The share of the requests that go wrong, where there are few."""
KILLS = 6
SEED = 4711


@dataclass(frozen=True)
class Assignment:
    id: str
    slug: str
    due: datetime
    part: str
    weight: float
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Cost:
    """What a way of collecting took. `points` are GraphQL's, `requests` all there were."""

    name: str
    seconds: float
    requests: int
    points: int
    processor: float | None = None
    megabytes: float | None = None
    recorded: int | None = None
    in_flight: int | None = None


def make_assignments(count: int) -> list[Assignment]:
    """Modules of the size that they have in this course: six exercises, three questions."""
    return [
        Assignment(
            id=f"{number:02}_module",
            slug=f"{number:02}-module",
            due=START + timedelta(days=30),
            part="modules",
            weight=1.0,
            exercises=tuple(Exercise(f"{number:02}.exercise{n}", f"Exercise {n}", 70 / 7) for n in range(7)),
            questions=tuple(Question(f"{number:02}.q{n}", f"Question {n}", 10, f"q{n}") for n in (1, 2, 3)),
        )
        for number in range(count)
    ]


def make_expected(item: Assignment, number: int) -> Expected:
    objects = {
        path: f"{number:02}{place}".ljust(40, "a")
        for place, path in enumerate(
            (".github", "tests", "autograding", "assignment.json", "pyproject.toml", "uv.lock")
        )
    }
    manifest = Manifest(
        assignment=item.id,
        number=f"{number:02}",
        title=item.id,
        notebook="module.ipynb",
        package="tinytorch.core.module",
        exercises=item.exercises,
        questions=item.questions,
        tests=(),
        cells=(),
        trees=objects,
    )
    return Expected(item.id, item.slug, manifest, f"{number:064x}", objects, starter=f"{number:040x}")


def make_setting(students: int, assignments: int) -> Setting:
    items = make_assignments(assignments)
    return Setting(
        organization=ORGANIZATION,
        students=tuple(
            Student(f"s{number:05}", f"login-{number}", 500_000 + number, f"Student {number}")
            for number in range(students)
        ),
        assignments=tuple(items),
        expected=tuple(make_expected(item, number) for number, item in enumerate(items)),
        policy=Policy(
            late=LateRule(timedelta(minutes=15), penalty_per_day=0.1, floor=0.5),
            attempt="last",
            slip_days=0,
            weights={"modules": 100.0},
        ),
        zone=UTC,
    )


def collect_once(url: str, gradebook: Path, setting: Setting) -> None:
    """Collect in this process and print what it took, for the process that started it."""
    start = time.perf_counter()
    collected = collect_grades(
        setting, token=TOKEN, gradebook=gradebook, output=gradebook.with_suffix(".csv"), api_url=url
    )
    seconds = time.perf_counter() - start
    report, usage = collected.report, resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "requests": report.requests,
                "points": report.points,
                "recorded": report.recorded,
                "stopped": report.stopped,
                "megabytes": usage.ru_maxrss / 1024,
                "processor": usage.ru_utime + usage.ru_stime,
            }
        )
    )


class University:
    """The emulated university, and the processes that collect it."""

    def __init__(self, students: int, assignments: int, folder: Path) -> None:
        self.setting = make_setting(students, assignments)
        self.size = ["--students", str(students), "--assignments", str(assignments)]
        self.folder = folder
        self.chance = random.Random(SEED)
        accounts = [Account(item.login, item.github_id or 0) for item in self.setting.students]
        self.repositories = make_university(self.setting.expected, accounts, START, every=EVERY)
        self.now = START + len(self.repositories) * EVERY
        self.push(self.chance.sample(self.repositories, int(SEVERAL * len(self.repositories))), pushes=2)

    def push(self, some: Sequence[EmulatedRepository], pushes: int = 1) -> None:
        """Let students push to these repositories."""
        newer = push_again(some, self.setting.expected, self.now, every=EVERY, pushes=pushes)
        by_id = {item.database_id: item for item in newer}
        self.repositories = [by_id.get(item.database_id, item) for item in self.repositories]
        self.now += (len(by_id) + 1) * EVERY

    def pass_a_day(self) -> None:
        changed = self.chance.sample(self.repositories, int(CHANGED * len(self.repositories)))
        several = int(SEVERAL * len(changed))
        self.push(changed[several:])
        self.push(changed[:several], pushes=3)

    def serve(self, faults: Callable[[Asked], Fault | None] | None = None) -> EmulatedGitHub:
        return EmulatedGitHub(
            organization=ORGANIZATION,
            repositories=self.repositories,
            tokens=[TOKEN],
            latency=LATENCY,
            faults=faults or (),
        )

    def start(self, url: str, gradebook: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            __file__,
            *self.size,
            "--one",
            url,
            "--gradebook",
            str(self.folder / gradebook),
        ]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def collect(
        self, name: str, gradebook: str, faults: Callable[[Asked], Fault | None] | None = None
    ) -> Cost:
        with self.serve(faults) as github:
            process = self.start(github.url, gradebook)
            output, _ = process.communicate()
            if process.returncode != 0:
                raise SystemExit(f"the collection {name} failed")
            told = json.loads(output)
            return Cost(
                name,
                told["seconds"],
                len(github.requests),
                github.used,
                told["processor"],
                told["megabytes"],
                told["recorded"],
                github.most_in_flight,
            )

    def collect_killed(self, gradebook: str) -> tuple[int, int, int]:
        """Collect with a SIGKILL at a random moment, again and again; returns kills, requests and points."""
        kills = requests = points = 0
        with self.serve() as github:
            while True:
                process = self.start(github.url, gradebook)
                if kills < KILLS:
                    time.sleep(self.chance.uniform(2, 14))
                    process.send_signal(signal.SIGKILL)
                process.communicate()
                if process.returncode == 0:
                    break
                kills += 1
            requests, points = len(github.requests), github.used
        return kills, requests, points

    def truth(self) -> set[tuple[int, str]]:
        """What a complete gradebook must hold: every graded push but the starter's."""
        return {
            (item.database_id, run.commit) for item in self.repositories for run in item.runs if run.previous
        }

    def recorded(self, gradebook: str) -> list[tuple[int, str]]:
        with Gradebook(self.folder / gradebook) as book:
            events = [item.event for item in book.events()]
        grades = [event for event in events if isinstance(event, GradeObserved) and event.record is not None]
        return [(event.repository_id, event.commit) for event in grades if not event.starter]

    def missing(self, gradebook: str) -> tuple[int, int]:
        """Records that are lost, and records that are there twice."""
        found = self.recorded(gradebook)
        return len(self.truth() - set(found)), len(found) - len(set(found))


class Trouble:
    """Faults of every kind, at random requests."""

    KINDS = (
        Fault(status=502),
        Fault(status=503, headers={"retry-after": "1"}),
        Fault(status=504),
        Fault(status=403, headers={"retry-after": "1"}),
        Fault(status=429, headers={"retry-after": "1"}),
        Fault(truncate=4000),
        Fault(body=b"<html>Bad gateway</html>"),
        Fault(body=b'{"data": null, "errors": [{"message": "Something went wrong: timeout"}]}'),
        Fault(drop=True),
        Fault(delay=6.5),
    )

    def __init__(self, expected_requests: int) -> None:
        self.chance = random.Random(SEED)
        self.share = min(MOST_FAULTS, FAULTS / max(1, expected_requests))
        self.injected = 0

    def __call__(self, _asked: Asked) -> Fault | None:
        if self.chance.random() >= self.share:
            return None
        self.injected += 1
        return self.KINDS[self.injected % len(self.KINDS)]


def the_usual_way(university: University, sample: int) -> Cost:
    """A list of runs, a list of artifacts and a download for each repository, five at a time."""
    chosen = university.chance.sample(university.repositories, min(sample, len(university.repositories)))
    with university.serve() as github, httpx2.Client(trust_env=False, timeout=60) as client:

        def grade(repository: EmulatedRepository) -> Any:
            base = f"{github.url}/repos/{ORGANIZATION}/{repository.name}/actions"
            signed = {"authorization": f"Bearer {TOKEN}"}
            run = client.get(f"{base}/runs", params={"per_page": "1"}, headers=signed).json()[
                "workflow_runs"
            ][0]
            listed = client.get(f"{base}/runs/{run['id']}/artifacts", headers=signed).json()["artifacts"][0]
            moved = client.get(f"{base}/artifacts/{listed['id']}/zip", headers=signed)
            archive = zipfile.ZipFile(io.BytesIO(client.get(moved.headers["location"]).content))
            return json.loads(archive.read("grade.json"))

        start = time.perf_counter()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            grades = list(pool.map(grade, chosen))
        seconds = time.perf_counter() - start
        requests, in_flight = len(github.requests), github.most_in_flight
    if any(not item["score"] for item in grades):
        raise SystemExit("the usual way found a push without a score")
    factor = len(university.repositories) / len(chosen)
    return Cost(
        f"the usual way (x {factor:.0f} of {len(chosen)})",
        seconds * factor,
        round(requests * factor),
        0,
        in_flight=in_flight,
    )


def run(students: int, assignments: int, console: Console) -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as name:
        begin = time.perf_counter()
        university = University(students, assignments, Path(name))
        console.print(
            f"{len(university.repositories):,} repositories made in {time.perf_counter() - begin:.1f} s"
        )
        table = Table(
            "collection", "seconds", "processor", "requests", "points", "MB", "new", "in flight", box=None
        )
        first = university.collect("first, all of it", "one.sqlite")
        add(table, first)
        trouble = Trouble(first.requests)
        add(table, university.collect("first, with faults", "two.sqlite", trouble))
        kills, _, points = university.collect_killed("three.sqlite")
        lost = {name: university.missing(name) for name in ("one.sqlite", "two.sqlite", "three.sqlite")}
        university.pass_a_day()
        add(table, university.collect("a night, 5 % changed", "one.sqlite"))
        lost["one.sqlite, after the night"] = university.missing("one.sqlite")
        add(table, university.collect("idle", "one.sqlite"))
        add(table, the_usual_way(university, SAMPLE))
        start = time.perf_counter()
        export_grades(university.setting, Path(name) / "one.sqlite", Path(name) / "grades.csv")
        export = time.perf_counter() - start
        console.print(table)
        console.print(f"export of grades.csv from the gradebook: {export:.2f} s")
        console.print(f"faults injected: {trouble.injected}; killed: {kills} times, {points} points in all")
        for book, (missing, twice) in lost.items():
            console.print(f"{book}: records lost: {missing}, records twice: {twice}")


def add(table: Table, cost: Cost) -> None:
    """Add a row, and tell whoever waits."""
    table.add_row(
        cost.name,
        f"{cost.seconds:,.1f}",
        "" if cost.processor is None else f"{cost.processor:.1f}",
        f"{cost.requests:,}",
        f"{cost.points:,}",
        "" if cost.megabytes is None else f"{cost.megabytes:.0f}",
        "" if cost.recorded is None else f"{cost.recorded:,}",
        str(cost.in_flight or ""),
    )
    print(f"{cost}", file=sys.stderr, flush=True)


def main(
    students: Annotated[int, typer.Option(help="How many students.")] = 1000,
    assignments: Annotated[int, typer.Option(help="How many assignments.")] = 21,
    one: Annotated[str, typer.Option(hidden=True)] = "",
    gradebook: Annotated[Path, typer.Option(hidden=True)] = Path("gradebook.sqlite"),
) -> None:
    """Measure collections of an emulated university."""
    if one:
        collect_once(one, gradebook, make_setting(students, assignments))
    else:
        run(students, assignments, Console())


if __name__ == "__main__":
    typer.run(main)
