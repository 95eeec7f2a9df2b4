"""From chosen commits to submissions that are ready to be graded. No student code runs here."""

from __future__ import annotations

from autograding.assignments.final import Submission, final_seed
from autograding.course import Assignment, Course
from autograding.regrade.fetch import Access, fetch_submission
from autograding.regrade.files import Folder, UnreadableResult, read, write
from autograding.regrade.model import Chosen, Origin, Prepared


def prepare(
    course: Course,
    assignment: Assignment,
    chosen: Chosen,
    origin: Origin,
    secret: str,
    access: Access,
    folder: Folder,
) -> Prepared:
    """Fetch a submission and draw its seed, unless an earlier run has. Raises ClassroomError.

    What is fetched is kept: a student who deletes the repository later changes nothing.
    """
    known = _known(folder, chosen)
    submission = (
        Submission(chosen.commit, assignment.id, known.notebook, known.brought)
        if known is not None and known.origin.assignment == assignment.id
        else fetch_submission(course, assignment, chosen.repository, chosen.commit, access)
    )
    prepared = Prepared(
        chosen=chosen,
        origin=origin,
        seed=final_seed(secret, chosen.login, submission),
        notebook=submission.notebook,
        brought=dict(submission.brought),
    )
    if prepared != known:
        write(folder.prepared(chosen.key), prepared)
    return prepared


def _known(folder: Folder, chosen: Chosen) -> Prepared | None:
    try:
        known = read(folder.prepared(chosen.key), Prepared)
    except (FileNotFoundError, UnreadableResult):
        return None
    return known if known.chosen == chosen else None
