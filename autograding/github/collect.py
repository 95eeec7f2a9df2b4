"""From GitHub's answers to typed observations: what stands in each student repository.

Reading (`read_pages`) and understanding (`observe`) are apart: the second is
pure and treats every repository by itself, so that a bad one stops no other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import ValidationError

from autograding.github import wire
from autograding.github.client import Answer, GitHub
from autograding.github.errors import GitHubError, UnknownOrganization, plain
from autograding.github.expected import Expected
from autograding.github.queries import (
    ANNOTATIONS,
    CHECK_NAME,
    CLOSER,
    PAGE,
    PROTECTED,
    SUITES,
    WORKFLOW_EVENTS,
    WORKFLOW_PATH,
)
from autograding.github.record import Record, RecordMalformed, RecordMismatch, parse_record
from autograding.grader.grade import RECORD_TITLE, Flag

PAGE_SIZE = 100

PROTECTED_CHANGED = "protected_changed"
WORKFLOW_UNEXPECTED = "workflow_unexpected"
SEVERAL_SUITES = "several_suites"
SEVERAL_CHECKS = "several_checks"
SEVERAL_RECORDS = "several_records"
RECORD_MISSING = "record_missing"
RECORD_MALFORMED = "record_malformed"
RECORD_MISMATCH = "record_mismatch"
NOT_RUN = "not_run"


class RosterStudent(Protocol):
    """The part of a roster's student that is needed here."""

    @property
    def identifier(self) -> str: ...
    @property
    def login(self) -> str: ...


@dataclass(frozen=True)
class Page:
    """Up to 100 repositories as GitHub sent them, the most recently pushed first.

    `faults` names, by position, the repositories that GitHub itself could not read.
    """

    nodes: tuple[object, ...]
    faults: dict[int, str]
    cursor: str | None
    total: int
    cost: int
    remaining: int


@dataclass(frozen=True)
class Index:
    """What repositories are matched against: rendered assignments by slug, students by lower-case login."""

    expected: dict[str, Expected]
    students: dict[str, RosterStudent]
    unrendered: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        expected: Iterable[Expected],
        students: Iterable[RosterStudent],
        slugs: Iterable[str] = (),
    ) -> Index:
        """`slugs` are those of the whole course, so that an assignment not rendered here is named as such."""
        rendered = {item.slug.lower(): item for item in expected}
        return cls(
            expected=rendered,
            students={item.login.lower(): item for item in students if item.login},
            unrendered=frozenset(slug.lower() for slug in slugs) - rendered.keys(),
        )


@dataclass(frozen=True)
class Run:
    """The workflow run that graded a commit. Times are of the server's clock."""

    suite_created_at: datetime
    run_created_at: datetime | None
    run_id: int | None
    check_id: int | None
    conclusion: str | None


@dataclass(frozen=True)
class Observation:
    """One commit of one student's repository, as GitHub shows it.

    A record with any flag is kept and does not count. `starter`: the commit is
    the one students start from, so nothing was submitted yet. `hidden_suites`:
    there are check suites that were not read (see `look_closer`).
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
    hidden_suites: bool = False


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


async def read_pages(github: GitHub, organization: str, *, size: int = PAGE_SIZE) -> AsyncIterator[Page]:
    """All repositories of an organization, a page at a time. Raises GitHubError."""
    cursor: str | None = None
    while True:
        variables: dict[str, Any] = {"organization": organization, "after": cursor, "size": size}
        variables |= {"check": CHECK_NAME, "suites": 1}
        page = parse_page(await github.graphql(PAGE, variables), organization)
        yield page
        if page.cursor is None:
            return
        if page.cursor == cursor:
            raise GitHubError("GitHub sends the same page again and again", where=organization)
        cursor = page.cursor


async def look_closer(github: GitHub, seen: Observation, index: Index) -> tuple[Seen, int]:
    """Read one repository again with all check suites of its commit; returns the points it cost too.

    A commit has several suites where its author pushed it to two branches, set a
    tag or started the workflow by hand; or where something poses as our check.
    Where the closer look fails, what was seen first stands, with its flag.
    """
    owner, _, name = seen.repository.partition("/")
    variables = {"owner": owner, "name": name, "check": CHECK_NAME, "suites": SUITES}
    try:
        answer = await github.graphql(CLOSER, variables)
    except GitHubError:
        return seen, 0
    limit = answer.data.get("rateLimit")
    cost = limit.get("cost") if isinstance(limit, dict) else 0
    fault = _first_message(answer.errors) if answer.errors else None
    again = observe(answer.data.get("repository"), index, fault)
    return (seen if isinstance(again, Unreadable) else again), cost if isinstance(cost, int) else 0


def parse_page(answer: Answer, organization: str) -> Page:
    """The page in an answer to the page query."""
    if answer.data.get("organization") is None:
        if all(error.get("type") == "NOT_FOUND" for error in answer.errors):
            raise UnknownOrganization(
                f"GitHub knows no organization {plain(organization)}, or the token may not see it",
                where="classroom.yml, key course.organization",
                mend="check the spelling, and that the token belongs to an owner of the organization",
            )
        raise GitHubError(f"GitHub could not read the organization: {_first_message(answer.errors)}")
    try:
        connection = answer.data["organization"]["repositories"]
        info = connection["pageInfo"]
        limit = answer.data["rateLimit"]
        return Page(
            nodes=tuple(connection["nodes"]),
            faults=_faults(answer.errors),
            cursor=str(info["endCursor"]) if info["hasNextPage"] is True else None,
            total=int(connection["totalCount"]),
            cost=int(limit["cost"]),
            remaining=int(limit["remaining"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GitHubError(
            f"GitHub's answer has not the shape that was asked for: {_first_message(answer.errors)}",
            where=organization,
        ) from error


def observe(node: object, index: Index, fault: str | None = None) -> Seen:
    """What one repository of a page is. `fault`: what GitHub said went wrong while reading it."""
    name = _name_of(node)
    if fault is not None:
        return Unreadable(name, f"GitHub could not read all of it: {fault}")
    try:
        repository = wire.Repository.model_validate(node)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the repository"
        return Unreadable(name, plain(f"unexpected answer at {field}: {first['msg']}"))
    located = _locate(repository.name_with_owner, index)
    if isinstance(located, Unmatched):
        return located
    expected, student = located
    if repository.is_empty or repository.default_branch_ref is None:
        return Empty(repository.name_with_owner, expected.assignment, student.identifier)
    return _observe_commit(repository, repository.default_branch_ref.target, expected, student)


def _observe_commit(
    repository: wire.Repository, commit: wire.Commit, expected: Expected, student: RosterStudent
) -> Observation:
    suites = commit.check_suites
    known = [item for item in suites.nodes if item is not None] if suites else []
    hidden = suites is not None and suites.total_count > len(known)
    verdict = _settle([_judge(item, expected, commit.oid) for item in known if not _is_skipped(item)])
    flags = _check_protected(commit, expected)
    flags += verdict.flags if verdict else [Flag(NOT_RUN, "the workflow has not run for this commit")]
    if suites is not None and hidden:
        flags.append(Flag(SEVERAL_SUITES, f"{suites.total_count} check suites carry our job's name"))
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
        hidden_suites=hidden,
    )


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


def _locate(full_name: str, index: Index) -> tuple[Expected, RosterStudent] | Unmatched:
    """`<slug>-<login>` -> assignment and student, whatever the case of the letters."""
    name = full_name.partition("/")[2].lower()
    for slug in sorted((*index.expected, *index.unrendered), key=len, reverse=True):
        login = name.removeprefix(f"{slug}-")
        if login == name:
            continue
        if login not in index.students:
            return Unmatched(full_name, f"{login} is not on the roster", True)
        if slug in index.unrendered:
            return Unmatched(full_name, f"{slug} is not rendered here, so nothing can be checked", True)
        return index.expected[slug], index.students[login]
    return Unmatched(full_name, "not named after an assignment", False)


def _faults(errors: tuple[dict[str, Any], ...]) -> dict[int, str]:
    faults: dict[int, str] = {}
    for error in errors:
        path = error.get("path")
        if isinstance(path, list) and path[:3] == ["organization", "repositories", "nodes"] and len(path) > 3:
            faults.setdefault(int(path[3]), plain(error.get("message", "no explanation")))
    return faults


def _first_message(errors: tuple[dict[str, Any], ...]) -> str:
    return plain(errors[0].get("message", "no explanation")) if errors else "no explanation"


def _name_of(node: object) -> str:
    name = node.get("nameWithOwner") if isinstance(node, dict) else None
    return plain(name, 100) if isinstance(name, str) else "a repository without a name"
