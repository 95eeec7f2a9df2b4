"""Where variants of an assignment's notebook are graded: the reference, the starter, known bugs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from autograding.assignments.contents import notebook_name, reference_of_brought
from autograding.assignments.final import lay_over
from autograding.assignments.render import build_repository
from autograding.assignments.sources import hidden_test
from autograding.course import Assignment, Course, KnownBug
from autograding.grader.grade import ExerciseGrade, Grade
from autograding.grader.judge.run_tests import Judge
from autograding.grader.manifest import read_manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.notebook.read import read_notebook
from autograding.grader.run import Judging, grade_repository, lay_hidden
from autograding.grader.score import score_exercises
from autograding.grader.stage import lay_out
from autograding.lesson import apply_edits, notebook_json, parse_lesson


class Bench:
    """Renders an assignment into `folder` and grades variants of its notebook. Raises ClassroomError."""

    def __init__(self, course: Course, assignment: Assignment, folder: Path) -> None:
        self.course = course
        self.assignment = assignment
        self.repository = folder / "repository"
        self.repository.mkdir()
        self.built = build_repository(course, assignment, self.repository)
        self._folder = folder
        self._brought = reference_of_brought(course, assignment)
        self._manifest = read_manifest(self.repository)
        self._complete = lay_over(self.repository, None, folder / "complete", self._brought)
        self._lesson = assignment.lesson.read_text(encoding="utf-8")

    def reference(self) -> bytes:
        return self._notebook(self._lesson, str(self.assignment.lesson))

    def starter(self) -> bytes:
        return (self.repository / notebook_name(self.assignment)).read_bytes()

    def with_bug(self, bug: KnownBug) -> bytes:
        """The reference with a known bug in it. Raises LessonError where the bug does not fit the lesson."""
        text = apply_edits(self._lesson, bug.edits, str(bug.path))
        return self._notebook(text, f"{self.assignment.lesson} with {bug.path.name}")

    def grade(
        self,
        notebook: bytes,
        *,
        hidden: bool,
        seed: str = "",
        run: bool = False,
        checkpoint: bool = False,
    ) -> Grade:
        """Grade a notebook; with `run`, run the notebook itself too."""
        with tempfile.TemporaryDirectory(prefix="variant-", dir=self._folder) as name:
            return grade_repository(
                lay_over(self.repository, notebook, Path(name) / "repository", self._brought),
                Path(name) / "output",
                hidden_tests=hidden_test(self.assignment) if hidden else None,
                seed=seed,
                notebook=run,
                checkpoint=checkpoint,
            )

    def exercises(self, notebook: bytes, judge: Judge) -> tuple[ExerciseGrade, ...]:
        """What the exercises of a notebook get from all tests: a grade without the rest of it."""
        with tempfile.TemporaryDirectory(prefix="variant-", dir=self._folder) as name:
            export = export_package(read_notebook(notebook, self._manifest.notebook), self._manifest)
            stage, _ = lay_out(self._complete, self._manifest, export.source, Path(name))
            judging = Judging(judge, self._manifest, "", lay_hidden(hidden_test(self.assignment), stage))
            outcomes = judging(stage)
            return score_exercises(self._manifest, judging.expected, outcomes)

    def _notebook(self, text: str, where: str) -> bytes:
        return notebook_json(parse_lesson(text, where), self.assignment).encode()
