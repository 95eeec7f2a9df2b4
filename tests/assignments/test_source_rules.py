"""The rules that this course makes about the source hold for its own reference."""

from __future__ import annotations

import pytest

from autograding.course import Assignment, Course, load_course
from autograding.grader.manifest import Manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.notebook.read import read_notebook
from autograding.grader.notebook.rules import source_flags
from autograding.lesson import manifest_cells, notebook_json, parse_lesson, read_lesson, strip_solutions
from tests.conftest import ROOT

# The function whose lesson forbids it, and a line of its reference replaced by what is forbidden.
SHORTCUTS = {
    "01_tensor": ("total += a[i, k] * b[k, j]", "total = a[i] @ b[:, j]"),
    "02_activations": ("np.maximum(a, 0)", "np.array([max(x, 0) for x in a.flat])"),
    "03_layers": ("keep = self.rng.random(", "keep = np.random.random("),
    "04_losses": ("np.exp(-np.abs(logits))", "np.exp(-np.abs(np.clip(logits, -30, 30)))"),
    "05_dataloader": ("if self.rng.random() < self.p", "if np.random.rand() < self.p"),
}


def flags(assignment: Assignment, text: str) -> list[str]:
    """What is found in the package that a lesson of this text exports to."""
    lesson = parse_lesson(text, str(assignment.lesson))
    starter = strip_solutions(read_lesson(assignment.lesson), assignment.number)
    manifest = Manifest(
        assignment=assignment.id,
        number=assignment.number,
        title=assignment.title,
        notebook=f"{assignment.name}.ipynb",
        package=assignment.package,
        exercises=assignment.exercises,
        questions=assignment.questions,
        tests=(),
        cells=manifest_cells(starter, assignment.number),
        allowed_imports=assignment.allowed_imports,
        forbidden=assignment.forbidden,
    )
    notebook = read_notebook(notebook_json(lesson, assignment).encode(), manifest.notebook)
    export = export_package(notebook, manifest)
    assert len(export.cells) == sum(cell.role == "export" for cell in manifest.cells)
    return [flag.kind for flag in source_flags(export.cells, manifest)]


@pytest.mark.parametrize("id", [item.id for item in load_course(ROOT).assignments])
def test_the_reference_keeps_to_its_own_rules(id: str, course: Course) -> None:
    assignment = course.resolve(id)
    assert flags(assignment, assignment.lesson.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("id", SHORTCUTS)
def test_what_a_lesson_forbids_is_found(id: str, course: Course) -> None:
    assignment = course.resolve(id)
    before, after = SHORTCUTS[id]
    text = assignment.lesson.read_text(encoding="utf-8")
    assert flags(assignment, text.replace(before, after, 1)) == ["construct_not_allowed"]
