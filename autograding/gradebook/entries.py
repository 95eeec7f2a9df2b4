"""What people enter, checked against the course and the gradebook before it becomes an event.

Pure functions of text and what is known; a mistake is a ConfigurationError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypedDict

from autograding.course import Assignment, Course, Student
from autograding.course.document import display, read_text
from autograding.course.mistakes import Mistake, describe, refuse
from autograding.course.table import Row, column_names, missing_columns, read_table, rows_by_column, too_long
from autograding.gradebook.events import (
    ExtensionGranted,
    GradeOverridden,
    QuestionScored,
    RecordDecided,
    StudentExcused,
)
from autograding.gradebook.facts import KnownCommit
from autograding.gradebook.people import find_student
from autograding.gradebook.policy import AssignmentGrade
from autograding.grader.errors import ConfigurationError
from autograding.grader.grade import plain_number
from autograding.grader.manifest import Question
from autograding.grader.report.text import one_line

SIZE_LIMIT = 8 * 1024 * 1024
SCORE_COLUMNS = ("assignment", "student", "question", "points", "comment", "grader", "commit")
REQUIRED_COLUMNS = SCORE_COLUMNS[:4]
SHORTEST_COMMIT = 7
_LONG = 2000

Grades = Mapping[tuple[str, str], AssignmentGrade]


class Signature(TypedDict):
    """The part that the events of people share."""

    assignment: str
    student: str
    author: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """Who enters something about which student and assignment, and why."""

    assignment: Assignment
    student: Student
    author: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ConfigurationError(
                "a reason is missing", mend='say why, for those who ask later: --reason "…"'
            )
        if not self.author.strip():
            raise ConfigurationError("the name of who enters this is missing", mend="say who: --by NAME")

    @property
    def signature(self) -> Signature:
        """What all events of this entry say alike."""
        return Signature(
            assignment=self.assignment.id,
            student=self.student.identifier,
            author=one_line(self.author),
            reason=one_line(self.reason, _LONG),
        )


def extension(entry: Entry, text: str | None, course: Course) -> ExtensionGranted:
    """An extension to a date, or None to take it back.

    A date without a time means the end of that day, one without an offset is meant
    in the time zone of the course.
    """
    if text is None:
        return ExtensionGranted(due=None, **entry.signature)
    everybodys = entry.assignment.due
    if everybodys is None:
        raise ConfigurationError(f"{entry.assignment.id} has no due date, so there is nothing to extend")
    due = _moment(text, course)
    if due <= everybodys:
        raise ConfigurationError(
            f"{due.isoformat()} is not after everybody's due date, "
            f"{everybodys.astimezone(course.timezone).isoformat()}",
            mend="name a later date; to take an extension back: --lift",
        )
    return ExtensionGranted(due=due, **entry.signature)


def excusal(entry: Entry, excused: bool) -> StudentExcused:
    """An excusal, or the end of one."""
    return StudentExcused(excused=excused, **entry.signature)


def override(entry: Entry, text: str | None) -> GradeOverridden:
    """The points of all exercises, or None to lift an override."""
    if text is None:
        return GradeOverridden(score=None, **entry.signature)
    most = sum(item.points for item in entry.assignment.exercises)
    return GradeOverridden(score=_points(text, most), **entry.signature)


def decision(entry: Entry, grade: AssignmentGrade, commit: str | None, counts: bool | None) -> RecordDecided:
    """That the record of a commit counts, does not, or (None) is undecided again.

    Without a commit the newest one is meant.
    """
    known = _decided_commit(grade, commit)
    record = known.observed.record if known.observed else None
    if counts and record is None:
        raise ConfigurationError(
            f"commit {known.commit[:12]} has no grade record that could count",
            mend="grade it again (scripts/regrade_submissions.py), or enter an override",
        )
    return RecordDecided(
        commit=known.commit,
        counts=counts,
        score=record.score if record else None,
        flags=known.observed.flags if known.observed else (),
        **entry.signature,
    )


def question_score(
    grade: AssignmentGrade,
    assignment: Assignment,
    question: str,
    text: str | None,
    *,
    grader: str,
    comment: str = "",
    commit: str | None = None,
) -> QuestionScored:
    """A grader's points for an answer, or None to take a score back.

    Without a commit the one that counts now is meant: it is what a grader sees.
    """
    found = _question(assignment, question)
    if not grader.strip():
        raise ConfigurationError("the name of the grader is missing", mend="say who: --by NAME")
    seen = grade.chosen.commit if grade.chosen else grade.newest_commit
    read = seen if commit is None else _find_commit(grade, commit).commit
    return QuestionScored(
        assignment=assignment.id,
        student=grade.student,
        question=found.id,
        points=None if text is None else _points(text, found.points),
        grader=one_line(grader),
        comment=one_line(comment, _LONG),
        commit=read,
    )


def read_scores(
    path: Path, course: Course, students: Sequence[Student], grades: Grades, grader: str
) -> tuple[QuestionScored, ...]:
    """The scores in a table of graders; all of them, or a ConfigurationError with every mistake.

    A row whose points are empty is one that nobody has scored yet. `grader` is
    whom a row belongs to that names nobody.
    """
    where = display(path)
    table = read_table(read_text(path, where, SIZE_LIMIT), where)
    if not table:
        mend = f"its first line names the columns: {','.join(SCORE_COLUMNS)}"
        refuse([Mistake(where, 0, "there are no scores", mend)])
    (line, header), *rows = table
    refuse(missing_columns(where, line, header, REQUIRED_COLUMNS, SCORE_COLUMNS))
    mistakes = list(too_long(where, len(header), rows))
    scores: dict[str, tuple[int, QuestionScored]] = {}
    for row in rows_by_column(column_names(header), rows):
        if not row.values.get("points"):
            continue
        try:
            score = _row_score(row, course, students, grades, grader)
        except ConfigurationError as error:
            mistakes.append(Mistake(where, row.line, error.what, error.mend))
            continue
        first, _ = scores.setdefault(score.subject, (row.line, score))
        if first != row.line:
            what = f"{score.student} has points for {score.question} already, in line {first}"
            mistakes.append(Mistake(where, row.line, what, "keep one of the two"))
    refuse(mistakes)
    return tuple(score for _, score in scores.values())


def _row_score(
    row: Row, course: Course, students: Sequence[Student], grades: Grades, grader: str
) -> QuestionScored:
    values = row.values
    assignment = course.resolve(values.get("assignment", ""))
    student = find_student(students, values.get("student", ""))
    return question_score(
        grades[student.identifier, assignment.id],
        assignment,
        values.get("question", ""),
        values["points"],
        grader=values.get("grader") or grader,
        comment=values.get("comment", ""),
        commit=values.get("commit") or None,
    )


def _question(assignment: Assignment, text: str) -> Question:
    wanted = text.strip().lower()
    for question in assignment.questions:
        if wanted in (question.id, question.cell):
            return question
    known = ", ".join(item.id for item in assignment.questions) or "none"
    raise ConfigurationError(
        f"{assignment.id} has no question {describe(text)}", mend=f"questions of {assignment.id}: {known}"
    )


def _points(text: str, most: float) -> float:
    # A spreadsheet in many languages writes a decimal comma.
    try:
        points = float(text.strip().replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise ConfigurationError(f"expected points from 0 to {plain_number(most)}, got {describe(text)}")
    return points


def _moment(text: str, course: Course) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(
            f"expected a date such as 2027-02-05 or 2027-02-05T18:00, got {describe(text)}"
        ) from None
    if len(text.strip()) <= len("2027-02-05"):
        moment = datetime.combine(date(moment.year, moment.month, moment.day), time(23, 59, 59))
    return moment if moment.tzinfo else moment.replace(tzinfo=course.timezone)


def _decided_commit(grade: AssignmentGrade, commit: str | None) -> KnownCommit:
    if commit is not None:
        return _find_commit(grade, commit)
    if not grade.facts.commits:
        raise ConfigurationError(
            f"nothing was collected of {grade.student} for {grade.assignment}",
            mend="collect first: uv run scripts/collect_grades.py",
        )
    return grade.facts.commits[-1]


def _find_commit(grade: AssignmentGrade, text: str) -> KnownCommit:
    wanted = text.strip().lower()
    found = [item for item in grade.facts.commits if item.commit.startswith(wanted)]
    if len(wanted) >= SHORTEST_COMMIT and len({item.commit for item in found}) == 1:
        return found[-1]
    known = ", ".join(item.commit[:12] for item in grade.facts.commits[-8:]) or "none"
    raise ConfigurationError(
        f"the gradebook knows no commit {describe(text)} of {grade.student} for {grade.assignment}",
        mend=f"at least {SHORTEST_COMMIT} characters of one of these: {known}",
    )
