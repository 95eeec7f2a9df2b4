"""From events to grades: a pure function of the events, the due dates and the policy of the course.

Which commit counts. Of the commits in time for everybody's due date one counts
in full: the last of them, or with `attempt: best` the best of them. Each later
one counts less the penalty of its days. The best of these is the grade.

What moves a student's date. An extension, and the slip days that are spent on an
assignment, move the date from which days are charged. They do not move the date
that decides which commit was the last in time, which is the same for everybody:
so neither can ever lower a grade, also where the student went on working and
made something worse.

What is late. An exercise's points are as late as the commit they come from, an
answer's points as late as the commit the grader read, and a final grade as late
as the commit's push.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from autograding.gradebook.facts import Facts, KnownCommit, gather
from autograding.gradebook.quiet import without_cycle_search
from autograding.gradebook.slip import spend
from autograding.gradebook.store import Stored
from autograding.gradebook.weights import WeightedAssignment, stakes

GRADED = "graded"
LATE = "late"
OVERRIDDEN = "overridden"
EXCUSED = "excused"
FLAGGED = "flagged"
REJECTED = "rejected"
NOT_GRADED = "not graded yet"
MISSING = "missing"

Attempt = Literal["last", "best"]
_BILLION = 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Scored(Protocol):
    """An exercise or a question of an assignment."""

    @property
    def id(self) -> str: ...
    @property
    def points(self) -> float: ...


class GradedAssignment(WeightedAssignment, Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def due(self) -> datetime | None: ...
    @property
    def exercises(self) -> Sequence[Scored]: ...
    @property
    def questions(self) -> Sequence[Scored]: ...


@dataclass(frozen=True)
class LateRule:
    """What lateness costs. Shares are between 0 and 1.

    Up to `grace` after the due date is not late. From then on each day begun
    since the due date costs `penalty_per_day` of the score, but at least `floor`
    of it is kept.
    """

    grace: timedelta = timedelta(0)
    penalty_per_day: float = 0.0
    floor: float = 0.0

    def days(self, submitted: datetime | None, due: datetime | None) -> int:
        """The days that are charged: 0 up to the end of the grace period, or where there is no date."""
        if due is None or submitted is None or submitted <= due + self.grace:
            return 0
        return math.ceil((submitted - due) / timedelta(days=1))

    def kept(self, days: int) -> float:
        """The share of the score that is kept."""
        return 1.0 if days == 0 else max(self.floor, 1.0 - days * self.penalty_per_day)


@dataclass(frozen=True)
class Policy:
    """How grades follow from what is known.

    `attempt`: which of the commits in time counts. `slip_days`: how many a student
    may spend in the term, each moving one due date by a day. `weights`: what each
    part (`modules`, `checkpoints`, `midterm`, `final`) counts in the course grade,
    in percent.

    Slip days go where the course grade of what is there now gains most, to a
    billionth of a percent; of equal ways the one that spends the fewest is taken,
    and then the one that spends them on earlier assignments. They are spent anew
    each time, so a day can move to another assignment while the term lasts; the
    course grade never falls because of it.
    """

    late: LateRule = LateRule()
    attempt: Attempt = "last"
    slip_days: int = 0
    weights: Mapping[str, float] = field(default_factory=lambda: {"modules": 100.0})


@dataclass(frozen=True)
class Considered:
    """One commit in the choice: the evidence, and what it is worth after the penalty.

    `final`: the score is that of the final grade. `submitted` is None where the
    commit is known from a final grade alone; it is then not late.
    """

    event_id: int
    repository_id: int | None
    repository: str
    commit: str
    run_id: int | None
    submitted: datetime | None
    score: float
    max_score: float
    exercises: Mapping[str, float]
    checkpoint: bool
    final: bool
    released: bool
    days_late: int
    kept: float

    @property
    def worth(self) -> float:
        return self.score * self.kept


@dataclass(frozen=True)
class QuestionGrade:
    """A grader's points for an answer, and the share that is kept of them."""

    id: str
    points: float
    grader: str
    comment: str
    commit: str | None
    days_late: int
    kept: float

    @property
    def worth(self) -> float:
        return self.points * self.kept


@dataclass(frozen=True)
class AssignmentGrade:
    """A student's grade for an assignment, with everything it was derived from.

    `score` is that of the exercises, None where nothing counts. `chosen` is the
    commit that counts, `considered` all that could have. `final` says that no later
    grading of what is there can change it. `checkpoint` is the share of the
    checkpoint that is kept, 0 where it was not passed. `due` is everybody's date,
    `own_due` the student's, with an extension and `slip_days`. `flags` says what a
    person must look at in the newest commit.
    """

    student: str
    assignment: str
    state: str
    score: float | None
    max_score: float | None
    due: datetime | None
    own_due: datetime | None
    slip_days: int
    chosen: Considered | None
    considered: tuple[Considered, ...]
    questions: tuple[QuestionGrade, ...]
    checkpoint: float
    final: bool
    flags: tuple[str, ...]
    newest_commit: str | None
    facts: Facts

    @property
    def points(self) -> float | None:
        """The points of exercises and scored answers together, None where there are neither."""
        if self.score is None and not self.questions:
            return None
        return (self.score or 0.0) + sum(item.worth for item in self.questions)

    @property
    def counted_points(self) -> float | None:
        """The points as they go into a total: none where the student is excused."""
        return None if self.state == EXCUSED else self.points


def grade_everyone(
    events: Iterable[Stored],
    students: Sequence[str],
    assignments: Sequence[GradedAssignment],
    policy: Policy,
) -> dict[tuple[str, str], AssignmentGrade]:
    """The grade of each student (by identifier) in each assignment (by id)."""
    grades: dict[tuple[str, str], AssignmentGrade] = {}
    nothing = Facts()
    with without_cycle_search():
        facts = gather(events)
        for student in students:
            own = [facts.get((student, assignment.id), nothing) for assignment in assignments]
            for grade in _grade_student(student, assignments, own, policy):
                grades[student, grade.assignment] = grade
    return grades


def _grade_student(
    student: str, assignments: Sequence[GradedAssignment], facts: Sequence[Facts], policy: Policy
) -> list[AssignmentGrade]:
    grades = [
        _grade(student, assignment, known, policy, 0)
        for assignment, known in zip(assignments, facts, strict=True)
    ]
    late = [place for place, grade in enumerate(grades) if _most_days_late(grade)]
    if policy.slip_days and late:
        spent = spend(_gains(assignments, grades, policy, late), policy.slip_days)
        for place, days in zip(late, spent, strict=True):
            if days:
                grades[place] = _grade(student, assignments[place], facts[place], policy, days)
    return grades


def _gains(
    assignments: Sequence[GradedAssignment],
    grades: Sequence[AssignmentGrade],
    policy: Policy,
    places: Sequence[int],
) -> list[list[int]]:
    """What 0, 1, 2 … slip days on these assignments add to the course grade of what is there now."""
    counted = [item for item, known in zip(assignments, grades, strict=True) if known.state != EXCUSED]
    counts = stakes(counted, policy.weights)
    gains = []
    for place in places:
        assignment, grade = assignments[place], grades[place]
        stake = counts.get(assignment.id)
        if stake is None:
            gains.append([0])
            continue
        full = full_points(assignment)
        # With as many days as it is late nothing is late any more, and a further day gains nothing.
        useful = min(policy.slip_days, _most_days_late(grade))
        values = [
            stake.points * points / full + stake.checkpoint * checkpoint
            for points, checkpoint in _with_days(grade, policy, useful)
        ]
        # Whole numbers make the optimum exact and the same on every machine.
        gains.append([round((value - values[0]) * _BILLION) for value in values])
    return gains


def _with_days(grade: AssignmentGrade, policy: Policy, most: int) -> Iterator[tuple[float, float]]:
    """The points and the share of the checkpoint that there would be with 0, 1 … `most` slip days."""
    late, override = policy.late, grade.facts.override
    eligible = eligible_commits(grade.considered, grade.due, policy)
    pushed = _pushed(grade.facts)
    for days in range(most + 1):
        own_due = _own_due(grade.due, grade.facts, days)
        kept = [late.kept(late.days(item.submitted, own_due)) for item in eligible]
        score = max((item.score * share for item, share in zip(eligible, kept, strict=True)), default=0.0)
        if override is not None and override.score is not None:
            score = override.score
        answers = sum(
            item.points * late.kept(late.days(pushed.get(item.commit or ""), own_due))
            for item in grade.questions
        )
        checkpoints = [share for item, share in zip(eligible, kept, strict=True) if item.checkpoint]
        yield score + answers, max(checkpoints, default=0.0)


def _most_days_late(grade: AssignmentGrade) -> int:
    days = [item.days_late for item in grade.considered]
    days += [item.days_late for item in grade.questions]
    return max(days, default=0)


def full_points(assignment: GradedAssignment) -> float:
    """The points that can be reached in an assignment: exercises and questions."""
    return sum(item.points for item in (*assignment.exercises, *assignment.questions))


def _grade(
    student: str, assignment: GradedAssignment, facts: Facts, policy: Policy, slip_days: int
) -> AssignmentGrade:
    own_due = _own_due(assignment.due, facts, slip_days)
    counting = [item for item in facts.commits if item.counts]
    considered = tuple(_consider(item, own_due, policy.late) for item in counting)
    eligible = eligible_commits(considered, assignment.due, policy)
    chosen = min(eligible, key=lambda item: (-item.worth, *_when(item)), default=None)
    settled = [item for item in facts.commits if not item.rejected]
    newest = settled[-1] if settled else None
    state = _state(facts, newest, chosen)
    score = chosen.worth if chosen else None
    if facts.override is not None:
        score = facts.override.score
    return AssignmentGrade(
        student=student,
        assignment=assignment.id,
        state=state,
        score=score,
        max_score=considered[-1].max_score if considered else _max_score(facts.commits),
        due=assignment.due,
        own_due=own_due,
        slip_days=slip_days,
        chosen=chosen,
        considered=considered,
        questions=_questions(facts, own_due, policy.late),
        checkpoint=max((item.kept for item in eligible if item.checkpoint), default=0.0),
        final=state in (EXCUSED, OVERRIDDEN, MISSING, REJECTED)
        or (state in (GRADED, LATE) and chosen is not None and chosen.final),
        flags=_flags(newest),
        newest_commit=newest.commit if newest else None,
        facts=facts,
    )


def _own_due(due: datetime | None, facts: Facts, slip_days: int) -> datetime | None:
    if due is None:
        return None
    extended = facts.extension.due if facts.extension else None
    return (max(due, extended) if extended else due) + timedelta(days=slip_days)


def _consider(item: KnownCommit, own_due: datetime | None, late: LateRule) -> Considered:
    observed, final = item.observed, item.final
    graded = final or (observed.record if observed else None)
    if graded is None:
        raise ValueError("only a commit that counts can be considered")
    days = late.days(item.submitted, own_due)
    return Considered(
        event_id=item.event_id,
        repository_id=item.repository_id,
        repository=item.repository,
        commit=item.commit,
        run_id=observed.run.run_id if observed and observed.run else None,
        submitted=item.submitted,
        score=graded.score,
        max_score=graded.max_score,
        exercises=graded.exercises,
        checkpoint=graded.checkpoint,
        final=final is not None,
        released=final is None and item.decision is not None,
        days_late=days,
        kept=late.kept(days),
    )


def eligible_commits(
    considered: Sequence[Considered], due: datetime | None, policy: Policy
) -> Sequence[Considered]:
    """The commits of which the best counts: those in time that `attempt` allows, and all later ones."""
    if policy.attempt == "best":
        return considered
    in_time = [item for item in considered if policy.late.days(item.submitted, due) == 0]
    if not in_time:
        return considered
    last = max(in_time, key=_when)
    return [item for item in considered if item is last or policy.late.days(item.submitted, due) > 0]


def _when(item: Considered) -> tuple[bool, datetime, int]:
    """In the order of time; commits without one, known from a final grade alone, come before all others."""
    return item.submitted is not None, item.submitted or _EPOCH, item.event_id


def _questions(facts: Facts, own_due: datetime | None, late: LateRule) -> tuple[QuestionGrade, ...]:
    if not facts.questions:
        return ()
    pushed = _pushed(facts)
    found = []
    for event in facts.questions:
        days = late.days(pushed.get(event.commit or ""), own_due)
        found.append(
            QuestionGrade(
                id=event.question,
                points=event.points or 0.0,
                grader=event.grader,
                comment=event.comment,
                commit=event.commit,
                days_late=days,
                kept=late.kept(days),
            )
        )
    return tuple(found)


def _pushed(facts: Facts) -> dict[str, datetime | None]:
    """When each commit was pushed; of two repositories with one commit the earlier push."""
    return {item.commit: item.submitted for item in reversed(facts.commits)}


def _max_score(commits: Sequence[KnownCommit]) -> float | None:
    records = [item.observed.record for item in commits if item.observed and item.observed.record]
    return records[-1].max_score if records else None


def _flags(newest: KnownCommit | None) -> tuple[str, ...]:
    if newest is None or newest.observed is None or newest.counts:
        return ()
    return tuple(f"{flag.kind}: {flag.detail}" for flag in newest.observed.flags)


def _state(facts: Facts, newest: KnownCommit | None, chosen: Considered | None) -> str:
    """The newest commit decides: an earlier grade holds, but is not settled while that one is open."""
    if facts.excusal is not None:
        return EXCUSED
    if facts.override is not None:
        return OVERRIDDEN
    if newest is None:
        return REJECTED if facts.commits else MISSING
    if not newest.counts and newest.observed is not None:
        if not newest.observed.not_run:
            return FLAGGED
        return MISSING if newest.observed.starter else NOT_GRADED
    if chosen is None:
        return FLAGGED
    return LATE if chosen.days_late else GRADED
