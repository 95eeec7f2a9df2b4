"""What the collector makes of one repository, asked through the emulated API on GitHub's schema."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from autograding.github.behind import look_closer
from autograding.github.client import GitHub
from autograding.github.collect import (
    Empty,
    Index,
    Observation,
    Unmatched,
    Unreadable,
    observe,
)
from autograding.github.emulator import EmulatedAnnotation
from autograding.github.meter import Meter
from autograding.grader.grade import RECORD_TITLE

from .conftest import ASSIGNMENTS, DUE, ORGANIZATION, QUICK, STUDENTS, TOKEN, all_pages


@pytest.fixture
def index(expected):
    return Index.of([expected], STUDENTS, [item.slug for item in ASSIGNMENTS])


@pytest.fixture
def look(serve, index):
    """What is seen of these repositories, by name."""

    def look(*repositories):
        return seen_by(serve(*repositories), index)

    return look


@pytest.fixture
def closer(serve, index):
    """What a closer look at this one repository finds."""

    def closer(repository):
        github = serve(repository)
        [first] = seen_by(github, index)
        return closer_look(github, index, first)

    return closer


def seen_by(github, index):
    async def run():
        async with GitHub(TOKEN, api_url=github.url, retry=QUICK) as client:
            return [
                observe(node, index, page.faults.get(place))
                for page in await all_pages(client, ORGANIZATION)
                for place, node in enumerate(page.nodes)
            ]

    return asyncio.run(run())


def closer_look(github, index, seen):
    async def run():
        async with GitHub(TOKEN, api_url=github.url, retry=QUICK) as client:
            return (await look_closer(Meter(client), [seen], index))[0]

    return asyncio.run(run())


def kinds(seen):
    return [flag.kind for flag in seen.flags]


def test_a_graded_repository_gives_its_record_without_flags(look, workshop):
    [seen] = look(workshop.repository())
    assert isinstance(seen, Observation)
    assert (seen.assignment, seen.student, seen.record.score, seen.flags) == ("01_tensor", "s-001", 70.0, ())


def test_the_evidence_names_repository_commit_run_and_check(look, workshop):
    repository = workshop.repository()
    [seen] = look(repository)
    assert (seen.repository_id, seen.repository) == (repository.database_id, "demo-course/01-tensor-ada")
    assert seen.commit == repository.head.oid
    assert (seen.run.run_id, seen.run.check_id) == (30_000_000_001, 30_000_000_003)


def test_the_time_is_the_servers_whatever_date_the_commit_claims(look, workshop):
    created = DUE + timedelta(days=2)
    late = workshop.repository_with_run(created_at=created)
    [seen] = look(replace(late, head=replace(late.head, committed_at=datetime(2020, 1, 1, tzinfo=UTC))))
    assert seen.run.suite_created_at == created
    assert seen.run.run_created_at == created


@pytest.mark.parametrize("name", ["01-tensor-Grace-H", "01-tensor-grace-h", "01-TENSOR-GRACE-H"])
def test_a_login_is_matched_whatever_its_case(look, workshop, name):
    [seen] = look(workshop.repository(name))
    assert seen.student == "s-002"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("__github", ".github"),
        ("tests", "tests"),
        ("autograding", "autograding"),
        ("assignment__json", "assignment.json"),
        ("pyproject__toml", "pyproject.toml"),
        ("uv__lock", "uv.lock"),
    ],
)
def test_a_protected_path_with_other_content_is_flagged_by_name(look, workshop, path, named):
    [seen] = look(workshop.repository_with_files(**{path: "b" * 40}))
    assert kinds(seen) == ["protected_changed"]
    assert seen.flags[0].detail.startswith(f"{named} is bbbbbbbbbbbb, not ")
    assert seen.record is not None


def test_a_protected_path_that_is_gone_is_flagged(look, workshop):
    [seen] = look(workshop.repository_with_files(__github=None))
    assert seen.flags[0].detail == ".github is gone"


def test_a_commit_without_a_run_is_not_run(look, workshop):
    [seen] = look(workshop.repository(runs=()))
    assert (kinds(seen), seen.run, seen.record) == (["not_run"], None, None)


def test_a_run_that_has_not_finished_is_not_run(look, workshop):
    [seen] = look(workshop.repository_with_run(status="IN_PROGRESS", conclusion=None, annotations=()))
    assert kinds(seen) == ["not_run"]


def test_a_run_of_another_app_under_our_name_does_not_exist_for_us(look, workshop):
    [seen] = look(workshop.repository_with_run(app_id=42))
    assert kinds(seen) == ["not_run"]


def test_a_run_of_another_workflow_is_flagged(look, workshop):
    [seen] = look(workshop.repository_with_run(workflow=".github/workflows/mine.yml"))
    assert kinds(seen) == ["workflow_unexpected"]


def test_a_run_started_by_an_unexpected_event_is_flagged(look, workshop):
    [seen] = look(workshop.repository_with_run(event="pull_request_target"))
    assert kinds(seen) == ["workflow_unexpected"]


def test_more_check_suites_than_were_read_are_flagged_until_someone_looks_closer(look, workshop):
    [seen] = look(workshop.repository_with_runs({}, {"created_at": DUE}))
    assert (kinds(seen), seen.hidden_suites) == (["several_suites"], True)


def test_a_run_of_the_same_commit_started_again_by_hand_agrees_and_the_first_one_dates_it(closer, workshop):
    again = {"created_at": DUE + timedelta(days=3), "event": "workflow_dispatch"}
    seen = closer(workshop.repository_with_runs({"created_at": DUE}, again))
    assert (seen.record.score, seen.flags) == (70, ())
    assert seen.run.suite_created_at == DUE


def test_a_push_to_another_branch_before_the_merge_does_not_date_the_submission(closer, workshop):
    skipped = {"created_at": DUE - timedelta(days=3), "conclusion": "SKIPPED", "annotations": ()}
    seen = closer(workshop.repository_with_runs(skipped, {"created_at": DUE}))
    assert (seen.record.score, seen.flags, seen.run.suite_created_at) == (70, (), DUE)


def test_a_tag_set_after_the_push_hides_nothing(closer, workshop):
    skipped = {"created_at": DUE, "conclusion": "SKIPPED", "annotations": ()}
    seen = closer(workshop.repository_with_runs({}, skipped))
    assert (seen.record.score, seen.flags) == (70, ())


@pytest.mark.parametrize(
    "other",
    [
        {"conclusion": "CANCELLED", "annotations": ()},
        {"status": "IN_PROGRESS", "conclusion": None, "annotations": ()},
    ],
)
def test_a_run_that_did_not_come_to_its_end_says_nothing_beside_another(closer, workshop, other):
    seen = closer(workshop.repository_with_runs({}, {"created_at": DUE, **other}))
    assert (seen.record.score, seen.flags) == (70, ())


def test_runs_of_one_commit_that_do_not_agree_are_flagged_and_none_is_believed(closer, workshop):
    better = EmulatedAnnotation(RECORD_TITLE, workshop.record(f"{1:040x}", 30, 40))
    worse = EmulatedAnnotation(RECORD_TITLE, workshop.record(f"{1:040x}", 30, 10))
    seen = closer(workshop.repository_with_runs({"annotations": (worse,)}, {"annotations": (better,)}))
    assert (kinds(seen), seen.record) == (["several_suites"], None)


def test_a_second_workflow_that_poses_as_ours_is_flagged(closer, workshop):
    seen = closer(workshop.repository_with_runs({}, {"workflow": ".github/workflows/mine.yml"}))
    assert (kinds(seen), seen.record) == (["several_suites"], None)


def test_a_flood_of_check_suites_stays_flagged(closer, workshop):
    seen = closer(workshop.repository_with_runs(*[{}] * 30))
    assert (kinds(seen), seen.hidden_suites) == (["several_suites"], True)


def test_a_commit_whose_only_run_was_skipped_is_not_run(look, workshop):
    [seen] = look(workshop.repository_with_run(conclusion="SKIPPED", annotations=()))
    assert kinds(seen) == ["not_run"]


def test_where_the_closer_look_fails_the_flag_stays(serve, index, workshop):
    github = serve(workshop.repository_with_runs({}, {"created_at": DUE}))
    [first] = seen_by(github, index)
    github.repositories = []
    assert closer_look(github, index, first) == first


def test_a_run_without_a_record_is_flagged(look, workshop):
    [seen] = look(workshop.repository_with_run(annotations=(EmulatedAnnotation("Points", "70/70"),)))
    assert (kinds(seen), seen.record) == (["record_missing"], None)


def test_a_record_that_is_none_is_flagged(look, workshop):
    [seen] = look(workshop.repository_with_record('{"score": 70}'))
    assert (kinds(seen), seen.record) == (["record_malformed"], None)


@pytest.mark.parametrize(
    "changes",
    [{"commit": "d" * 40}, {"assignment": "02_activations"}, {"manifest": "e" * 64}],
)
def test_a_record_made_for_something_else_is_flagged(look, workshop, changes):
    commit = f"{1:040x}"
    [seen] = look(workshop.repository_with_record(workshop.record(commit, **changes)))
    assert (kinds(seen), seen.record) == (["record_mismatch"], None)


def test_two_records_on_one_commit_are_flagged_and_neither_is_believed(look, workshop):
    commit = f"{1:040x}"
    records = tuple(
        EmulatedAnnotation(RECORD_TITLE, workshop.record(commit, points, points)) for points in (10, 30)
    )
    [seen] = look(workshop.repository_with_run(annotations=records))
    assert (kinds(seen), seen.record) == (["several_records"], None)


def test_a_flood_of_annotations_before_the_record_is_flagged(look, workshop):
    flood = (EmulatedAnnotation("noise", "x" * 4000),) * 60
    commit = f"{1:040x}"
    record = EmulatedAnnotation(RECORD_TITLE, workshop.record(commit))
    [seen] = look(workshop.repository_with_run(annotations=(*flood, record)))
    assert kinds(seen) == ["record_missing"]
    assert "first 50 of 61 annotations" in seen.flags[0].detail


def test_a_flood_of_annotations_after_the_record_is_flagged(look, workshop):
    flood = (EmulatedAnnotation("noise", ""),) * 60
    commit = f"{1:040x}"
    record = EmulatedAnnotation(RECORD_TITLE, workshop.record(commit))
    [seen] = look(workshop.repository_with_run(annotations=(record, *flood)))
    assert kinds(seen) == ["several_records"]


def test_a_second_record_far_behind_is_not_overlooked(look, workshop):
    commit = f"{1:040x}"
    record = EmulatedAnnotation(RECORD_TITLE, workshop.record(commit))
    noise = (EmulatedAnnotation("noise", ""),) * 48
    [seen] = look(workshop.repository_with_run(annotations=(record, *noise, record)))
    assert kinds(seen) == ["several_records"]


def test_the_commit_students_start_from_is_known_as_such(workshop, expected, serve):
    repository = workshop.repository(runs=())
    started = Index.of([replace(expected, starter=repository.head.oid)], STUDENTS)
    assert observe(node_of(serve, repository), started).starter is True


def test_a_repository_nobody_pushed_to_is_empty(look, workshop):
    assert look(workshop.repository(head=None, runs=())) == [
        Empty("demo-course/01-tensor-ada", "01_tensor", "s-001")
    ]


@pytest.mark.parametrize(
    ("name", "why", "submission"),
    [
        ("01-tensor-mallory", "mallory is not on the roster", True),
        ("02-activations-ada", "02-activations is not rendered here, so nothing can be checked", True),
        ("course-notes", "not named after an assignment", False),
        ("01-tensor", "not named after an assignment", False),
    ],
)
def test_a_repository_that_belongs_nowhere_is_listed_with_the_reason(look, workshop, name, why, submission):
    assert look(workshop.repository(name)) == [Unmatched(f"demo-course/{name}", why, submission)]


def test_a_repository_that_github_cannot_read_stops_no_other(look, workshop):
    bad = workshop.repository("01-tensor-linus", fault="Something went wrong")
    seen = look(bad, workshop.repository())
    assert [type(item) for item in seen] == [Unreadable, Observation]
    assert "Something went wrong" in seen[0].why


@pytest.mark.parametrize("name", ["01-tensor-ada\n", "01-tensor-=cmd|x", "01-tensor-\u202eada", "a" * 200])
def test_a_name_that_no_repository_can_have_stops_no_other(look, workshop, name):
    seen = look(workshop.repository(name), workshop.repository("01-tensor-linus"))
    assert [type(item) for item in seen] == [Unreadable, Observation]
    assert seen[0].repository.isprintable()


@pytest.mark.parametrize(
    "poison",
    [
        {"databaseId": "1"},
        {"databaseId": True},
        {"databaseId": 2**70},
        {"nameWithOwner": ["x"]},
        {"pushedAt": 5},
        {"pushedAt": "yesterday"},
        {"pushedAt": "2026-09-01T00:00:00"},
        {"isEmpty": "no"},
        {"defaultBranchRef": []},
        {"defaultBranchRef": {"name": "main", "target": {}}},
        {"defaultBranchRef": {"name": "main", "target": {"oid": "HEAD"}}},
    ],
)
def test_a_field_of_the_wrong_type_makes_a_repository_unreadable_and_no_more(serve, workshop, index, poison):
    node = node_of(serve, workshop.repository())
    assert isinstance(observe({**node, **poison}, index), Unreadable)


@pytest.mark.parametrize("node", [None, 7, "x", [], {}, {"nameWithOwner": 3}])
def test_what_is_no_repository_at_all_is_unreadable(node, index):
    assert isinstance(observe(node, index), Unreadable)


def node_of(serve, repository):
    github = serve(repository)

    async def run():
        async with GitHub(TOKEN, api_url=github.url, retry=QUICK) as client:
            return await all_pages(client, ORGANIZATION)

    [page] = asyncio.run(run())
    return page.nodes[0]
