"""Grade one prepared submission. Student code runs here; there is no secret and no token."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograding.assignments.final import Submission, grade_over_pristine
from autograding.course import Assignment, Course
from autograding.grader.errors import ClassroomError
from autograding.grader.grade import Grade
from autograding.regrade.files import NEW, Folder, UnreadableResult, put_in_place, read, write
from autograding.regrade.model import Chosen, FinalResult, Origin, Prepared


@dataclass(frozen=True)
class Bench:
    """What all submissions of one regrade share. `notebook`: also run the notebook, which gives no points."""

    course: Course
    assignment: Assignment
    pristine: Path
    folder: Folder
    notebook: bool = True
    checkpoint: bool = True


def earlier_result(folder: Folder, chosen: Chosen, origin: Origin) -> FinalResult | None:
    """The result of an earlier run with the same origin, if there is one."""
    try:
        known = read(folder.result(chosen.key), FinalResult)
    except (FileNotFoundError, UnreadableResult):
        return None
    same = known.chosen == chosen and known.origin == origin
    return known if same and folder.details(chosen.key).is_dir() else None


def grade_prepared(bench: Bench, prepared: Prepared) -> FinalResult:
    """Grade a submission and keep the result. Raises ClassroomError.

    The result is written last: where it stands, the details beside it are complete.
    """
    if prepared.origin.assignment != bench.assignment.id:
        raise ClassroomError(
            f"this is a submission of {prepared.origin.assignment}, not {bench.assignment.id}"
        )
    chosen, folder = prepared.chosen, bench.folder
    submission = Submission(chosen.commit, bench.assignment.id, prepared.notebook, prepared.brought)
    with tempfile.TemporaryDirectory(dir=folder.path, prefix=NEW) as name:
        details = Path(name) / "details"
        grade = grade_over_pristine(
            bench.course,
            bench.assignment,
            bench.pristine,
            submission,
            details,
            seed=prepared.seed,
            notebook=bench.notebook,
            checkpoint=bench.checkpoint,
        )
        put_in_place(details, folder.details(chosen.key))
    result = result_of(grade, chosen, prepared.origin)
    write(folder.result(chosen.key), result)
    folder.problem(chosen.key).unlink(missing_ok=True)
    return result


def result_of(grade: Grade, chosen: Chosen, origin: Origin) -> FinalResult:
    """What the gradebook takes of a grade."""
    return FinalResult(
        chosen=chosen,
        origin=origin,
        score=grade.score,
        max_score=grade.max_score,
        exercises={item.id: item.score for item in grade.exercises},
        answered=tuple(item.id for item in grade.questions if item.answered),
        checkpoint=grade.checkpoint.passed,
        sandbox=grade.environment.get("sandbox", "none"),
        flags=tuple(sorted({flag.kind for flag in grade.flags})),
    )
