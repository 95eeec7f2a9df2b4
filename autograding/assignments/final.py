"""Grade a student repository: as its own workflow does, or finally.

The final grade is made where no student has a say: only the notebook of the
graded commit is taken, straight from git's object store, and laid over a pristine
render. Hidden tests run too, on inputs that follow from a secret of the course.
"""

from __future__ import annotations

import hashlib
import hmac
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograding.assignments.contents import brought_files, notebook_name, reference_of_brought
from autograding.assignments.git import GitError, Repository
from autograding.assignments.render import render_assignment
from autograding.assignments.sources import hidden_test
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError, ConfigurationError
from autograding.grader.files import MAX_FILE
from autograding.grader.grade import Grade
from autograding.grader.manifest import FILENAME, decode_manifest, read_manifest
from autograding.grader.run import grade_repository

SECRET_VARIABLE = "TINYTORCH_SECRET"  # noqa: S105  (the name of a variable, not a secret)
PRISTINE = Path("build", "pristine")
_REGULAR = ("100644", "100755")


class SubmissionError(ClassroomError):
    """There is nothing here that could be graded."""


@dataclass(frozen=True)
class Submission:
    """The graded commit: its id, the assignment it belongs to, and what is taken from it.

    That is the notebook and, with `prerequisites: own`, the package files that the
    student brought along.
    """

    commit: str
    assignment: str
    notebook: bytes | None
    brought: Mapping[str, bytes] = field(default_factory=dict)


def grade_push(repository: Path, output: Path) -> Grade:
    """The provisional grade of a repository's working tree. Raises ClassroomError."""
    _committed(repository)
    return grade_repository(repository, output)


def grade_finally(
    course: Course,
    repository: Path,
    output: Path,
    *,
    student: str,
    secret: str,
    assignment: str | None = None,
) -> Grade:
    """The final grade of the commit HEAD of a repository. Raises ClassroomError.

    `assignment` names the assignment where the repository itself cannot be believed or read.
    """
    if not secret:
        raise ConfigurationError(
            f"{SECRET_VARIABLE} is not set, and the inputs of the hidden tests follow from it",
            mend=f"set the environment variable {SECRET_VARIABLE} to the secret of your course",
        )
    commit = _committed(repository)
    chosen = course.resolve(assignment or _claimed_assignment(Repository(repository), commit))
    submission = read_submission(course, chosen, Repository(repository), commit)
    pristine = render_pristine(course, chosen)
    seed = final_seed(secret, student, submission)
    return grade_over_pristine(course, chosen, pristine, submission, output, seed=seed)


def render_pristine(course: Course, assignment: Assignment) -> Path:
    """The starter repository that submissions are laid over. Raises ClassroomError."""
    folder = course.root / PRISTINE / assignment.slug
    return render_assignment(course, assignment, folder, reveal_open=True).path


def grade_over_pristine(
    course: Course,
    assignment: Assignment,
    pristine: Path,
    submission: Submission,
    output: Path,
    *,
    seed: str,
    notebook: bool = True,
    checkpoint: bool = True,
) -> Grade:
    """The final grade of a submission, laid over the pristine render. Raises ClassroomError.

    `notebook` and `checkpoint` can leave out what gives no points here.
    """
    with tempfile.TemporaryDirectory(prefix="final-") as name:
        laid = lay_over(pristine, submission.notebook, Path(name) / assignment.slug, submission.brought)
        return grade_repository(
            laid,
            output,
            hidden_tests=hidden_test(assignment),
            seed=seed,
            final_commit=submission.commit,
            reference=reference_of_brought(course, assignment),
            notebook=notebook,
            checkpoint=checkpoint,
        )


def submission_paths(course: Course, assignment: Assignment) -> tuple[str, ...]:
    """Everything that is ever taken from a student's commit: the notebook, and what they brought along."""
    return (notebook_name(assignment), *brought_files(course, assignment))


def read_submission(
    course: Course, assignment: Assignment, repository: Repository, commit: str
) -> Submission:
    """What counts of a commit, straight from git's object store.

    A notebook that is too large to be read is stood in for by one that is too large
    as well, so that nobody has to hold it in memory to find out.
    """
    notebook, *brought = submission_paths(course, assignment)
    found = {path: committed_file(repository, commit, path) for path in brought}
    return Submission(
        commit,
        assignment.id,
        committed_file(repository, commit, notebook, instead=bytes(MAX_FILE + 1)),
        {path: data for path, data in found.items() if data is not None},
    )


def final_seed(secret: str, student: str, submission: Submission) -> str:
    """The seed of a final grade: nobody without the secret can know it, and it can be computed again.

    Logins are the same in any case on GitHub.
    """
    message = "\n".join(
        ("tinytorch-classroom/final/v1", submission.assignment, student.lower(), submission.commit)
    )
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def lay_over(
    pristine: Path, notebook: bytes | None, folder: Path, brought: Mapping[str, bytes] | None = None
) -> Path:
    """A copy of a pristine render with this notebook in place of the starter's; None: with none.

    `brought` are package files that the student brought along.
    """
    manifest = read_manifest(pristine)
    shutil.copytree(pristine, folder, ignore=shutil.ignore_patterns(".git", manifest.notebook))
    if notebook is not None:
        (folder / manifest.notebook).write_bytes(notebook)
    for path, data in (brought or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _committed(repository: Path) -> str:
    """The commit HEAD of a student repository, or a sentence that says why there is none."""
    if not repository.is_dir():
        raise SubmissionError(
            "there is no such folder", where=str(repository), mend="give the path of a cloned repository"
        )
    if not (repository / ".git").exists():
        raise SubmissionError(
            "this is not a git repository",
            where=str(repository),
            mend="give the top folder of a cloned repository, the one that holds assignment.json",
        )
    try:
        Repository(repository).run("rev-parse", "--git-dir")
    except GitError as error:
        raise SubmissionError(
            f"git cannot read this repository: {error.what}", where=str(repository)
        ) from error
    commit = Repository(repository).head()
    if commit is None:
        raise SubmissionError(
            "this repository has no commits: nothing was handed in",
            where=str(repository),
            mend="there is nothing to grade; the gradebook counts it as not submitted",
        )
    return commit


def _claimed_assignment(repository: Repository, commit: str) -> str:
    """The assignment that the commit's manifest names; nothing else in it is believed."""
    where = f"{repository.folder}, commit {commit[:10]}"
    data = committed_file(repository, commit, FILENAME)
    if data is None:
        raise SubmissionError(
            f"the commit has no {FILENAME}, so it does not say which assignment it is",
            where=where,
            mend="name it with --assignment",
        )
    try:
        return decode_manifest(data.decode("utf-8", "replace"), where).assignment
    except ConfigurationError as error:
        raise SubmissionError(
            error.what, where=where, mend="name the assignment with --assignment"
        ) from error


def committed_file(
    repository: Repository, commit: str, path: str, *, instead: bytes | None = None
) -> bytes | None:
    """A file exactly as it was committed; None where the commit has none (a link or a folder is none).

    `instead` is the answer for a file of more than MAX_FILE bytes.
    """
    entry = repository.entries(commit, path).get(path)
    if entry is None or entry.mode not in _REGULAR:
        return None
    return repository.blob(entry.id) if repository.size(entry.id) <= MAX_FILE else instead
