"""How far a student is: exercises, answers, export, commit, push and due date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from autograding.grader.errors import NotebookError
from autograding.grader.grade import plain_number
from autograding.grader.manifest import Exercise, Manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.notebook.read import Notebook, answers
from autograding.grader.report.wording import counted
from autograding.grader.tito.export import exported_source
from autograding.grader.tito.repository import git, git_line, read_lesson_notebook

Rows = list[tuple[str, ...]]


def report(repository: Path, manifest: Manifest, now: datetime) -> Iterator[tuple[str, Rows]]:
    """Titled tables. A notebook that cannot be read is a row, not an error."""
    try:
        notebook = read_lesson_notebook(repository, manifest)
    except NotebookError as error:
        yield "Notebook", [(manifest.notebook, error.what, error.mend or "")]
    else:
        yield (
            "Exercises",
            [
                (
                    item.id,
                    item.title,
                    f"{plain_number(item.points)} points",
                    written(item, notebook, manifest),
                )
                for item in manifest.exercises
            ],
        )
        yield (
            "Questions",
            [
                (
                    status.id,
                    question.title,
                    counted(status.words, "word") if status.answered else "no answer yet",
                )
                for status, question in zip(answers(notebook, manifest), manifest.questions, strict=True)
            ],
        )
        yield "Package", [(manifest.package_path, exported(repository, notebook, manifest))]
    yield "Handing in", [*handed_in(repository, manifest), ("due", due(manifest.due, now))]


def written(exercise: Exercise, notebook: Notebook, manifest: Manifest) -> str:
    """Whether the cells of an exercise have been worked on; nothing is run."""
    sources = {cell.id: cell.source.strip() for cell in notebook.cells}
    cells = [cell for cell in manifest.cells if cell.role == "export" and cell.exercise == exercise.id]
    missing = [cell for cell in cells if cell.id not in sources]
    untouched = [cell for cell in cells if sources.get(cell.id) == cell.stub.strip()]
    stub = f'raise NotImplementedError("{exercise.id}: '
    begun = [cell for cell in cells if stub in sources.get(cell.id, "")]
    if missing:
        return f"cell {missing[0].id} is missing"
    if len(untouched) == len(cells):
        return "not written yet"
    return "partly written" if begun else "written"


def exported(repository: Path, notebook: Notebook, manifest: Manifest) -> str:
    """Whether the package file is what the notebook would export now."""
    try:
        current = exported_source(repository, manifest)
    except NotebookError as error:
        return error.what
    if current is None:
        return "not exported yet: uv run tito module export"
    if current != export_package(notebook, manifest).source.encode():
        return "older than your notebook: uv run tito module export"
    return "up to date"


def handed_in(repository: Path, manifest: Manifest) -> Rows:
    """What git knows here; nothing is fetched."""
    changes = git(repository, "status", "--porcelain", "--", manifest.notebook)
    if changes is None:
        return [("commit", "this folder is not a git repository")]
    if changes.strip():
        return [("commit", f"{manifest.notebook} has changed: git commit -am 'Say what you did'; git push")]
    rows: Rows = [("commit", "everything in the notebook is committed")]
    if not git_line(repository, "rev-parse", "--abbrev-ref", "@{upstream}"):
        return [*rows, ("push", "never pushed from this branch: git push -u origin HEAD")]
    ahead = git_line(repository, "rev-list", "--count", "@{upstream}..HEAD")
    if ahead not in ("", "0"):
        return [*rows, ("push", f"{counted(int(ahead), 'commit')} not pushed: git push")]
    return [*rows, ("push", "pushed")]


def due(moment: str | None, now: datetime) -> str:
    """The due date and how far away it is."""
    if moment is None:
        return "no due date"
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    if when.tzinfo is None:
        return moment
    left = when - now
    distance = f"in {_span(left)}" if left >= timedelta(0) else f"{_span(-left)} ago"
    return f"{when:%Y-%m-%d %H:%M} ({when:%Z}), {distance}"


def _span(time: timedelta) -> str:
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    if hours >= 48:
        return counted(hours // 24, "day")
    return counted(hours, "hour") if hours else counted(minutes, "minute")
