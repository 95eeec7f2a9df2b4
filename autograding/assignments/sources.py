"""Where the parts of an assignment stand in the course repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograding.course import Assignment
from autograding.grader import errors
from autograding.grader.errors import ConfigurationError, LessonError

# The grader that is vendored is the one that runs here.
GRADER = Path(errors.__file__).parent
CHECKPOINT = "checkpoint.py"
# What tools leave behind when somebody works inside a source folder.
LITTER = frozenset(
    {
        ".DS_Store",
        ".git",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
        "__pycache__",
    }
)


def source_files(folder: Path) -> list[Path]:
    """The files below a folder in a fixed order, without what tools leave behind."""
    return sorted(_walk(folder), key=lambda path: path.relative_to(folder).as_posix())


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in LITTER or path.suffix == ".pyc":
            continue
        if path.is_symlink():
            raise ConfigurationError(
                "symbolic links are not rendered", where=str(path), mend="put a copy of the file here"
            )
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def visible_tests(assignment: Assignment) -> list[Path]:
    """The tests that students get."""
    return [path for path in sorted(assignment.tests.glob("test_*.py")) if not _is_hidden(path)]


def hidden_tests(assignment: Assignment) -> list[Path]:
    """The tests that never leave the course repository."""
    return [path for path in sorted(assignment.tests.glob("test_*.py")) if _is_hidden(path)]


def hidden_test(assignment: Assignment) -> Path | None:
    """The one file of hidden tests, if there is one."""
    found = hidden_tests(assignment)
    return found[0] if found else None


def known_bugs(assignment: Assignment) -> list[Path]:
    return sorted((assignment.folder / "bugs").glob("*.yml"))


def check_tests_folder(assignment: Assignment) -> None:
    """Refuse what is neither a test nor the checkpoint: nothing is shipped or left out by accident."""
    expected = "expected test_….py (visible), one test_…_hidden.py (hidden) and checkpoint.py"
    for path in source_files(assignment.tests) if assignment.tests.is_dir() else []:
        is_test = path.parent == assignment.tests and path.name.startswith("test_") and path.suffix == ".py"
        if not is_test and path != assignment.tests / CHECKPOINT:
            raise LessonError("not a file that a module's tests may have", where=str(path), mend=expected)
    if not visible_tests(assignment):
        raise LessonError("there are no visible tests", where=str(assignment.tests), mend=expected)
    if len(hidden_tests(assignment)) > 1:
        raise LessonError(
            "there is more than one file of hidden tests",
            where=str(hidden_tests(assignment)[1]),
            mend="put all hidden tests of a module into one file",
        )


def _is_hidden(path: Path) -> bool:
    return path.stem.endswith("_hidden")
