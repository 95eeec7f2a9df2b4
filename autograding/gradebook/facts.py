"""What holds now of each student in each assignment: the newest of what the events say, and no judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from autograding.gradebook.events import (
    AnyEvent,
    CollectionEvent,
    ExtensionGranted,
    FinalGraded,
    GradeObserved,
    GradeOverridden,
    QuestionScored,
    RecordDecided,
    StudentExcused,
)
from autograding.gradebook.store import Stored


@dataclass(frozen=True)
class KnownCommit:
    """All that is known of one commit of one repository.

    `submitted` is when GitHub saw the push. For a commit that was never run it is
    when the repository was last pushed to when it was the head, which may be later;
    for one that is known from a final grade alone it is None. `decision` is None
    where nobody decided, or where the record is no longer what they decided on.
    """

    event_id: int
    repository_id: int | None
    repository: str
    commit: str
    submitted: datetime | None
    first_seen: datetime
    observed: GradeObserved | None
    final: FinalGraded | None
    decision: RecordDecided | None

    @property
    def rejected(self) -> bool:
        """A person decided that it does not count."""
        return self.decision is not None and self.decision.counts is False

    @property
    def counts(self) -> bool:
        """There is a score to use: a final one, or that of a push which is clean or released."""
        if self.rejected:
            return False
        if self.final is not None:
            return True
        observed = self.observed
        if observed is None or observed.record is None or observed.run is None:
            return False
        return observed.counts or self.decision is not None

    @property
    def waits_for_a_person(self) -> bool:
        """It is flagged, and nobody has decided about it."""
        seen = self.observed
        return seen is not None and bool(seen.flags) and not (seen.not_run or self.counts or self.rejected)

    @property
    def order(self) -> tuple[datetime, int]:
        """Commits in the order in which they came in."""
        return self.submitted or self.first_seen, self.event_id


@dataclass(frozen=True)
class Facts:
    """What is known of one student in one assignment, the commits in the order they came in."""

    commits: tuple[KnownCommit, ...] = ()
    questions: tuple[QuestionScored, ...] = ()
    override: GradeOverridden | None = None
    extension: ExtensionGranted | None = None
    excusal: StudentExcused | None = None


@dataclass
class _Gathered:
    observed: dict[str, list[Stored]] = field(default_factory=dict)
    newest: dict[tuple[str, str], Stored] = field(default_factory=dict)

    def add(self, item: Stored) -> None:
        event = item.event
        if isinstance(event, GradeObserved):
            self.observed.setdefault(event.subject, []).append(item)
            return
        key = (event.kind, event.subject)
        if key not in self.newest or item.revision > self.newest[key].revision:
            self.newest[key] = item


def gather(events: Iterable[Stored]) -> dict[tuple[str, str], Facts]:
    """The facts of each student and assignment that there are events about, whatever their order.

    A commit is of the student whom its newest observation names: a roster that was
    corrected takes it, and its final grade, from the student it was believed to be of.
    """
    events = tuple(events)
    owners = _owners(events)
    pairs: dict[tuple[str, str], _Gathered] = {}
    for item in events:
        event = item.event
        if isinstance(event, CollectionEvent):
            continue
        pair = event.student, event.assignment
        if isinstance(event, GradeObserved):
            pair = owners[event.subject][1]
        elif isinstance(event, FinalGraded):
            owner = owners.get(f"{event.repository_id}/{event.commit}")
            if owner is not None and owner[1] != pair:
                continue
        pairs.setdefault(pair, _Gathered()).add(item)
    return {pair: _facts(gathered) for pair, gathered in pairs.items()}


def _owners(events: Iterable[Stored]) -> dict[str, tuple[int, tuple[str, str]]]:
    """By the subject of each observed commit: the newest revision, and whose it says the commit is."""
    owners: dict[str, tuple[int, tuple[str, str]]] = {}
    for item in events:
        event = item.event
        if isinstance(event, GradeObserved):
            known = owners.get(event.subject)
            if known is None or item.revision > known[0]:
                owners[event.subject] = item.revision, (event.student, event.assignment)
    return owners


def _facts(gathered: _Gathered) -> Facts:
    finals: dict[str, tuple[Stored, FinalGraded]] = {}
    decisions: dict[str, RecordDecided] = {}
    questions: list[QuestionScored] = []
    single: dict[str, AnyEvent] = {}
    for item in gathered.newest.values():
        event = item.event
        if isinstance(event, FinalGraded):
            finals[event.commit] = item, event
        elif isinstance(event, RecordDecided):
            decisions[event.commit] = event
        elif isinstance(event, QuestionScored):
            questions.append(event)
        else:
            single[event.kind] = event
    override, extension, excusal = (
        single.get(kind) for kind in ("grade_overridden", "extension_granted", "student_excused")
    )
    commits = _commits(gathered.observed, finals, decisions)
    return Facts(
        commits=tuple(sorted(commits, key=lambda known: known.order)),
        questions=tuple(sorted((item for item in questions if item.points is not None), key=_question)),
        override=override if isinstance(override, GradeOverridden) and override.score is not None else None,
        extension=extension if isinstance(extension, ExtensionGranted) and extension.due else None,
        excusal=excusal if isinstance(excusal, StudentExcused) and excusal.excused else None,
    )


def _question(event: QuestionScored) -> str:
    return event.question


def _commits(
    observed: dict[str, list[Stored]],
    finals: dict[str, tuple[Stored, FinalGraded]],
    decisions: dict[str, RecordDecided],
) -> Iterator[KnownCommit]:
    seen: set[str] = set()
    for revisions in observed.values():
        known = _observed_commit(revisions, finals, decisions)
        seen.add(known.commit)
        yield known
    for commit, (item, event) in finals.items():
        if commit not in seen:
            yield KnownCommit(
                event_id=item.id,
                repository_id=event.repository_id,
                repository=event.repository,
                commit=commit,
                submitted=None,
                first_seen=item.recorded_at,
                observed=None,
                final=event,
                decision=_applicable(decisions.get(commit), None),
            )


def _observed_commit(
    revisions: list[Stored],
    finals: dict[str, tuple[Stored, FinalGraded]],
    decisions: dict[str, RecordDecided],
) -> KnownCommit:
    # A run that is started again or deleted takes nothing back that was seen before.
    newest, event = max(_observations(revisions), key=lambda pair: (not pair[1].waits, pair[0].revision))
    first_seen = min(item.recorded_at for item in revisions)
    pushed = [seen.run.suite_created_at for _, seen in _observations(revisions) if seen.run is not None]
    final = finals.get(event.commit)
    return KnownCommit(
        event_id=newest.id,
        repository_id=event.repository_id,
        repository=event.repository,
        commit=event.commit,
        submitted=min(pushed, default=event.pushed_at or first_seen),
        first_seen=first_seen,
        observed=event,
        final=final[1] if final else None,
        decision=_applicable(decisions.get(event.commit), event),
    )


def _observations(revisions: list[Stored]) -> Iterator[tuple[Stored, GradeObserved]]:
    for item in revisions:
        if isinstance(item.event, GradeObserved):
            yield item, item.event


def _applicable(decision: RecordDecided | None, event: GradeObserved | None) -> RecordDecided | None:
    """The decision, unless it lets something count that has changed since."""
    if decision is None or decision.counts is None:
        return None
    if decision.counts is False:
        return decision
    same = event is not None and event.record is not None and event.record.score == decision.score
    return decision if same and event is not None and set(event.flags) <= set(decision.flags) else None
