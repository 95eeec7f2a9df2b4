"""Grades as they come out of a run, made by hand."""

from __future__ import annotations

from dataclasses import replace

from autograding.grader.grade import (
    CellFailure,
    CheckpointResult,
    ExerciseGrade,
    Flag,
    Grade,
    NotebookRun,
    QuestionStatus,
    TestGrade,
)
from autograding.grader.manifest import Cell, Exercise, ExpectedTest, Manifest, Question

HINT = "Matrix product sums over the last axis of a and the second-to-last of b; * is elementwise."
STUB = (
    "called: Tensor(array(2, 3))\nexpected: no error\n"
    "got: NotImplementedError: 01.{0}: Tensor.{0} is not written yet"
)


def expected(name: str, exercise: str) -> ExpectedTest:
    return ExpectedTest(f"tests/test_tensor.py::test_{name}", f"01.{exercise}", HINT)


MANIFEST = Manifest(
    assignment="01_tensor",
    number="01",
    title="Tensor",
    notebook="tensor.ipynb",
    package="tinytorch.core.tensor",
    exercises=(
        Exercise("01.create", "Construction and properties", 30),
        Exercise("01.matmul", "Matrix product", 40),
    ),
    questions=(
        Question("01.q1", "Bytes moved by an addition", 10, "q1"),
        Question("01.q2", "Loop order", 10, "q2"),
    ),
    tests=(
        expected("copies_its_data", "create"),
        expected("matmul_agrees_with_numpy", "matmul"),
        expected("matmul_of_vectors[3]", "matmul"),
        expected("matmul_in_batches", "matmul"),
    ),
    cells=(Cell("create", "export", "01.create"), Cell("matmul", "export", "01.matmul")),
    checkpoint="tests/checkpoint.ipynb",
    due="2026-09-25T23:59:00+02:00",
)


def passed(name: str, points: float) -> TestGrade:
    return TestGrade(f"tests/test_tensor.py::test_{name}", "passed", points)


def failed(name: str, message: str, hint: str = HINT) -> TestGrade:
    return TestGrade(f"tests/test_tensor.py::test_{name}", "failed", 0, message, hint)


WRONG = failed(
    "matmul_agrees_with_numpy",
    "called: matmul(Tensor(3, 4), Tensor(4, 2))\nexpected: array(3, 2) [[1.0, 2.0], …]\ngot: shape (4, 2)",
)
CREATED = ExerciseGrade("01.create", "Construction and properties", 30, 30, (passed("copies_its_data", 30),))
MULTIPLIED = ExerciseGrade(
    "01.matmul",
    "Matrix product",
    26.67,
    40,
    (WRONG, passed("matmul_of_vectors[3]", 13.33), passed("matmul_in_batches", 13.33)),
)

HALF_DONE = Grade(
    assignment="01_tensor",
    commit="4f0e1d2c3b4a5968778695a4b3c2d1e0f0e1d2c3",
    manifest="ab" * 32,
    final=False,
    score=56.67,
    max_score=70,
    exercises=(CREATED, MULTIPLIED),
    questions=(QuestionStatus("01.q1", 84, True), QuestionStatus("01.q2", 0, False)),
    checkpoint=CheckpointResult(False, "cell 3: AssertionError: the image is not blurred"),
    notebook=NotebookRun(
        False,
        CellFailure("measure-2", 41, "MemoryError: cannot allocate"),
        (CellFailure("matmul-check", 33, "AssertionError: 2 x 3 times 3 x 2 must be 2 x 2"),),
    ),
    flags=(),
    environment={"python": "3.12.3", "numpy": "2.5.5", "system": "Linux x86_64", "sandbox": "bubblewrap"},
)

FULL = replace(
    HALF_DONE,
    score=70,
    exercises=(
        CREATED,
        replace(
            MULTIPLIED,
            score=40,
            tests=(
                passed("matmul_agrees_with_numpy", 13.33),
                passed("matmul_of_vectors[3]", 13.33),
                passed("matmul_in_batches", 13.33),
            ),
        ),
    ),
    questions=(QuestionStatus("01.q1", 84, True), QuestionStatus("01.q2", 120, True)),
    checkpoint=CheckpointResult(True),
    notebook=NotebookRun(True),
)

STARTER = replace(
    HALF_DONE,
    score=0,
    exercises=(
        replace(CREATED, score=0, tests=(failed("copies_its_data", STUB.format("create")),)),
        replace(
            MULTIPLIED,
            score=0,
            tests=tuple(
                failed(name, STUB.format("create"))
                for name in ("matmul_agrees_with_numpy", "matmul_of_vectors[3]", "matmul_in_batches")
            ),
        ),
    ),
    questions=(QuestionStatus("01.q1", 0, False), QuestionStatus("01.q2", 0, False)),
    notebook=NotebookRun(True),
)

TROUBLED = replace(
    HALF_DONE,
    notebook=NotebookRun(
        False,
        CellFailure("", 0, "there is no tensor.ipynb; restore it: git checkout origin/HEAD -- tensor.ipynb"),
        broken=(
            CellFailure("matmul", 30, "line 4: '(' was never closed. Its starter version was exported."),
        ),
    ),
    flags=(
        Flag("notebook_missing", "there is no tensor.ipynb"),
        Flag("protected_changed", "tests/test_tensor.py was changed"),
    ),
    environment=HALF_DONE.environment | {"sandbox": "none"},
)

HIDDEN_FAILURE = TestGrade(
    "tests/test_tensor_hidden.py::test_matmul_of_odd_shapes",
    "failed",
    0,
    "called: matmul(Tensor(7, 5), Tensor(5, 3))\nexpected: array(7, 3) [[0.25, 1.5]]\ngot: shape (3, 7)",
    HINT,
)
FINAL = replace(
    HALF_DONE, final=True, exercises=(CREATED, replace(MULTIPLIED, tests=(*MULTIPLIED.tests, HIDDEN_FAILURE)))
)
