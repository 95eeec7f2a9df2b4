"""How results are put into words, the same for the step summary and for a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from autograding.grader.grade import CellFailure, ExerciseGrade, Grade, TestGrade, plain_number
from autograding.grader.manifest import Manifest

_STUB = re.compile(r"^got: +NotImplementedError: (\S+): \S+ is not written yet", re.MULTILINE)
_STUB_IN_CELL = re.compile(r"NotImplementedError: \S+: \S+ is not written yet")
_LABELS = ("called", "expected", "got", "at")


@dataclass(frozen=True)
class Failures:
    """The failed tests of one exercise, sorted by what a student does about them.

    `wrong`: one test for each distinct message. `repeated`: how many more said the
    same. `waiting`: failed tests by the unwritten exercise they ran into. `hidden`:
    tests a student does not have; of those only the number is shown, and the hints
    that tests a student has give as well.
    """

    wrong: tuple[TestGrade, ...]
    repeated: int
    waiting: dict[str, int]
    hidden: tuple[TestGrade, ...]


def failures(exercise: ExerciseGrade, manifest: Manifest) -> Failures:
    """Sort the failed tests of an exercise."""
    known = {test.id for test in manifest.tests}
    failed = [test for test in exercise.tests if test.outcome != "passed"]
    waiting = Counter(stub for test in failed if (stub := unwritten(test)))
    written = [test for test in failed if not unwritten(test)]
    wrong = [test for test in written if test.id in known]
    distinct = tuple({(test.message, test.hint): test for test in reversed(wrong)}.values())[::-1]
    hidden = tuple(test for test in written if test.id not in known)
    return Failures(distinct, len(wrong) - len(distinct), dict(waiting), hidden)


def by_visibility(exercise: ExerciseGrade, manifest: Manifest) -> tuple[ExerciseGrade, ExerciseGrade]:
    """An exercise with the tests a student has, and with the hidden ones alone."""
    known = {test.id for test in manifest.tests}
    visible = tuple(test for test in exercise.tests if test.id in known)
    hidden = tuple(test for test in exercise.tests if test.id not in known)
    return replace(exercise, tests=visible), replace(exercise, tests=hidden)


def unwritten(test: TestGrade) -> str | None:
    """The exercise whose stub ended this test, or None."""
    found = _STUB.search(test.message)
    return found.group(1) if found else None


def is_unwritten(exercise: ExerciseGrade) -> bool:
    """Whether every test ended in a stub, and some in the exercise's own."""
    stubs = list(map(unwritten, exercise.tests))
    return all(stubs) and exercise.id in stubs


def is_untouched(grade: Grade) -> bool:
    """Whether every test of every exercise ended in a stub."""
    return all(unwritten(test) for exercise in grade.exercises for test in exercise.tests)


def unusable(grade: Grade, manifest: Manifest) -> frozenset[str]:
    """The exercises with a cell that could not be used."""
    broken = {cell.cell for cell in grade.notebook.broken}
    return frozenset(cell.exercise for cell in manifest.cells if cell.id in broken and cell.exercise)


def tests_phrase(exercise: ExerciseGrade, broken: frozenset[str]) -> str:
    """How the tests of an exercise went, in a few words; `broken` are those with an unusable cell."""
    passed = sum(test.outcome == "passed" for test in exercise.tests)
    total = len(exercise.tests)
    if is_unwritten(exercise) and exercise.id in broken:
        return "its cell could not be used, see below"
    if is_unwritten(exercise):
        return "not written yet"
    if total and all(unwritten(test) for test in exercise.tests):
        first = next(filter(None, map(unwritten, exercise.tests)))
        return f"waits for {first}, which is not written yet"
    if not total:
        return "none"
    if passed == total:
        return "passed" if total == 1 else f"all {total} passed"
    return f"{passed} of {total} passed"


def score_phrase(score: float, most: float) -> str:
    return f"{plain_number(score)} of {plain_number(most)} points"


def test_title(id: str) -> str:
    """A test's name as a sentence: `test_matmul_of_vectors[2-3]` reads "matmul of vectors (2-3)"."""
    name, bracket, parameters = id.rpartition("::")[2].removeprefix("test_").partition("[")
    words = name.replace("_", " ")
    return f"{words} ({parameters.removesuffix(']')})" if bracket else words


def aligned(message: str) -> str:
    """`called: …`, `expected: …`, `got: …` with their texts below each other."""
    return "\n".join(map(_aligned, message.split("\n")))


def _aligned(line: str) -> str:
    label, colon, rest = line.partition(": ")
    return f"{label + ':':<10}{rest}" if colon and label in _LABELS else line


def hints(hidden: Iterable[TestGrade], manifest: Manifest) -> list[str]:
    """The hints of some hidden tests that a visible test gives as well: any other would tell of the case."""
    known = {test.hint for test in manifest.tests}
    return list(dict.fromkeys(test.hint for test in hidden if test.hint in known))


def counted(count: int, thing: str) -> str:
    """`1 test`, `3 tests`."""
    return f"{count} {thing}" + ("" if count == 1 else "s")


def waiting_phrases(waiting: dict[str, int]) -> list[str]:
    """One sentence for each unwritten exercise that tests ran into."""
    return [
        f"{counted(count, 'test')} ended in {stub}, which is not written yet."
        for stub, count in waiting.items()
    ]


def sort_checks(checks: Sequence[CellFailure]) -> tuple[list[CellFailure], int]:
    """Failed check cells that say something, and how many only met code that is not written yet."""
    telling = [cell for cell in checks if not _STUB_IN_CELL.match(cell.message)]
    return telling, len(checks) - len(telling)


def waiting_checks(count: int) -> str:
    """A sentence for check cells that only met unwritten code."""
    verb = "waits" if count == 1 else "wait"
    return f"{counted(count, 'check cell')} {verb} for code that is not written yet."


def flag_title(kind: str) -> str:
    return kind.replace("_", " ")
