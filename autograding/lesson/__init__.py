"""Lessons: percent source, the notebook students get, and the package it exports to."""

from autograding.lesson.cells import Lesson, LessonCell
from autograding.lesson.check import check_lesson
from autograding.lesson.edits import apply_edits
from autograding.lesson.package import (
    OutOfStep,
    export_lesson,
    package_data,
    reference_differences,
    reference_files,
    reference_package,
    write_reference,
)
from autograding.lesson.render import checkpoint_notebook, manifest_cells, notebook_json
from autograding.lesson.solutions import SolutionLine, solution_lines, strip_solutions
from autograding.lesson.source import parse_lesson, read_lesson

__all__ = [
    "Lesson",
    "LessonCell",
    "OutOfStep",
    "SolutionLine",
    "apply_edits",
    "check_lesson",
    "checkpoint_notebook",
    "export_lesson",
    "manifest_cells",
    "notebook_json",
    "package_data",
    "parse_lesson",
    "read_lesson",
    "reference_differences",
    "reference_files",
    "reference_package",
    "solution_lines",
    "strip_solutions",
    "write_reference",
]
