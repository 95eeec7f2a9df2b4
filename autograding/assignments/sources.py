"""Where the parts of an assignment stand in the course repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograding.course import KINDS, Assignment, Course
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


def guarded_folders(course: Course) -> tuple[Path, ...]:
    """The folders of all assignments: those of this term, and the others in the repository."""
    folders = {item.folder for item in course.known}
    for kind in KINDS:
        folders |= {path.parent for path in (course.root / kind.folder).glob(f"*/{kind.configuration}")}
    return tuple(sorted(folders))


def visible_tests(tests: Path) -> list[Path]:
    """The tests that students get, of a module's folder `tests`."""
    return [path for path in sorted(tests.glob("test_*.py")) if not _is_hidden(path)]


def hidden_tests(tests: Path) -> list[Path]:
    """The tests that never leave the course repository."""
    return [path for path in sorted(tests.glob("test_*.py")) if _is_hidden(path)]


def hidden_test(assignment: Assignment) -> Path | None:
    """The one file of hidden tests, if there is one."""
    found = hidden_tests(assignment.tests)
    return found[0] if found else None


def visible_data(tests: Path) -> list[Path]:
    """What the tests that students get read: arrays beside them."""
    return [path for path in sorted(tests.glob("*.npz")) if not _is_hidden(path)]


def known_bugs(folder: Path) -> list[Path]:
    """The files of known bugs of a module's folder."""
    return sorted((folder / "bugs").glob("*.yml"))


def check_tests_folder(assignment: Assignment) -> None:
    """Refuse what is neither a test nor the checkpoint: nothing is shipped or left out by accident."""
    tests = assignment.tests
    expected = "expected test_….py (visible), one test_…_hidden.py (hidden), checkpoint.py and arrays (….npz)"
    for path in source_files(tests) if tests.is_dir() else []:
        is_test = path.name.startswith("test_") and path.suffix == ".py"
        if (path.parent != tests or not (is_test or path.suffix == ".npz")) and path != tests / CHECKPOINT:
            raise LessonError("not a file that a module's tests may have", where=str(path), mend=expected)
    if not visible_tests(tests):
        raise LessonError("there are no visible tests", where=str(tests), mend=expected)
    if len(hidden_tests(tests)) > 1:
        raise LessonError(
            "there is more than one file of hidden tests",
            where=str(hidden_tests(tests)[1]),
            mend="put all hidden tests of a module into one file",
        )


def _is_hidden(path: Path) -> bool:
    return path.stem.endswith("_hidden")
