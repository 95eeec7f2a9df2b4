"""Render an assignment into a git repository with one commit that students start from.

The repository is built in a temporary folder beside its destination and moved into
place when every check has passed: a failed render leaves nothing behind and never
harms what was there. Equal inputs give an equal commit id on every machine.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograding.assignments import cache
from autograding.assignments.confidential import secrets_of
from autograding.assignments.contents import (
    CHECKPOINT_NOTEBOOK,
    brought_files,
    notebook_name,
    repository_files,
    shipped_package,
    shipped_prerequisites,
    starter_lesson,
)
from autograding.assignments.expected import expected_tests
from autograding.assignments.git import AUTHOR, EMAIL, GitError, Repository, git_mode
from autograding.assignments.leaks import ARRAYS, Leak, LeakError, find_leaks
from autograding.assignments.release import refuse_open
from autograding.assignments.sources import visible_tests
from autograding.course import Assignment, Course, transitive_prerequisites
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.files import sha256
from autograding.grader.manifest import FILENAME, Manifest, encode_manifest, read_manifest
from autograding.lesson import Lesson, manifest_cells

# Top-level entries a student must leave alone. The manifest cannot hold its own hash.
PROTECTED = (".github", "autograding", FILENAME, "pyproject.toml", "tests", "uv.lock")
QUICK = "QUICK"


class DestinationError(ClassroomError):
    """The destination holds something that a render must not replace."""


@dataclass(frozen=True)
class Rendered:
    """A rendered repository. `fresh` is False where nothing had changed since the last render."""

    path: Path
    commit: str
    manifest: Manifest
    fresh: bool = True


def render_assignment(
    course: Course,
    assignment: Assignment,
    destination: Path,
    *,
    now: datetime | None = None,
    reveal_open: bool = False,
) -> Rendered:
    """Render `assignment` into the folder `destination`, which becomes the repository.

    A repository that an earlier render left there is replaced. `now` decides which
    prerequisites are still open; `reveal_open` ships them all the same.

    Raises StillOpenError, LeakError, DestinationError and other ClassroomErrors;
    the destination is then as it was.
    """
    if not reveal_open:
        refuse_open(course, assignment, now or datetime.now(UTC))
    destination = destination.resolve()
    _check_replaceable(destination)
    digest = cache.input_digest(course)
    commit = cache.unchanged(destination, assignment.id, digest)
    if commit:
        return Rendered(destination, commit, read_manifest(destination), fresh=False)
    with _staged(destination) as folder:
        built = build_repository(course, assignment, folder)
        leaks = leaks_in(course, assignment, folder, built.shipped)
        if leaks:
            raise LeakError(leaks, assignment.slug)
        cache.remember(folder, assignment.id, digest, built.commit)
    return Rendered(destination, built.commit, built.manifest)


@dataclass(frozen=True)
class Built:
    """What was put into a folder; `shipped` are the files that come on purpose: reference and arrays."""

    commit: str
    manifest: Manifest
    shipped: dict[str, bytes]


def leaks_in(
    course: Course, assignment: Assignment, repository: Path, shipped: Mapping[str, bytes]
) -> tuple[Leak, ...]:
    """What stands in a rendered repository of this assignment and must not."""
    secrets = secrets_of(course, assignment, shipped_prerequisites(course, assignment))
    return find_leaks(repository, secrets, shipped)


def build_repository(course: Course, assignment: Assignment, folder: Path) -> Built:
    """Make an empty folder the repository, without asking whether anything leaks. Raises ClassroomError."""
    starter = starter_lesson(assignment)
    package = shipped_package(course, assignment)
    files = repository_files(course, assignment, package, starter)
    repository = Repository.create(folder, course.default_branch)
    _write(folder, files)
    trees = {
        name: entry.id
        for name, entry in repository.entries(repository.stage(files)).items()
        if name in PROTECTED
    }
    manifest = _manifest(course, assignment, starter, files, trees)
    encoded = {FILENAME: encode_manifest(manifest).encode()}
    _write(folder, encoded)
    commit = repository.commit_root(
        repository.stage(encoded), course.default_branch, f"Start of {assignment.slug}: {assignment.title}\n"
    )
    changed = repository.changes(ignored=True)
    if changed:
        raise ClassroomError(
            f"git would change or ignore files of the repository: {', '.join(changed[:5])}",
            where=str(course.root / "template"),
            mend="look at .gitattributes and .gitignore of the template, and for Windows line endings",
        )
    on_purpose = {
        path: files[path] for path in (*package, *(path for path in files if path.endswith(ARRAYS)))
    }
    return Built(commit, manifest, on_purpose)


def _manifest(
    course: Course,
    assignment: Assignment,
    starter: Lesson,
    files: Mapping[str, bytes],
    trees: dict[str, str],
) -> Manifest:
    hashes = {path: sha256(data) for path, data in files.items()}
    return Manifest(
        assignment=assignment.id,
        number=assignment.number,
        title=assignment.title,
        notebook=notebook_name(assignment),
        package=assignment.package,
        exercises=assignment.exercises,
        questions=assignment.questions,
        tests=expected_tests(assignment, visible_tests(assignment.tests)),
        cells=manifest_cells(starter, assignment.number),
        checkpoint=CHECKPOINT_NOTEBOOK if CHECKPOINT_NOTEBOOK in files else None,
        due=assignment.due.isoformat() if assignment.due else None,
        prerequisites=tuple(item.id for item in transitive_prerequisites(course, assignment)),
        parameters=_quick_parameters(starter),
        limits=assignment.limits,
        allowed_imports=assignment.allowed_imports,
        forbidden=assignment.forbidden,
        brought=brought_files(course, assignment),
        shipped={path: hash for path, hash in hashes.items() if path.startswith("tinytorch/")},
        protected={path: hash for path, hash in hashes.items() if path.split("/")[0] in PROTECTED},
        trees=trees,
    )


def _quick_parameters(starter: Lesson) -> dict[str, bool]:
    """The grader shortens measurements where the lesson lets it."""
    cells = [cell.source for cell in starter.cells if cell.role == "parameters"]
    return (
        {QUICK: True} if any(line.startswith(f"{QUICK} =") for line in "\n".join(cells).split("\n")) else {}
    )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files with modes that do not depend on the umask."""
    for path, data in files.items():
        target = folder / path
        for parent in reversed(target.relative_to(folder).parents[:-1]):
            if not (folder / parent).is_dir():
                (folder / parent).mkdir()
                (folder / parent).chmod(0o755)
        target.write_bytes(data)
        target.chmod(int(git_mode(data)[-3:], 8))


def _check_replaceable(destination: Path) -> None:
    """Refuse to replace anything but the clean result of an earlier render."""
    if not destination.exists() or (destination.is_dir() and not any(destination.iterdir())):
        return
    mend = "name another folder with --output, or move this one away"

    def refuse(reason: str) -> DestinationError:
        return DestinationError(f"{reason}, so it is not replaced", where=str(destination), mend=mend)

    if not (destination / FILENAME).is_file() or not (destination / ".git").is_dir():
        raise refuse("this is not a rendered repository")
    repository = Repository(destination)
    try:
        read_manifest(destination)
        commits = repository.commits()
        rendered = len(commits) == 1 and repository.author(commits[0]) == f"{AUTHOR} <{EMAIL}>"
        changed = repository.changes() if rendered else []
    except (GitError, ConfigurationError) as error:
        raise refuse(f"this cannot be read as a rendered repository ({error.what})") from error
    if not rendered:
        raise refuse("this repository has commits of its own")
    if changed:
        raise refuse(f"files were changed here ({', '.join(changed[:3])})")


@contextmanager
def _staged(destination: Path) -> Iterator[Path]:
    """A folder beside `destination` that takes its place when the block succeeds, and vanishes otherwise."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    except OSError as error:
        raise DestinationError(
            f"nothing can be written here ({error.strerror})", where=str(destination.parent)
        ) from error
    try:
        folder = room / "new"
        folder.mkdir()
        folder.chmod(0o755)
        yield folder
        _swap(folder, destination, room / "old")
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _swap(new: Path, destination: Path, old: Path) -> None:
    with suppress(FileNotFoundError):
        os.replace(destination, old)  # noqa: PTH105
    try:
        os.replace(new, destination)  # noqa: PTH105
    except OSError:
        with suppress(FileNotFoundError):
            os.replace(old, destination)  # noqa: PTH105
        raise
