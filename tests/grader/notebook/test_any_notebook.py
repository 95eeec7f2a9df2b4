"""Whatever stands in place of the notebook, it is read, exported and reported without a traceback."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings

from autograding.grader import grade as grade_module
from autograding.grader.grade import (
    RECORD_LIMIT,
    CheckpointResult,
    Grade,
    NotebookRun,
    encode_grade,
    encode_record,
)
from autograding.grader.manifest import Forbidden, Manifest
from autograding.grader.notebook.export import Export, export_package
from autograding.grader.notebook.read import answers, runnable_notebook
from autograding.grader.notebook.rules import source_flags
from autograding.grader.report.console import render_console
from autograding.grader.report.summary import LIMIT, render_summary
from autograding.grader.score import score_exercises
from autograding.grader.submission import Submission, read_submission
from tests.grader.notebook.any_notebook import FILES

SCHEMA = jsonschema.Draft202012Validator(
    json.loads(Path(grade_module.__file__).with_name("grade.schema.json").read_text(encoding="utf-8"))
)
# The fixture is a constant, and only `box.ipynb` in the folder changes.
many = settings(
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ]
)


@pytest.fixture
def ruled(manifest: Manifest) -> Manifest:
    rule = Forbidden(
        ("numpy.dot", "@", "for", ".grow"), "it is written by hand", functions=("total", "Box.grow")
    )
    return replace(manifest, allowed_imports=("math", "numpy"), forbidden=(rule,))


def submitted(data: bytes, manifest: Manifest, folder: Path) -> tuple[Submission, Export]:
    (folder / manifest.notebook).write_bytes(data)
    submission = read_submission(folder, manifest)
    return submission, export_package(submission.notebook, manifest)


def graded(submission: Submission, export: Export, manifest: Manifest) -> Grade:
    """The grade as `run.py` puts it together, of code that passed no test."""
    flags = {*submission.flags, *source_flags(export.cells, manifest)}
    return Grade(
        assignment=manifest.assignment,
        commit="",
        manifest="",
        final=False,
        score=0,
        max_score=manifest.max_score,
        exercises=score_exercises(manifest, manifest.tests, ()),
        questions=answers(submission.notebook, manifest),
        checkpoint=CheckpointResult(False),
        notebook=NotebookRun(False, submission.failure, (), export.broken),
        flags=tuple(sorted(flags, key=lambda flag: (flag.kind, flag.detail))),
        environment={"python": "3", "numpy": "2", "sandbox": "none"},
    )


@many
@given(data=FILES)
def test_the_grade_keeps_to_its_schema_and_can_be_written(
    data: bytes, ruled: Manifest, tmp_path: Path
) -> None:
    grade = graded(*submitted(data, ruled, tmp_path), ruled)
    text = encode_grade(grade).encode("utf-8")
    SCHEMA.validate(json.loads(text))
    assert len(encode_record(grade).encode()) <= RECORD_LIMIT


@many
@given(data=FILES)
def test_the_summary_and_the_log_can_be_written(data: bytes, ruled: Manifest, tmp_path: Path) -> None:
    grade = graded(*submitted(data, ruled, tmp_path), ruled)
    assert 0 < len(render_summary(grade, ruled).encode("utf-8")) <= LIMIT
    assert [
        line for line in render_console(grade, ruled).splitlines() if line.lstrip().startswith("::")
    ] == []


@many
@given(data=FILES)
def test_the_export_compiles_and_defines_what_the_starter_does(
    data: bytes, ruled: Manifest, tmp_path: Path
) -> None:
    source = submitted(data, ruled, tmp_path)[1].source
    compile(source, "box.py", "exec", dont_inherit=True)
    assert isinstance(ast.parse(source), ast.Module)


@many
@given(data=FILES)
def test_what_runs_is_a_valid_notebook_of_sources_alone(data: bytes, ruled: Manifest, tmp_path: Path) -> None:
    submission, _ = submitted(data, ruled, tmp_path)
    text = runnable_notebook(submission.notebook, ruled)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    kept = {"tags": ["raises-exception"]}, {"tags": ["parameters"]}, {}
    assert all(cell.metadata in kept and not cell.get("outputs") for cell in notebook.cells)


@many
@given(data=FILES)
def test_the_same_bytes_give_the_same_grade(data: bytes, ruled: Manifest, tmp_path: Path) -> None:
    first, second = (encode_grade(graded(*submitted(data, ruled, tmp_path), ruled)) for _ in range(2))
    assert first == second
