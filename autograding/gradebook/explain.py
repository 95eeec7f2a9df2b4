"""A grade, derived line by line from its evidence, for a student who asks and a person who answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from autograding.course import Assignment, Student
from autograding.gradebook.course_grade import CourseGrade
from autograding.gradebook.facts import KnownCommit
from autograding.gradebook.policy import (
    EXCUSED,
    OVERRIDDEN,
    AssignmentGrade,
    Considered,
    Policy,
    eligible_commits,
    full_points,
)
from autograding.gradebook.store import Stored
from autograding.grader.grade import plain_number
from autograding.grader.report.text import one_line

GITHUB = "https://github.com"
_SHORT = 12


@dataclass(frozen=True)
class Context:
    """What a derivation needs besides the grade. `recorded`: when the newest event about each subject was."""

    policy: Policy
    zone: tzinfo
    recorded: Mapping[tuple[str, str], datetime]

    @classmethod
    def of(cls, policy: Policy, zone: tzinfo, events: Iterable[Stored]) -> Context:
        newest: dict[tuple[str, str], datetime] = {}
        for item in events:
            newest[item.event.kind, item.event.subject] = item.recorded_at
        return cls(policy, zone, newest)

    def time(self, moment: datetime) -> str:
        """A time as people of the course read it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %z")


def explain_assignment(
    student: Student, assignment: Assignment, grade: AssignmentGrade, context: Context
) -> list[str]:
    """Where the points of a student in an assignment come from. The lines are safe for a terminal."""
    lines = [f"{_person(student)}: {assignment.id}", ""]
    lines += _dates(grade, context)
    lines += ["", "commits", *_commits(grade, context)]
    lines += ["", *_exercises(assignment, grade, context)]
    lines += _answers(assignment, grade, context)
    lines += _checkpoint(grade)
    points = grade.points
    total = (
        "no grade" if points is None else f"{_number(points)} of {_number(full_points(assignment))} points"
    )
    lines += ["", f"grade: {total} ({grade.state}, {_settled(grade)})"]
    lines += [f"a person must look: {one_line(flag)}" for flag in grade.flags]
    return lines


def explain_course(
    student: Student,
    assignments: Sequence[Assignment],
    grades: Mapping[tuple[str, str], AssignmentGrade],
    course: CourseGrade,
    policy: Policy,
) -> list[str]:
    """Where the course grade of a student comes from: a line an assignment, and the sum."""
    contributions = {item.assignment: item for item in course.contributions}
    lines = [f"{_person(student)}: the course", ""]
    for assignment in assignments:
        grade = grades[student.identifier, assignment.id]
        points = "-" if grade.points is None else _number(grade.points)
        reached = f"{points} of {_number(full_points(assignment))}"
        head = f"{assignment.id}: {reached} ({grade.state}, {_settled(grade)})"
        item = contributions.get(assignment.id)
        if item is None:
            lines.append(f"{head}: does not count")
            continue
        checkpoint = f", checkpoint {_number(item.checkpoint)} of {_number(item.stake.checkpoint)} %"
        lines.append(
            f"{head}: {_number(item.points)} of {_number(item.stake.points)} %"
            + (checkpoint if item.stake.checkpoint else "")
        )
    lines.append("")
    if policy.slip_days:
        lines.append(f"slip days: {course.slip_days} of {policy.slip_days} spent")
    if course.percent is None:
        return [*lines, "course grade: nothing counts"]
    so_far = "" if course.so_far is None else f"; of what is graded so far {_number(course.so_far)} %"
    settled = "final" if course.final else "provisional"
    return [*lines, f"course grade: {_number(course.percent)} of 100 % ({settled}){so_far}"]


def _person(student: Student) -> str:
    names = [student.identifier, *([student.login] if student.login else [])]
    return one_line(f"{student.name} ({', '.join(names)})" if student.name else ", ".join(names))


def _settled(grade: AssignmentGrade) -> str:
    return "final" if grade.final else "provisional"


def _dates(grade: AssignmentGrade, context: Context) -> Iterator[str]:
    policy, facts = context.policy, grade.facts
    if facts.excusal is not None:
        yield f"excused: {_why(facts.excusal.reason, facts.excusal.author)}"
    if grade.due is None or grade.own_due is None:
        yield "due: never"
        return
    yield f"due: {context.time(grade.due)}"
    if facts.extension is not None and facts.extension.due is not None:
        given = context.recorded.get((facts.extension.kind, facts.extension.subject))
        when = f", entered {context.time(given)}" if given else ""
        why = _why(facts.extension.reason, facts.extension.author)
        yield f"extension: to {context.time(facts.extension.due)}: {why}{when}"
    if grade.slip_days:
        yield f"slip days: {grade.slip_days} spent here, of {policy.slip_days} in the term"
    if grade.own_due != grade.due:
        yield f"own date: days are charged from {context.time(grade.own_due)}"
    yield f"rule: {_rule(policy)}"


def _rule(policy: Policy) -> str:
    late = policy.late
    grace = f" up to {late.grace // timedelta(minutes=1)} minutes after it" if late.grace else ""
    cost = f"less {_share(late.penalty_per_day)} for each day begun, {_share(late.floor)} are kept"
    return f"the {policy.attempt} commit before the due date{grace} counts; later ones count {cost}"


def _commits(grade: AssignmentGrade, context: Context) -> list[str]:
    if not grade.facts.commits:
        return ["  none was collected"]
    considered = {item.event_id: item for item in grade.considered}
    eligible = {item.event_id for item in eligible_commits(grade.considered, grade.due, context.policy)}
    lines: list[str] = []
    for known in grade.facts.commits:
        lines += _commit(known, considered, grade, context)
        if known.event_id in considered and known.event_id not in eligible:
            lines.append("    replaced by a later commit that is in time too")
    return lines


def _commit(
    known: KnownCommit, considered: Mapping[int, Considered], grade: AssignmentGrade, context: Context
) -> Iterator[str]:
    item = considered.get(known.event_id)
    chosen = grade.chosen is not None and grade.chosen.event_id == known.event_id
    mark = "*" if chosen else " "
    if known.submitted is None:
        when = "known from its final grade alone, not late"
    elif known.observed is not None and known.observed.run is None:
        when = f"never run, first seen {context.time(known.submitted)}"
    else:
        when = f"pushed {context.time(known.submitted)}"
    yield f"{mark} {known.commit[:_SHORT]} {when}: {_worth(item, known)}"
    if known.observed is not None:
        yield f"    evidence: event {known.event_id}, {one_line(_page(known))}"
    if known.final is not None:
        given = context.recorded.get((known.final.kind, known.final.subject))
        graded = f" on {context.time(given)}" if given else ""
        before = known.observed.record if known.observed else None
        pushed = f"; the push showed {_number(before.score)}" if before else ""
        yield (
            f"    final grade {_number(known.final.score)}{graded} "
            f"with the course at {one_line(known.final.course_commit)[:_SHORT]}{pushed}"
        )
    if known.decision is not None:
        verb = "counts" if known.decision.counts else "does not count"
        yield f"    decided that it {verb}: {_why(known.decision.reason, known.decision.author)}"
    for flag in known.observed.flags if known.observed else ():
        yield f"    {one_line(f'{flag.kind}: {flag.detail}')}"


def _worth(item: Considered | None, known: KnownCommit) -> str:
    if item is None:
        return "not graded yet" if known.observed and known.observed.not_run else "does not count"
    late = f"{item.days_late} days late" if item.days_late != 1 else "1 day late"
    if not item.days_late:
        late = "in time"
    product = f"{_number(item.score)} x {_share(item.kept)} = {_number(item.worth)}"
    return f"{late}, {product} of {_number(item.max_score)}, {'final' if item.final else 'provisional'}"


def _page(known: KnownCommit) -> str:
    run = known.observed.run if known.observed else None
    if run is None or run.run_id is None:
        return f"{GITHUB}/{known.repository}/commit/{known.commit}"
    return f"{GITHUB}/{known.repository}/actions/runs/{run.run_id}"


def _exercises(assignment: Assignment, grade: AssignmentGrade, context: Context) -> Iterator[str]:
    full = _number(sum(item.points for item in assignment.exercises))
    override = grade.facts.override
    if override is not None:
        when = context.recorded.get((override.kind, override.subject))
        entered = f", entered {context.time(when)}" if when else ""
        why = _why(override.reason, override.author)
        yield f"exercises: {_number(grade.score or 0.0)} of {full}, set by hand: {why}{entered}"
        return
    if grade.chosen is None or grade.score is None:
        yield f"exercises: no points of {full}, because no commit counts"
        return
    yield f"exercises: {_number(grade.score)} of {full}, from the commit marked *"
    for exercise in assignment.exercises:
        points = grade.chosen.exercises.get(exercise.id)
        shown = "-" if points is None else _number(points)
        yield f"  {exercise.id}: {shown} of {_number(exercise.points)}"


def _answers(assignment: Assignment, grade: AssignmentGrade, context: Context) -> Iterator[str]:
    scored = {item.id: item for item in grade.questions}
    events = {event.question: event for event in grade.facts.questions}
    if assignment.questions:
        total = _number(sum(item.worth for item in grade.questions))
        full = _number(sum(item.points for item in assignment.questions))
        yield f"answers: {total} of {full}, {len(scored)} of {len(assignment.questions)} scored"
    for question in assignment.questions:
        item = scored.get(question.id)
        if item is None:
            yield f"  {question.id}: waits for a grader"
            continue
        kept = "" if item.kept == 1 else f" x {_share(item.kept)} = {_number(item.worth)}"
        when = context.recorded.get((events[question.id].kind, events[question.id].subject))
        entered = f" on {context.time(when)}" if when else ""
        read = f" in commit {item.commit[:_SHORT]}" if item.commit else ""
        comment = f": {item.comment}" if item.comment else ""
        line = f"{question.id}: {_number(item.points)} of {_number(question.points)}{kept}, "
        yield f"  {line}{one_line(f'{item.grader}{read}{entered}{comment}', 600)}"


def _checkpoint(grade: AssignmentGrade) -> Iterator[str]:
    if grade.state in (EXCUSED, OVERRIDDEN) and not grade.considered:
        return
    if not grade.checkpoint:
        yield "checkpoint: not passed"
    elif grade.checkpoint == 1:
        yield "checkpoint: passed"
    else:
        yield f"checkpoint: passed late, {_share(grade.checkpoint)} of it are kept"


def _why(reason: str, author: str) -> str:
    return f"{one_line(reason, 600)} ({one_line(author)})"


def _number(value: float) -> str:
    return str(plain_number(round(value, 2)))


def _share(value: float) -> str:
    return f"{_number(value * 100)} %"
