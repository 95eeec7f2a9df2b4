"""The course of one term: `classroom.yml` and the assignments it needs, read and checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from autograding.course import classroom
from autograding.course.classroom import (
    Classroom,
    LatePolicy,
    Part,
    ScheduledAssignment,
    Weights,
    examine_classroom,
)
from autograding.course.document import Document, Location, read_document
from autograding.course.fields import ASSIGNMENT_ID, DATA_FILE, LESSON_FILE
from autograding.course.kinds import assignment_folders, kind_of
from autograding.course.mistakes import ConfigurationMistakes, Mistake, advise, nearest, refuse, shorten
from autograding.course.module import Milestone, Module
from autograding.grader.errors import ConfigurationError
from autograding.grader.manifest import Exercise, Forbidden, Limits, Question

TESTS = "tests"
DATA = "data"
HIDDEN = "_hidden"


@dataclass(frozen=True)
class Assignment:
    """A module or a milestone as an assignment. `prerequisites` are the direct ones, by id.

    `data` are the names of files in its folder `data/` that belong to the package.

    `part` is what the assignment counts as in the final grade, and `weight` how much within
    that part. `release` and `due` are
    None where `classroom.yml` gives no date, and for one that is not part of this term
    but a prerequisite of one that is.
    """

    id: str
    folder: Path
    title: str
    tier: str
    package: str
    lesson: Path
    tests: Path
    prerequisites: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    allowed_imports: tuple[str, ...]
    forbidden: tuple[Forbidden, ...]
    limits: Limits
    common_lines: tuple[str, ...]
    data: tuple[str, ...]
    summary: str
    hours: str
    release: datetime | None = None
    due: datetime | None = None
    part: Part = "modules"
    weight: float = 1.0

    @property
    def number(self) -> str:
        """`01` of `01_tensor`, `1986` of `1986_mlp`."""
        return self.id.partition("_")[0]

    @property
    def name(self) -> str:
        """`tensor` of `01_tensor`."""
        return self.id.partition("_")[2]

    @property
    def kind(self) -> str:
        """`module` or `milestone`."""
        return kind_of(self.id).name

    @property
    def configuration(self) -> Path:
        """Its `module.yml` or `milestone.yml`."""
        return self.folder / kind_of(self.id).configuration

    @property
    def slug(self) -> str:
        """The name of the rendered repository: `01-tensor`."""
        return self.id.replace("_", "-")


@dataclass(frozen=True)
class Course:
    """A course in one term.

    `assignments` are those of this term; `known` are these and whatever they
    build on. Both are in course order: by number, but never before a prerequisite.
    """

    root: Path
    title: str
    organization: str
    term: str
    timezone: ZoneInfo
    default_branch: str
    prerequisites: str
    weights: Weights
    attempt: Literal["last", "best"]
    late: LatePolicy
    graders: tuple[str, ...]
    roster: Path | None
    assignments: tuple[Assignment, ...]
    known: tuple[Assignment, ...]

    def resolve(self, name: str) -> Assignment:
        """The assignment a person means by `01_tensor`, `01`, `1`, `tensor` or `01-tensor`.

        Raises ConfigurationError with the nearest name where there is none.
        """
        wanted = name.strip().lower()
        ids = [assignment.id for assignment in self.assignments]
        for assignment in self.assignments:
            if wanted in _names(assignment.id):
                return assignment
        others = [id for id in assignment_folders(self.root) if wanted in _names(id)]
        if others:
            mend = f"add it below assignments: in {classroom.FILENAME}, where now stand: {', '.join(ids)}"
            raise ConfigurationError(
                f"{others[0]} is a {kind_of(others[0]).name} but not an assignment of this term", mend=mend
            )
        meant = nearest(wanted, [alias for id in ids for alias in _names(id)])
        known = f"assignments of this term: {', '.join(ids) or 'none'}"
        mend = f"did you mean {meant}? ({known})" if meant else known
        raise ConfigurationError(f"there is no assignment {shorten(repr(name))}", mend=mend)


def _names(id: str) -> tuple[str, ...]:
    """All names a person may call an assignment by; those worth suggesting come first."""
    number, _, name = id.partition("_")
    return id, name, id.replace("_", "-"), name.replace("_", "-"), number, str(int(number))


def load_course(root: Path) -> Course:
    """The course in a folder. Raises ConfigurationError with every mistake in the files it needs.

    A folder in modules/ or milestones/ that no assignment of this term needs is not read: it
    is not part of this term, and a draft must not stop a running course.
    """
    root = root.resolve()
    if not (root / classroom.FILENAME).exists():
        mend = f"run the command in the folder that holds {classroom.FILENAME}"
        refuse([Mistake(classroom.FILENAME, 0, "there is no such file", mend)])
    document = read_document(root / classroom.FILENAME, classroom.FILENAME)
    keys, mistakes = examine_classroom(document)
    folders = assignment_folders(root)
    mistakes += _missing_folders(document, folders)
    sources = _read_all(_texts(document, "assignments", key="id"), folders)
    refuse([*mistakes, *_mistakes(sources)])
    assert keys is not None
    return _course(root, keys, sources)


def load_assignments(root: Path) -> tuple[Assignment, ...]:
    """Every module and milestone, whether or not this term uses it, in course order.

    Raises ConfigurationError with every mistake in their files.
    """
    root = root.resolve()
    folders = assignment_folders(root)
    sources = _read_all(folders, folders)
    refuse(_mistakes(sources))
    return _assignments(sources, {})


def transitive_prerequisites(course: Course, assignment: Assignment) -> tuple[Assignment, ...]:
    """Everything an assignment builds on, directly or not, in course order."""
    known = {item.id: item for item in course.known}
    needed: set[str] = set()
    waiting = list(assignment.prerequisites)
    while waiting:
        id = waiting.pop()
        if id not in needed:
            needed.add(id)
            waiting += known[id].prerequisites
    return tuple(item for item in course.known if item.id in needed)


@dataclass(frozen=True)
class _Source:
    """A module.yml or milestone.yml as far as it could be read, and what is wrong with it."""

    folder: Path
    document: Document
    keys: Module | Milestone | None
    mistakes: tuple[Mistake, ...]

    @property
    def prerequisites(self) -> dict[str, Location]:
        """The prerequisites as they are written, each with its place."""
        return _texts(self.document, "prerequisites")


def _texts(document: Document, *location: str, key: str | None = None) -> dict[str, Location]:
    """The texts in a list (or below a key of its entries), each with its place."""
    places = [(*item, key) if key else item for item in document.items(*location)]
    return {text: place for place in places if isinstance(text := document.get(*place), str)}


def _read_all(ids: Iterable[str], folders: Mapping[str, Path]) -> dict[str, _Source]:
    sources: dict[str, _Source] = {}
    waiting = list(ids)
    while waiting:
        id = waiting.pop(0)
        if id in folders and id not in sources:
            sources[id] = _read(folders[id], folders)
            waiting += sources[id].prerequisites
    return dict(sorted(sources.items()))


def _read(folder: Path, folders: Mapping[str, Path]) -> _Source:
    kind = kind_of(folder.name)
    where = f"{kind.folder}/{folder.name}/{kind.configuration}"
    try:
        document = read_document(folder / kind.configuration, where)
    except ConfigurationMistakes as error:
        return _Source(folder, Document(where, None, {}), None, error.mistakes)
    keys, mistakes = kind.examine(document)
    source = _Source(folder, document, keys, ())
    return replace(source, mistakes=(*mistakes, *_missing_files(source), *_unknown(source, folders)))


def _mistakes(sources: dict[str, _Source]) -> list[Mistake]:
    own = [mistake for source in sources.values() for mistake in source.mistakes]
    return [*own, *_cycles(sources), *_shared_packages(sources)]


def _assignments(
    sources: dict[str, _Source], scheduled: Mapping[str, ScheduledAssignment]
) -> tuple[Assignment, ...]:
    found = [
        _assignment(source.folder, source.keys, scheduled.get(id))
        for id, source in sources.items()
        if source.keys
    ]
    return tuple(_in_course_order(found))


def _missing_folders(document: Document, folders: Mapping[str, Path]) -> Iterator[Mistake]:
    for id, place in _texts(document, "assignments", key="id").items():
        if re.fullmatch(ASSIGNMENT_ID, id) and id not in folders:
            mend = advise(id, list(folders), "assignments")
            yield document.mistake(place, f"there is no folder {kind_of(id).folder}/{shorten(id)}", mend)


def _unknown(source: _Source, folders: Mapping[str, Path]) -> Iterator[Mistake]:
    for id, place in source.prerequisites.items():
        if re.fullmatch(ASSIGNMENT_ID, id) and id not in folders:
            mend = advise(id, list(folders), "assignments")
            yield source.document.mistake(place, f"there is no {kind_of(id).name} {shorten(id)}", mend)


def _missing_files(source: _Source) -> Iterator[Mistake]:
    folder = source.folder
    lesson = source.document.get("lesson")
    if isinstance(lesson, str) and re.fullmatch(LESSON_FILE, lesson) and not (folder / lesson).is_file():
        near = nearest(lesson, sorted(path.name for path in folder.glob("*.py")))
        mend = f"did you mean {near}?" if near else None
        yield source.document.mistake(("lesson",), f"there is no file {shorten(lesson)} in this folder", mend)
    for place in source.document.items("data"):
        name = source.document.get(*place)
        if isinstance(name, str) and re.fullmatch(DATA_FILE, name) and not (folder / DATA / name).is_file():
            yield source.document.mistake(place, f"there is no file {DATA}/{shorten(name)} in this folder")
    tests = [path for path in (folder / TESTS).glob("test_*.py") if not path.stem.endswith(HIDDEN)]
    if not tests:
        mend = f"add {TESTS}/test_{folder.name.partition('_')[2]}.py, the tests that students get"
        yield source.document.mistake(
            (), f"the {kind_of(folder.name).name} has no visible tests in {TESTS}/", mend
        )


def _cycles(sources: dict[str, _Source]) -> Iterator[Mistake]:
    """Each prerequisite that closes a circle, with the way round."""
    done: set[str] = set()

    def follow(trail: tuple[str, ...]) -> Iterator[Mistake]:
        source = sources[trail[-1]]
        for id, place in source.prerequisites.items():
            if id in trail:
                circle = " → ".join((*trail[trail.index(id) :], id))
                yield source.document.mistake(place, f"the prerequisites form a cycle: {circle}")
            elif id in sources and id not in done:
                yield from follow((*trail, id))
        done.add(trail[-1])

    for id in sources:
        if id not in done:
            yield from follow((id,))


def _shared_packages(sources: dict[str, _Source]) -> Iterator[Mistake]:
    owners: dict[str, str] = {}
    for id, source in sources.items():
        package = source.document.get("package")
        if isinstance(package, str) and owners.setdefault(package, id) != id:
            what = f"the package {shorten(package)} is taken by {owners[package]}"
            yield source.document.mistake(("package",), what, "every module exports to a package of its own")


def _course(root: Path, keys: Classroom, sources: dict[str, _Source]) -> Course:
    scheduled = {item.id: item for item in keys.assignments}
    ordered = _assignments(sources, scheduled)
    return Course(
        root=root,
        title=keys.course.title,
        organization=keys.course.organization,
        term=keys.course.term,
        timezone=keys.course.timezone,
        default_branch=keys.course.default_branch,
        prerequisites=keys.prerequisites,
        weights=keys.weights,
        attempt=keys.attempt,
        late=keys.late,
        graders=keys.graders,
        roster=root / keys.roster if keys.roster else None,
        assignments=tuple(item for item in ordered if item.id in scheduled),
        known=ordered,
    )


def _assignment(folder: Path, keys: Module | Milestone, schedule: ScheduledAssignment | None) -> Assignment:
    number = folder.name.partition("_")[0]
    return Assignment(
        id=folder.name,
        folder=folder,
        title=keys.title,
        tier=keys.tier,
        package=keys.package,
        lesson=folder / keys.lesson,
        tests=folder / TESTS,
        prerequisites=keys.prerequisites,
        exercises=tuple(Exercise(f"{number}.{item.id}", item.title, item.points) for item in keys.exercises),
        questions=tuple(
            Question(f"{number}.{item.id}", item.title, item.points, cell=item.id) for item in keys.questions
        ),
        allowed_imports=keys.allowed_imports,
        forbidden=tuple(
            Forbidden(
                item.uses,
                item.because,
                tuple(f"{number}.{name}" for name in item.exercises),
                item.functions,
            )
            for item in keys.forbidden
        ),
        limits=Limits(**keys.limits.model_dump()),
        common_lines=keys.common_lines,
        data=keys.data,
        summary=keys.summary,
        hours=keys.hours,
        release=schedule.release if schedule else None,
        due=schedule.due if schedule else None,
        part=schedule.part if schedule else "modules",
        weight=schedule.weight if schedule else 1.0,
    )


def _in_course_order(modules: list[Assignment]) -> Iterator[Assignment]:
    """By number, but never before a prerequisite. There are no cycles here."""
    waiting = sorted(modules, key=lambda item: item.id)
    placed: set[str] = set()
    while waiting:
        following = next(item for item in waiting if placed.issuperset(item.prerequisites))
        waiting.remove(following)
        placed.add(following.id)
        yield following
