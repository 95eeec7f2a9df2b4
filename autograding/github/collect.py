"""From GitHub's answers to typed observations: what stands in each student repository.

Nothing is read here (see `pages` and `behind`). Every repository and every
commit is understood by itself, so that a bad one stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from pydantic import ValidationError

from autograding.github import wire
from autograding.github.errors import plain
from autograding.github.expected import Expected
from autograding.github.queries import (
    ANNOTATIONS,
    PROTECTED,
    WORKFLOW_EVENTS,
    WORKFLOW_PATH,
)
from autograding.github.record import Record, RecordMalformed, RecordMismatch, parse_record
from autograding.grader.grade import RECORD_TITLE, Flag

PROTECTED_CHANGED = "protected_changed"
WORKFLOW_UNEXPECTED = "workflow_unexpected"
SEVERAL_SUITES = "several_suites"
SEVERAL_CHECKS = "several_checks"
SEVERAL_RECORDS = "several_records"
RECORD_MISSING = "record_missing"
RECORD_MALFORMED = "record_malformed"
RECORD_MISMATCH = "record_mismatch"
SECOND_REPOSITORY = "second_repository"
PUSHED_BY_ANOTHER = "pushed_by_another"
NOT_RUN = "not_run"


class RosterStudent(Protocol):
    """The part of a roster's student that is needed here."""

    @property
    def identifier(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def github_id(self) -> int | None: ...


@dataclass(frozen=True)
class Place:
    """Whose submission of what a repository is."""

    assignment: str
    student: str


@dataclass(frozen=True)
class Index:
    """What repositories are matched against.

    Rendered assignments by slug, students by lower-case login, by the numeric id
    of their account, and by identifier. `places` holds the repositories that are
    known by their numeric id already: whatever they are called today, they stay
    what they were. `homes` are those whose records may count: the first there was,
    and others that a person has accepted.
    """

    expected: dict[str, Expected]
    students: dict[str, RosterStudent]
    unrendered: frozenset[str] = frozenset()
    accounts: dict[int, RosterStudent] = field(default_factory=dict)
    identifiers: dict[str, RosterStudent] = field(default_factory=dict)
    places: Mapping[int, Place] = field(default_factory=dict)
    homes: Mapping[Place, AbstractSet[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        expected: Iterable[Expected],
        students: Iterable[RosterStudent],
        slugs: Iterable[str] = (),
        places: Mapping[int, Place] | None = None,
        homes: Mapping[Place, AbstractSet[int]] | None = None,
    ) -> Index:
        """`slugs` are those of the whole course, so that an assignment not rendered here is named as such."""
        rendered = {item.slug.lower(): item for item in expected}
        students = tuple(students)
        return cls(
            expected=rendered,
            students={item.login.lower(): item for item in students if item.login},
            unrendered=frozenset(slug.lower() for slug in slugs) - rendered.keys(),
            accounts={item.github_id: item for item in students if item.github_id is not None},
            identifiers={item.identifier: item for item in students},
            places=places if places is not None else {},
            homes=homes if homes is not None else {},
        )


@dataclass(frozen=True)
class Run:
    """The workflow run that graded a commit. Times are of the server's clock.

    `number` counts the runs of `workflow` (its GraphQL id) in the repository.
    `pusher` is the account that pushed, `previous` the head before that push.
    """

    suite_created_at: datetime
    run_created_at: datetime | None
    run_id: int | None
    check_id: int | None
    conclusion: str | None
    number: int | None = None
    workflow: str | None = None
    previous: str | None = None
    pusher: int | None = None


@dataclass(frozen=True)
class Observation:
    """One commit of one student's repository, as GitHub shows it.

    A record with any flag is kept and does not count. `starter`: the commit is
    the one students start from, so nothing was submitted yet. `hidden_suites`:
    there are check suites that were not read, so the commit has to be read again.
    `node` is the commit's GraphQL id. `pushed_at`: when the repository was last
    pushed to, for a commit that was seen as the head; None for one behind it.
    """

    repository_id: int
    repository: str
    assignment: str
    student: str
    commit: str
    run: Run | None
    record: Record | None
    flags: tuple[Flag, ...]
    starter: bool
    node: str
    pushed_at: datetime | None = None
    hidden_suites: bool = False

    @property
    def not_run(self) -> bool:
        """The workflow has not run to its end, and nothing else is odd."""
        return {flag.kind for flag in self.flags} == {NOT_RUN}


@dataclass(frozen=True)
class Wanted:
    """A commit to be asked for: the repository it was seen in, and `pushed_at` as in `Observation`."""

    repository: str
    pushed_at: datetime | None = None


@dataclass(frozen=True)
class Empty:
    """A student's repository without a commit."""

    repository: str
    assignment: str
    student: str


@dataclass(frozen=True)
class Unmatched:
    """A repository that belongs to no assignment or to nobody on the roster."""

    repository: str
    why: str
    looks_like_a_submission: bool


@dataclass(frozen=True)
class Unreadable:
    """A repository whose answer could not be used. `repository` may be all that is known of it."""

    repository: str
    why: str


Seen = Observation | Empty | Unmatched | Unreadable


def observe(node: object, index: Index, fault: str | None = None) -> Seen:
    """What one repository of a page is. `fault`: what GitHub said went wrong while reading it."""
    name = _name_of(node)
    if fault is not None:
        return Unreadable(name, f"GitHub could not read all of it: {fault}")
    try:
        repository = wire.Repository.model_validate(node)
    except ValidationError as error:
        return Unreadable(name, _mistake(error, "the repository"))
    branch = repository.default_branch_ref
    located = _locate(
        repository.name_with_owner,
        repository.database_id,
        _pusher(branch.target) if branch else None,
        index,
    )
    if isinstance(located, Unmatched):
        return located
    expected, student = located
    if repository.is_empty or branch is None:
        return Empty(repository.name_with_owner, expected.assignment, student.identifier)
    owner = wire.Owner(database_id=repository.database_id, name_with_owner=repository.name_with_owner)
    return _observe_commit(owner, branch.target, expected, student, index, repository.pushed_at)


def flag_second_repositories(seen: Iterable[Seen], index: Index) -> list[Seen]:
    """The same, with a flag on what stands in a second repository of a student for an assignment.

    Of several that are all new the oldest is the first: ids grow, so its id is the smallest.
    One that turns out to be somebody else's is no longer in the way.
    """
    seen = list(seen)
    where = {item.repository_id: _place(item) for item in seen if isinstance(item, Observation)}
    oldest = {where[id]: id for id in sorted(where, reverse=True)}
    homes = {
        place: {home for home in index.homes.get(place, ()) if where.get(home, place) == place} or {id}
        for place, id in oldest.items()
    }
    return [
        _flag_second(item, homes[_place(item)]) if isinstance(item, Observation) else item for item in seen
    ]


def _flag_second(seen: Observation, homes: AbstractSet[int]) -> Observation:
    if seen.repository_id in homes:
        return seen
    flag = Flag(SECOND_REPOSITORY, f"the repository with id {min(homes)} was there before it")
    return replace(seen, flags=(*seen.flags, flag))


def _place(seen: Observation) -> Place:
    return Place(seen.assignment, seen.student)


def observe_commit(node: object, wanted: Wanted, index: Index, fault: str | None = None) -> Seen:
    """What one commit is that was asked for by its id."""
    if node is None or fault is not None:
        return Unreadable(wanted.repository, f"GitHub could not read the commit: {fault or 'it is gone'}")
    try:
        commit = wire.OwnedCommit.model_validate(node)
    except ValidationError as error:
        return Unreadable(wanted.repository, _mistake(error, "the commit"))
    owner = commit.repository
    located = _locate(owner.name_with_owner, owner.database_id, _pusher(commit), index)
    if isinstance(located, Unmatched):
        return located
    return _observe_commit(owner, commit, *located, index, wanted.pushed_at)


def _observe_commit(
    repository: wire.Owner,
    commit: wire.Commit,
    expected: Expected,
    student: RosterStudent,
    index: Index,
    pushed_at: datetime | None,
) -> Observation:
    suites = commit.check_suites
    known = [item for item in suites.nodes if item is not None] if suites else []
    hidden = suites is not None and suites.total_count > len(known)
    verdict = _settle([_judge(item, expected, commit.oid) for item in known if not _is_skipped(item)])
    flags = _check_protected(commit, expected)
    flags += verdict.flags if verdict else [Flag(NOT_RUN, "the workflow has not run for this commit")]
    if suites is not None and hidden:
        flags.append(Flag(SEVERAL_SUITES, f"{suites.total_count} check suites carry our job's name"))
    flags += _check_pusher(_pusher(commit), student, index)
    return Observation(
        repository_id=repository.database_id,
        repository=repository.name_with_owner,
        assignment=expected.assignment,
        student=student.identifier,
        commit=commit.oid,
        run=verdict.run if verdict else None,
        record=verdict.record if verdict else None,
        flags=tuple(flags),
        starter=commit.oid == expected.starter,
        node=commit.id,
        pushed_at=pushed_at,
        hidden_suites=hidden,
    )


def _check_pusher(pusher: int | None, student: RosterStudent, index: Index) -> list[Flag]:
    other = index.accounts.get(pusher) if pusher is not None else None
    if other is None or other.identifier == student.identifier:
        return []
    return [Flag(PUSHED_BY_ANOTHER, f"it was pushed by {plain(other.identifier, 60)}")]


@dataclass(frozen=True)
class _Verdict:
    """What a check suite says of a commit."""

    run: Run
    record: Record | None
    flags: tuple[Flag, ...]

    @property
    def speaks(self) -> bool:
        """It came to an end: neither still running nor cancelled before it left a record."""
        unfinished = any(flag.kind == NOT_RUN for flag in self.flags)
        return not unfinished and (self.record is not None or self.run.conclusion != "CANCELLED")


def _is_skipped(suite: wire.CheckSuite) -> bool:
    """The job was skipped, as it is for a push to another branch or of a tag: this suite says nothing."""
    checks = suite.check_runs.nodes if suite.check_runs else []
    return bool(checks) and all(item is not None and item.conclusion == "SKIPPED" for item in checks)


def _judge(suite: wire.CheckSuite, expected: Expected, commit: str) -> _Verdict:
    """What one check suite says by itself."""
    flags = _check_workflow(suite.workflow_run)
    checks = suite.check_runs
    check = checks.nodes[-1] if checks and checks.nodes else None
    if checks is not None and checks.total_count > 1:
        flags.append(Flag(SEVERAL_CHECKS, f"{checks.total_count} checks carry our job's name"))
    run = Run(
        suite_created_at=suite.created_at,
        run_created_at=suite.workflow_run.created_at if suite.workflow_run else None,
        run_id=suite.workflow_run.database_id if suite.workflow_run else None,
        check_id=check.database_id if check else None,
        conclusion=check.conclusion if check else suite.conclusion,
        number=suite.workflow_run.run_number if suite.workflow_run else None,
        workflow=suite.workflow_run.workflow.id if suite.workflow_run else None,
        previous=suite.push.previous_sha if suite.push else None,
        pusher=suite.push.pusher.database_id if suite.push else None,
    )
    if check is None or check.status != "COMPLETED":
        flags.append(Flag(NOT_RUN, "the workflow has not finished for this commit"))
        return _Verdict(run, None, tuple(flags))
    record, more = _find_record(check.annotations, expected, commit)
    return _Verdict(run, record, (*flags, *more))


def _settle(verdicts: list[_Verdict]) -> _Verdict | None:
    """What all suites of a commit say together, None where there is none.

    Runs of the same commit leave the same record, so several that agree are as
    good as one, and the first of them tells when the commit was submitted.
    """
    candidates = [item for item in verdicts if item.speaks] or verdicts[-1:]
    if not candidates:
        return None
    first = min(candidates, key=lambda item: item.run.suite_created_at)
    if all((item.record, item.flags) == (first.record, first.flags) for item in candidates):
        return first
    detail = f"{len(candidates)} check suites carry our job's name and do not agree"
    return _Verdict(first.run, None, (Flag(SEVERAL_SUITES, detail),))


def _check_protected(commit: wire.Commit, expected: Expected) -> list[Flag]:
    found: dict[str, wire.GitObject | None] = {
        path: getattr(commit, alias) for alias, path in PROTECTED.items()
    }
    changed = [
        f"{path} is gone" if item is None else f"{path} is {item.oid[:12]}, not {expected.objects[path][:12]}"
        for path, item in found.items()
        if item is None or item.oid != expected.objects[path]
    ]
    return [Flag(PROTECTED_CHANGED, "; ".join(changed))] if changed else []


def _check_workflow(run: wire.WorkflowRun | None) -> list[Flag]:
    if run is None:
        return [Flag(WORKFLOW_UNEXPECTED, "the check does not come from a workflow run")]
    path = run.file.path if run.file else "no workflow file"
    if path != WORKFLOW_PATH:
        return [Flag(WORKFLOW_UNEXPECTED, f"it was graded by {plain(path, 100)}")]
    if run.event not in WORKFLOW_EVENTS:
        return [Flag(WORKFLOW_UNEXPECTED, f"the run was started by {plain(run.event, 60)}")]
    return []


def _find_record(
    annotations: wire.Annotations | None, expected: Expected, commit: str
) -> tuple[Record | None, list[Flag]]:
    nodes = [item for item in annotations.nodes if item is not None] if annotations else []
    total = annotations.total_count if annotations else 0
    texts = [item.message or "" for item in nodes if item.title == RECORD_TITLE]
    if len(texts) > 1:
        return None, [Flag(SEVERAL_RECORDS, f"{len(texts)} grade records for one commit")]
    if not texts:
        crowd = f" among the first {ANNOTATIONS} of {total} annotations" if total > ANNOTATIONS else ""
        return None, [Flag(RECORD_MISSING, f"the run left no grade record{crowd}")]
    try:
        record = parse_record(
            texts[0], manifest=expected.manifest, manifest_sha256=expected.manifest_sha256, commit=commit
        )
    except RecordMismatch as error:
        return None, [Flag(RECORD_MISMATCH, str(error))]
    except RecordMalformed as error:
        return None, [Flag(RECORD_MALFORMED, str(error))]
    if total > len(nodes):
        return record, [Flag(SEVERAL_RECORDS, f"{total} annotations: others may hide among those not read")]
    return record, []


_Located = tuple[Expected, RosterStudent]


def _locate(full_name: str, repository: int, pusher: int | None, index: Index) -> _Located | Unmatched:
    """The assignment and the student of a repository.

    One that is known by its numeric id stays what it was, whatever it is called
    today, unless the roster was corrected: then the account that pushed confirms
    the name.
    """
    named = _match_name(full_name, pusher, index)
    known = _match_place(index.places.get(repository), index)
    if known is None or (
        not isinstance(named, Unmatched) and pusher is not None and named[1].github_id == pusher
    ):
        return named
    return known


def _match_place(place: Place | None, index: Index) -> _Located | None:
    if place is None or place.student not in index.identifiers:
        return None
    found = (item for item in index.expected.values() if item.assignment == place.assignment)
    return next(((item, index.identifiers[place.student]) for item in found), None)


def _match_name(full_name: str, pusher: int | None, index: Index) -> _Located | Unmatched:
    """`<slug>-<login>`, whatever the case of the letters.

    A login that is not on the roster may be one that has changed: then the
    account that pushed tells whose it is, because ids of accounts do not change.
    """
    name = full_name.partition("/")[2].lower()
    for slug in sorted((*index.expected, *index.unrendered), key=len, reverse=True):
        login = name.removeprefix(f"{slug}-")
        if login == name:
            continue
        student = index.students.get(login) or index.accounts.get(pusher or 0)
        if student is None:
            return Unmatched(full_name, f"{login} is not on the roster", True)
        if slug in index.unrendered:
            return Unmatched(full_name, f"{slug} is not rendered here, so nothing can be checked", True)
        return index.expected[slug], student
    return Unmatched(full_name, "not named after an assignment", False)


def _pusher(commit: wire.Commit) -> int | None:
    """The account that pushed a commit, as GitHub saw it: neither its author nor its committer."""
    suites = commit.check_suites.nodes if commit.check_suites else []
    pushes = [item.push for item in suites if item is not None and item.push is not None]
    return pushes[0].pusher.database_id if pushes else None


def _mistake(error: ValidationError, whole: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or whole
    return plain(f"unexpected answer at {field}: {first['msg']}")


def _name_of(node: object) -> str:
    name = node.get("nameWithOwner") if isinstance(node, dict) else None
    return plain(name, 100) if isinstance(name, str) else "a repository without a name"
