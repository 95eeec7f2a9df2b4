"""Known bugs of this course are judged in one process as they are in a grade."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograding.assignments.one_process.judge import OneProcessJudge
from autograding.assignments.one_process.processes import Processes
from autograding.assignments.proof.bench import Bench
from autograding.course import bugs_of, load_course
from autograding.grader.grade import ExerciseGrade
from autograding.grader.judge.run_tests import judge_package
from tests.assignments.conftest import PROJECT

pytestmark = pytest.mark.slow

# Of an assignment the first bug, and each so-many-th one after it.
EVERY = 40


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with closing(Processes(1)) as processes:
        yield processes


def outcomes(exercises: tuple[ExerciseGrade, ...]) -> dict[str, str]:
    """Messages are left out: a bug can make them show numbers that are drawn without any seed."""
    return {test.id: test.outcome for exercise in exercises for test in exercise.tests}


@pytest.mark.parametrize("name", ["01_tensor", "05_dataloader", "1969_xor"])
def test_outcomes_are_those_of_a_grade(name: str, tmp_path: Path, processes: Processes) -> None:
    course = load_course(PROJECT)
    bench = Bench(course, course.resolve(name), tmp_path)
    judge = OneProcessJudge(processes)
    bench.exercises(bench.reference(), judge.learn)
    notebooks = [bench.with_bug(bug) for bug in bugs_of(bench.assignment)[::EVERY]]
    in_one_process = [outcomes(bench.exercises(notebook, judge)) for notebook in notebooks]
    assert in_one_process == [outcomes(bench.exercises(notebook, judge_package)) for notebook in notebooks]
