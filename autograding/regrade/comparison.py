"""`compare_submissions.py`: reads what a regrade keeps of a class, and tells a person who wrote alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograding.assignments.commands.shared import DONE, report, shown
from autograding.course import Assignment, load_course
from autograding.gradebook.export import write_atomically
from autograding.gradebook.formats.sheet import cell, csv_text, row
from autograding.grader.errors import ClassroomError, ConfigurationError, NotebookError
from autograding.grader.notebook.read import Notebook, read_notebook
from autograding.lesson import read_lesson, strip_solutions
from autograding.lesson.solutions import without_markers
from autograding.regrade.files import prepared_files, read
from autograding.regrade.model import Chosen, Prepared
from autograding.regrade.similarity import Fingerprints, Pair, Work, all_kgrams, compare, fingerprints

TABLE = "similarity.csv"
SHOWN = 20
OTHER = "other cells"
HEADER = (
    *("share_percent", "shared", "exercises", "student", "repository", "commit"),
    *("other_student", "other_repository", "other_commit", "other_folder"),
)


@dataclass(frozen=True)
class Material:
    """What everybody has of an assignment. `cells` are the starter's, from their ids to their sources."""

    exercises: dict[str, str]
    cells: dict[str, str]
    starter: Fingerprints
    reference: Fingerprints


@dataclass(frozen=True)
class Handed:
    """A submission that was read, and the folder it lies in."""

    chosen: Chosen
    folder: Path
    work: Work


def compare_class(console: Console, root: Path, name: str, final: Path, past: Sequence[Path]) -> int:
    """Compare the submissions of a class with each other and with those of earlier classes.

    `final` and each of `past` hold a folder for each assignment, or are one. The
    answer is data, so the exit status is 0 whatever is found, and 1 only where a
    file could not be read.
    """
    try:
        assignment = load_course(root).resolve(name)
        material = material_of(assignment)
        folders = [_folder(final, assignment), *(_folder(path, assignment) for path in past)]
        handed, faults = _read_all(folders, assignment, material)
        pairs = compare([item.work for item in handed], material.reference)
        target = folders[0] / TABLE
        write_atomically(target, similarity_csv(handed, pairs))
    except ClassroomError as error:
        return report(console, [error])
    console.print(f"{len(handed)} submissions of {assignment.id}, {len(pairs)} pairs alike")
    if pairs:
        console.print(_table(handed, pairs[:SHOWN]))
        console.print("Alike is not copied: read both before you ask. Nothing was entered in the gradebook.")
    console.print(f"written: {shown(str(target))}", soft_wrap=True)
    return report(console, faults) if faults else DONE


def material_of(assignment: Assignment) -> Material:
    """The starter's and the reference's code. Raises LessonError."""
    lesson = read_lesson(assignment.lesson)
    starter = [item for item in strip_solutions(lesson, assignment.number).cells if item.kind == "code"]
    solved = [item for item in without_markers(lesson).cells if item.kind == "code"]
    return Material(
        {item.id: item.exercise for item in lesson.cells if item.exercise},
        {item.id: item.source for item in starter},
        all_kgrams(item.source for item in starter),
        all_kgrams(item.source for item in solved),
    )


def work_of(student: str, notebook: Notebook, material: Material, *, past: bool = False) -> Work:
    """What a student wrote in a notebook, exercise by exercise."""
    exercises: dict[str, Fingerprints] = {}
    for item in notebook.cells:
        name = item.id or ""
        if item.kind == "code" and item.source != material.cells.get(name):
            exercise = material.exercises.get(name, OTHER)
            own = fingerprints(item.source) - material.starter
            exercises[exercise] = exercises.get(exercise, frozenset()) | own
    return Work(student, exercises, past)


def similarity_csv(handed: Sequence[Handed], pairs: Iterable[Pair]) -> str:
    """A row for each pair, the most alike first."""
    return csv_text(HEADER, (_csv_row(handed[pair.first], handed[pair.second], pair) for pair in pairs))


def _csv_row(first: Handed, second: Handed, pair: Pair) -> str:
    where = ", ".join(f"{name} {count}" for name, count in pair.exercises)
    texts = (where, *_names(first), *_names(second), str(second.folder))
    return row([_percent(pair), str(pair.shared), *map(cell, texts)])


def _names(handed: Handed) -> tuple[str, str, str]:
    return handed.chosen.login, handed.chosen.repository, handed.chosen.commit


def _percent(pair: Pair) -> str:
    return str(round(100 * pair.share))


def _table(handed: Sequence[Handed], pairs: Iterable[Pair]) -> Table:
    table = Table("share", "student", "and", "above all in")
    for pair in pairs:
        first, second = handed[pair.first], handed[pair.second]
        earlier = f" ({second.folder.parent.name})" if second.work.past else ""
        where = ", ".join(name for name, _ in pair.exercises[:3])
        names = (first.chosen.login, second.chosen.login + earlier, where)
        table.add_row(f"{_percent(pair)} %", *map(shown, names))
    return table


def _folder(path: Path, assignment: Assignment) -> Path:
    """The folder of an assignment's submissions. Raises ConfigurationError where there are none."""
    inner = path / assignment.id
    folder = inner if inner.is_dir() else path
    if not prepared_files(folder):
        raise ConfigurationError(
            f"there are no submissions of {assignment.id}",
            where=str(folder),
            mend="make final grades first: scripts/regrade_submissions.py --assignment "
            f"{assignment.id} --from gradebook",
        )
    return folder


def _read_all(
    folders: Sequence[Path], assignment: Assignment, material: Material
) -> tuple[list[Handed], list[ClassroomError]]:
    """Every readable submission, one for each student of a folder, and what could not be read."""
    handed: dict[tuple[Path, str], Handed] = {}
    faults: list[ClassroomError] = []
    for place, folder in enumerate(folders):
        for path in prepared_files(folder):
            try:
                prepared = read(path, Prepared)
                found = _read_one(prepared, assignment, material, path, past=place > 0)
            except NotebookError:
                continue  # its grade says so, and there is nothing in it to compare
            except ClassroomError as error:
                faults.append(error)
                continue
            key = (folder, prepared.chosen.login.casefold())
            handed[key] = _joined(handed[key], found) if key in handed else found
    return list(handed.values()), faults


def _read_one(
    prepared: Prepared, assignment: Assignment, material: Material, path: Path, *, past: bool
) -> Handed:
    if prepared.origin.assignment != assignment.id:
        raise ClassroomError(
            f"this is a submission of {prepared.origin.assignment}, not of {assignment.id}",
            where=str(path),
            mend="name the folder of the assignment",
        )
    if prepared.notebook is None:
        raise NotebookError("there is no notebook", where=str(path))
    notebook = read_notebook(prepared.notebook, str(path))
    login = prepared.chosen.login
    return Handed(prepared.chosen, path.parent, work_of(login, notebook, material, past=past))


def _joined(earlier: Handed, later: Handed) -> Handed:
    """Several commits of a student as one work, so that nobody is like themselves."""
    parts = (earlier.work.exercises, later.work.exercises)
    names = {name: None for part in parts for name in part}
    exercises = {name: frozenset().union(*(part.get(name, frozenset()) for part in parts)) for name in names}
    return Handed(later.chosen, later.folder, Work(later.work.student, exercises, later.work.past))
