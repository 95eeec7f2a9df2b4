"""What produced a final grade: the commit of the course, and which secret it was made with."""

from __future__ import annotations

import hashlib

from autograding.assignments.final import SECRET_VARIABLE
from autograding.course import Assignment, Course
from autograding.grader.errors import ConfigurationError
from autograding.grader.git import git_line, run_git
from autograding.regrade.model import Origin

# All that a final grade depends on. Not the roster and the gradebook, which change all the time.
GRADED_WITH = (
    "autograding",
    "classroom.yml",
    "milestones",
    "modules",
    "pyproject.toml",
    "scripts",
    "template",
    "uv.lock",
)
_SALT = b"tinytorch-classroom/secret/v1"


def origin_of(course: Course, assignment: Assignment, secret: str, *, allow_dirty: bool = False) -> Origin:
    """The origin of grades made now. Raises ConfigurationError.

    A course with changes that are in no commit is refused, because no grade made
    with it could be made again; `allow_dirty` marks such grades instead.
    """
    if not secret:
        raise ConfigurationError(
            f"{SECRET_VARIABLE} is not set, and the inputs of the hidden tests follow from it",
            mend=f"set the environment variable {SECRET_VARIABLE} to the secret of your course",
        )
    commit, changes = course_state(course)
    if changes and not allow_dirty:
        raise ConfigurationError(
            f"the course has changes that are in no commit ({', '.join(changes[:3])}), so a grade made now "
            "could never be made again",
            where=str(course.root),
            mend="commit them; or grade with --allow-dirty, for a try whose grades no gradebook takes",
        )
    return Origin(
        assignment=assignment.id, course_commit=commit, dirty=bool(changes), secret=secret_name(secret)
    )


def course_state(course: Course) -> tuple[str, list[str]]:
    """The commit of the course's checkout, and what in it differs from that commit."""
    commit = git_line(course.root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        raise ConfigurationError(
            "the course is not a git repository with a commit, so a final grade could not name what made it",
            where=str(course.root),
            mend="run this in a clone of your course",
        )
    listing = ("status", "--porcelain", "-z", "--untracked-files=all", "--", *GRADED_WITH)
    lines = run_git(course.root, listing).stdout.decode("utf-8", "replace").split("\0")
    return commit, [line[3:] for line in lines if line]


def secret_name(secret: str) -> str:
    """A name by which uses of one secret are recognized; slow to compute, so that nobody tries them all."""
    return hashlib.scrypt(secret.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=8).hex()
