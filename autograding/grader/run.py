"""Grade one repository: read, export, judge, score.

The workflow, a student at home and the instructor's final run all come through
here.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from autograding.grader.fallback import check_twice, judge_twice
from autograding.grader.files import sha256_of
from autograding.grader.grade import CheckpointResult, Grade, NotebookRun, encode_grade, plain_number
from autograding.grader.judge.collect import listed_tests
from autograding.grader.judge.run_checkpoint import run_checkpoint
from autograding.grader.judge.run_tests import Judge, TestOutcome, judge_package
from autograding.grader.manifest import FILENAME, Manifest, read_manifest
from autograding.grader.notebook.execute import Executed, execute_notebook
from autograding.grader.notebook.export import export_package
from autograding.grader.notebook.read import answers, runnable_notebook
from autograding.grader.notebook.rules import source_flags
from autograding.grader.provenance import commit_flags, environment, head_commit
from autograding.grader.report.student import students_copy
from autograding.grader.report.summary import render_summary
from autograding.grader.score import score_exercises, total_score
from autograding.grader.stage import Stage, changed_protected, lay_out
from autograding.grader.submission import Submission, read_submission

Result = TypeVar("Result")
NOT_RUN = CheckpointResult(False, "not run")


def grade_repository(
    repository: Path,
    output: Path,
    *,
    hidden_tests: Path | None = None,
    seed: str = "",
    final_commit: str | None = None,
    notebook: bool = True,
    checkpoint: bool = True,
    reference: Mapping[str, bytes] | None = None,
) -> Grade:
    """Grade the student repository at `repository` and write the results into `output`.

    Writes `grade.json`, `summary.md`, `executed.ipynb` and `timings.json`. With
    `hidden_tests`, a test file that never left the course repository (nor did the
    arrays `*_hidden.npz` beside it), the grade is a final one; `seed` then decides the inputs of the tests,
    and `student.json` is the copy of `grade.json` that a student may have.
    `final_commit` is the student's commit whose notebook was laid over a pristine
    render here, where that was done. `notebook` and `checkpoint` can leave out the
    parts that give no points. `reference` holds our version of the files that the
    student brought along, for tests which fail with theirs.

    Raises ConfigurationError where there is no manifest, and GradingError when
    this machine cannot grade. A student's mistake is a low score, never an error.
    """
    repository = repository.resolve()
    manifest = read_manifest(repository)
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        submission = read_submission(repository, manifest)
        export = export_package(submission.notebook, manifest)
        stage, staged_flags = lay_out(repository, manifest, export.source, Path(name).resolve())
        ours, rooms = reference or {}, Path(name).resolve() / "ours"
        judge_stage = Judging(judge_package, manifest, seed, lay_hidden(hidden_tests, stage))
        with ThreadPoolExecutor(max_workers=3) as pool:
            judging = pool.submit(
                clock.timed,
                "tests",
                lambda: judge_twice(judge_stage, stage, ours, rooms / "tests"),
            )
            running = pool.submit(
                clock.timed, "notebook", lambda: _run(submission, stage, manifest, notebook)
            )
            reaching = pool.submit(
                clock.timed,
                "checkpoint",
                lambda: check_twice(
                    lambda stage: _check(stage, manifest, checkpoint), stage, ours, rooms / "checkpoint"
                ),
            )
            broken_rules = source_flags(export.cells, manifest)
            outcomes, fallback_flags = judging.result()
            exercises = score_exercises(manifest, judge_stage.expected, outcomes)
            executed, reached = running.result(), reaching.result()

    flags = [
        *submission.flags,
        *broken_rules,
        *staged_flags,
        *fallback_flags,
        *changed_protected(repository, manifest),
        *(() if final_commit else commit_flags(repository, manifest)),
    ]
    grade = Grade(
        assignment=manifest.assignment,
        commit=final_commit or head_commit(repository),
        manifest=sha256_of(repository, FILENAME) or "",
        final=final_commit is not None or hidden_tests is not None,
        score=total_score(exercises),
        max_score=plain_number(manifest.max_score),
        exercises=exercises,
        questions=answers(submission.notebook, manifest),
        checkpoint=reached,
        notebook=replace(executed.run, broken=export.broken),
        flags=tuple(sorted(set(flags), key=lambda flag: (flag.kind, flag.detail))),
        environment=environment(),
    )
    _write(output, grade, manifest, executed.text, clock.seconds())
    return grade


def lay_hidden(path: Path | None, stage: Stage) -> tuple[str, ...]:
    """Lay the hidden tests beside the visible ones; which files of the trusted folder they are."""
    if path is None:
        return ()
    target = stage.trusted / "tests" / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    for source in (path, *path.parent.glob("*_hidden.npz")):
        shutil.copyfile(source, target.parent / source.name)
    return (target.relative_to(stage.trusted).as_posix(),)


class Judging:
    """Judges a stage with the visible tests and the `hidden` files laid beside them.

    `expected` is complete after the first stage. The manifest lists the visible
    tests. It must not list the hidden ones, which are expected as the judge
    collected them before it ran any.
    """

    def __init__(self, judge: Judge, manifest: Manifest, seed: str, hidden: tuple[str, ...]) -> None:
        self._judge = judge
        self.expected = manifest.tests
        self._manifest = manifest
        self._seed = seed
        self._hidden = hidden

    def __call__(self, stage: Stage) -> tuple[TestOutcome, ...]:
        manifest = self._manifest
        files = sorted({test.id.partition("::")[0] for test in manifest.tests} | set(self._hidden))
        present = [file for file in files if (stage.trusted / file).is_file()]
        if not present:
            return ()
        judged = self._judge(stage.trusted, present, stage.package, manifest.limits, self._seed)
        hidden = (
            replace(test, exercise=f"{manifest.number}.{test.exercise}", hidden=True)
            for test in listed_tests(judged.collected, self._hidden)
        )
        self.expected = (*manifest.tests, *hidden)
        return judged.outcomes


def _run(submission: Submission, stage: Stage, manifest: Manifest, wanted: bool) -> Executed:
    runnable = runnable_notebook(submission.notebook, manifest)
    if submission.failure is not None or not wanted:
        return Executed(runnable, NotebookRun(False, submission.failure))
    return execute_notebook(runnable, stage.package, manifest)


def _check(stage: Stage, manifest: Manifest, wanted: bool) -> CheckpointResult:
    if manifest.checkpoint is None or not wanted:
        return NOT_RUN
    return run_checkpoint(stage.trusted / manifest.checkpoint, stage.package, manifest.limits)


def _write(output: Path, grade: Grade, manifest: Manifest, executed: str, seconds: dict[str, float]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    (output / "grade.json").write_text(encode_grade(grade), encoding="utf-8")
    if grade.final:
        copy = encode_grade(students_copy(grade, manifest))
        (output / "student.json").write_text(copy, encoding="utf-8")
    (output / "summary.md").write_text(render_summary(grade, manifest), encoding="utf-8")
    (output / "executed.ipynb").write_text(executed, encoding="utf-8")
    (output / "timings.json").write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")


class Clock:
    """Durations of the parts of a run, for `timings.json`; they never enter the grade."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._seconds: dict[str, float] = {}

    def timed(self, name: str, part: Callable[[], Result]) -> Result:
        """Run one part and remember how long it took."""
        start = time.monotonic()
        try:
            return part()
        finally:
            self._seconds[name] = round(time.monotonic() - start, 3)

    def seconds(self) -> dict[str, float]:
        return self._seconds | {"total": round(time.monotonic() - self._start, 3)}
