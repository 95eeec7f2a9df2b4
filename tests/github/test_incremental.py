"""A collection asks for what the ones before it have not seen, and for nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autograding.github.emulator import Fault
from autograding.github.queries import COMMITS, HISTORIES, PAGE, WORKFLOWS
from autograding.gradebook.collecting.plan import plan_collection

from .conftest import DUE, QUICK, TOKEN, Student

NAMES = {PAGE: "page", COMMITS: "commits", WORKFLOWS: "workflows", HISTORIES: "histories"}
EXPIRED = (
    b'{"data": {"organization": null}, "errors": [{"type": "INVALID_CURSOR_ARGUMENTS", "message": "`x` does '
    b'not appear to be a valid cursor.", "path": ["organization", "repositories"]}]}'
)


def asked(github, since=0):
    """Which queries were asked, in their order."""
    return [NAMES[item.query] for item in github.requests[since:]]


def sizes(github):
    return [item.variables["size"] for item in github.requests]


@pytest.fixture
def many(setting, workshop):
    """Six students with a graded repository each, and the setting they are in."""
    students, repositories = workshop.class_of(6)
    return replace(setting, students=students), repositories


@pytest.fixture
def patient(monkeypatch):
    """Commits are asked for again however long ago they were pushed."""
    monkeypatch.setattr("autograding.gradebook.collecting.known.PENDING", timedelta(days=100_000))


@pytest.fixture
def scores(events):
    """The points of each commit in the gradebook."""
    return lambda: {
        item.event.commit: item.event.record and item.event.record.score for item in events() if item.event
    }


def test_where_nothing_was_pushed_one_page_is_asked_for(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting, page_size=2)
    report = collect(github, setting, page_size=2).report
    assert (report.requests, report.recorded) == (1, 0)


def test_only_what_was_pushed_to_is_read_again(serve, collect, many, workshop):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting, page_size=3)
    github.repositories[4] = workshop.push(repositories[4], -1)
    report = collect(github, setting, page_size=3).report
    assert (report.requests, report.repositories, report.recorded) == (1, 3, 1)


def test_a_push_that_github_listed_late_is_read_by_the_next_collection(serve, collect, many, workshop):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting, page_size=1)
    late = replace(workshop.push(repositories[5], 0), pushed_at=DUE - timedelta(minutes=4))
    github.repositories[5] = late
    assert collect(github, setting, page_size=1).report.recorded == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda setting: {"students": setting.students[1:]},
        lambda setting: {"expected": (replace(setting.expected[0], manifest_sha256="0" * 64),)},
    ],
    ids=["the roster", "a manifest"],
)
def test_everything_is_read_again_where_the_course_has_changed(serve, collect, many, change):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting)
    assert collect(github, replace(setting, **change(setting))).report.repositories == 6


def test_everything_is_read_again_on_demand(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting, page_size=2)
    assert collect(github, setting, page_size=2, full=True).report.repositories == 6


def test_repositories_that_were_never_pushed_to_hide_no_other(serve, collect, many, workshop):
    setting, repositories = many
    created = [workshop.repository(pushed_at=None, head=None, runs=()) for _ in range(3)]
    github = serve(*repositories, *created)
    report = collect(github, setting, page_size=2).report
    assert (report.repositories, report.recorded) == (9, 6)
    assert collect(github, setting, page_size=2).report.requests == 1


def test_a_commit_without_a_grade_is_asked_for_again_though_nobody_pushed(
    serve, collect, many, events, patient
):
    setting, repositories = many
    done = repositories[5]
    github = serve(*repositories[:5], replace(done, runs=()))
    collect(github, setting, page_size=2)
    before = len(github.requests)
    github.repositories[5] = done
    collect(github, setting, page_size=2)
    assert asked(github, before) == ["page", "commits"]
    assert [item.event.counts for item in events() if item.event.commit == done.head.oid] == [False, True]


def test_a_commit_without_a_grade_for_weeks_is_left_alone(serve, collect, many):
    setting, repositories = many
    long_ago = DUE - timedelta(days=200)
    github = serve(*repositories[:5], replace(repositories[5], runs=(), pushed_at=long_ago))
    collect(github, setting, page_size=2)
    before = len(github.requests)
    collect(github, setting, page_size=2)
    assert asked(github, before) == ["page"]


def test_every_graded_push_is_recorded_where_the_head_moved_several_times(
    serve, collect, many, workshop, scores
):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting)
    moved = workshop.push(workshop.push(workshop.push(repositories[3], -1), -2), -3)
    github.repositories[3] = moved
    before = len(github.requests)
    assert collect(github, setting).report.recorded == 3
    assert asked(github, before) == ["page", "workflows", "commits"]
    assert {run.commit for run in moved.runs} <= scores().keys()


def test_what_stands_behind_a_head_is_asked_for_once(serve, collect, many, workshop):
    setting, repositories = many
    github = serve(*repositories)
    github.repositories[3] = workshop.push(workshop.push(repositories[3], -1), -2)
    collect(github, setting)
    before = len(github.requests)
    collect(github, setting)
    assert asked(github, before) == ["page"]


def test_a_push_on_top_of_a_known_one_needs_no_further_question(serve, collect, many, workshop):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting)
    github.repositories[3] = workshop.push(repositories[3], -1)
    before = len(github.requests)
    collect(github, setting)
    assert asked(github, before) == ["page"]


def test_a_first_push_on_top_of_the_starter_needs_no_further_question(serve, collect, many, workshop):
    setting, repositories = many
    started = workshop.push(repositories[0], -1)
    known = replace(setting, expected=(replace(setting.expected[0], starter=repositories[0].head.oid),))
    github = serve(started)
    collect(github, known)
    assert asked(github) == ["page"]


def test_a_graded_commit_that_a_force_push_took_away_is_recorded(serve, collect, many, workshop, scores):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting)
    graded = workshop.push(repositories[3], -1)
    github.repositories[3] = workshop.push(graded, -2, lose=True)
    collect(github, setting)
    assert scores()[graded.head.oid] == 70


def test_graded_commits_behind_a_head_that_was_never_run_are_recorded(serve, collect, many, workshop, scores):
    setting, repositories = many
    github = serve(workshop.push(workshop.push(repositories[3], -1), -2, graded=False))
    collect(github, setting)
    assert asked(github) == ["page", "histories", "commits"]
    assert list(scores().values()).count(70) == 2


def test_commits_that_came_in_one_push_with_a_later_one_leave_no_trace(
    serve, collect, many, workshop, events
):
    setting, repositories = many
    one_push = workshop.push(workshop.push(repositories[3], -1, graded=False), -2)
    github = serve(one_push)
    collect(github, setting)
    assert {item.event.commit for item in events()} == {run.commit for run in one_push.runs}


def test_a_renamed_repository_stays_the_students(serve, collect, many, workshop, events):
    setting, repositories = many
    github = serve(*repositories)
    collect(github, setting)
    github.repositories[3] = replace(workshop.push(repositories[3], -1), name="my-homework")
    report = collect(github, setting).report
    assert (report.recorded, report.strays) == (1, [])
    assert [item.event.student for item in events()][-1] == "s-3"


def test_a_changed_login_is_matched_by_the_account_that_pushed(serve, collect, many, workshop, events):
    setting, _ = many
    made = workshop.pushed("01-tensor-new-login", 1)
    github = serve(replace(made, runs=(replace(made.runs[0], pusher=504),)))
    assert collect(github, setting).report.strays == []
    assert [item.event.student for item in events()] == ["s-4"]


def test_what_another_student_pushed_does_not_count_until_somebody_looks(serve, collect, many, events):
    setting, repositories = many
    made = repositories[2]
    github = serve(replace(made, runs=(replace(made.runs[0], pusher=504),)))
    collect(github, setting)
    assert [flag.kind for flag in events()[0].event.flags] == ["pushed_by_another"]


def test_a_corrected_roster_is_believed_where_the_account_confirms_it(serve, collect, many, workshop, events):
    setting, repositories = many
    made = replace(repositories[2], runs=(replace(repositories[2].runs[0], pusher=502),))
    wrong = replace(setting.students[2], login="login9", github_id=None)
    github = serve(made)
    collect(
        github,
        replace(setting, students=(replace(setting.students[1], login="login2", github_id=None), wrong)),
    )
    collect(github, setting)
    assert [item.event.student for item in events()] == ["s-1", "s-2"]


def test_a_corrected_roster_takes_the_grade_from_the_student_it_was_believed_to_be_of(
    serve, collect, many, workshop
):
    setting, repositories = many
    made = replace(repositories[2], runs=(replace(repositories[2].runs[0], pusher=502),))
    first = replace(setting.students[1], login="login2", github_id=None)
    wrong = replace(setting, students=(first, replace(setting.students[2], login="login9", github_id=None)))
    own = workshop.pushed("01-tensor-login1", 3)
    github = serve(made)
    collect(github, wrong)
    github.repositories = [own, made]
    grades = collect(github, setting).grades
    assert {student: grades[student, "01_tensor"].state for student in ("s-1", "s-2")} == {
        "s-1": "graded",
        "s-2": "graded",
    }
    assert [item.repository_id for item in grades["s-1", "01_tensor"].facts.commits] == [own.database_id]


@pytest.fixture
def moved(setting, workshop):
    """A student with two repositories under two logins, the newer of them pushed to last, and the setting."""
    student = Student("s-1", "ada", "", 500)
    first = workshop.pushed("01-tensor-ada", 2)
    second = workshop.pushed("01-tensor-countess", 1)
    pushed = [replace(item, runs=(replace(item.runs[0], pusher=500),)) for item in (first, second)]
    return replace(setting, students=(student,)), *pushed


def standing(collected):
    """Whether the commits of the one student count, by the ids of their repositories."""
    commits = collected.grades["s-1", "01_tensor"].facts.commits
    return {item.repository_id: item.counts for item in commits}


def test_a_second_repository_of_a_student_does_not_count_until_somebody_decides(
    serve, collect, moved, workshop
):
    setting, first, second = moved
    github = serve(first)
    collect(github, setting)
    github.repositories.append(second)
    collected = collect(github, setting)
    assert standing(collected) == {first.database_id: True, second.database_id: False}
    assert [flag.kind for flag in collected.report.undecided[0].flags] == ["second_repository"]
    assert len(collected.report.duplicates) == 1


def test_of_two_repositories_seen_at_once_the_older_one_counts_and_seeing_them_again_changes_nothing(
    serve, collect, moved
):
    setting, first, second = moved
    github = serve(second, first)
    assert standing(collect(github, setting)) == {first.database_id: True, second.database_id: False}
    assert collect(github, setting, full=True).report.recorded == 0


def test_a_second_repository_counts_from_the_release_of_one_of_its_commits_on(
    serve, collect, moved, workshop, decide
):
    setting, first, second = moved
    github = serve(first, second)
    flagged = collect(github, setting).grades["s-1", "01_tensor"].facts.commits[-1]
    decide(flagged.observed, True)
    later = workshop.push(second, 0)
    github.repositories = [first, later]
    collected = collect(github, setting)
    assert collected.grades["s-1", "01_tensor"].chosen.commit == later.head.oid
    assert not collected.report.needs_a_person


def test_a_release_that_is_taken_back_makes_the_repository_a_second_one_again(
    serve, collect, moved, workshop, decide
):
    setting, first, second = moved
    github = serve(first, second)
    flagged = collect(github, setting).grades["s-1", "01_tensor"].facts.commits[-1]
    decide(flagged.observed, True)
    decide(flagged.observed, None)
    later = workshop.push(second, 0)
    github.repositories = [first, later]
    assert [item.commit for item in collect(github, setting).report.undecided] == [later.head.oid]


def test_a_repository_that_was_deleted_stops_no_other(serve, collect, many, patient):
    setting, repositories = many
    github = serve(*(replace(item, runs=()) for item in repositories[4:]), *repositories[:4])
    collect(github, setting, page_size=2)
    github.repositories = [*repositories[:4], repositories[5]]
    report = collect(github, setting, page_size=2).report
    assert report.recorded == 1
    assert [item.repository for item in report.unreadable] == ["demo-course/01-tensor-login4"]


@pytest.mark.parametrize("change", [{"is_archived": True}, {"branch": "trunk"}])
def test_an_archived_repository_and_one_with_another_branch_count_as_any_other(serve, collect, many, change):
    setting, repositories = many
    assert collect(serve(replace(repositories[0], **change)), setting).report.recorded == 1


def test_an_interrupted_collection_is_continued_where_it_stopped(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories)

    def interrupt(report):
        if report.repositories == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(github, setting, page_size=2, on_step=interrupt)
    report = collect(github, setting, page_size=2).report
    assert (report.repositories, report.recorded) == (4, 2)


CHILD = """
import sys
from pathlib import Path
from autograding.gradebook.collecting.collection import collect_grades
from autograding.github.expected import load_expected
from tests.github.conftest import ASSIGNMENTS, TOKEN, Student, setting_for
url, rendered, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
students = tuple(Student(f"s-{number}", f"login{number}", "", 500 + number) for number in range(6))
setting = setting_for(load_expected(rendered, ASSIGNMENTS)[0], students)
collect_grades(setting, token=TOKEN, api_url=url, page_size=1,
    gradebook=folder / "gradebook.sqlite", output=folder / "grades.csv")
"""


@pytest.mark.slow
def test_a_process_killed_at_any_request_loses_nothing_and_repeats_nothing(
    serve, collect, many, workshop, events, rendered, tmp_path
):
    _, repositories = many
    repositories[2] = workshop.push(workshop.push(repositories[2], -1), -2)
    child = None

    def kill(asked):
        if asked.number in (3, 8, 12):
            os.kill(child.pid, signal.SIGKILL)

    github = serve(*repositories, faults=kill)
    ended = []
    for _ in range(4):
        arguments = [sys.executable, "-c", CHILD, github.url, str(rendered), str(tmp_path)]
        child = subprocess.Popen(arguments, cwd=Path(__file__).parents[2])
        ended.append(child.wait(timeout=60))
    assert ended == [-9, -9, -9, 0]
    recorded = [item.event.commit for item in events()]
    assert sorted(recorded) == sorted(run.commit for item in repositories for run in item.runs)


def test_a_budget_is_never_exceeded_and_the_next_collection_goes_on(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories)
    first = collect(github, setting, page_size=2, budget=2).report
    assert (github.used, first.recorded) == (2, 4)
    assert first.stopped == "the budget of 2 points does not allow for another 1"
    assert collect(github, setting, page_size=2, budget=2).report.recorded == 2
    assert collect(github, setting, page_size=2, budget=2).report.stopped == ""


def test_attempts_that_failed_are_charged_to_the_budget(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories, faults=[Fault(status=429, headers={"retry-after": "0"})] * 2)
    report = collect(github, setting, page_size=2, budget=3).report
    assert (len(github.requests), report.recorded, bool(report.stopped)) == (3, 2, True)


def test_pages_are_halved_where_github_gives_up_and_grow_again(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories, faults=[Fault(status=502), Fault(status=504)])
    collect(github, setting, page_size=4)
    assert sizes(github) == [4, 2, 1, 1, 2, 2]


def test_a_place_in_the_list_that_github_forgot_is_looked_for_from_the_top(serve, collect, many):
    setting, repositories = many
    github = serve(*repositories, faults=[None, None, Fault(body=EXPIRED)])
    report = collect(github, setting, page_size=2).report
    assert report.recorded == 6
    from_the_top = [item.variables["after"] is None for item in github.requests]
    assert from_the_top == [True, False, False, True, False, False]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502),
        Fault(status=503, headers={"retry-after": "0"}),
        Fault(status=504),
        Fault(status=403, headers={"retry-after": "0"}),
        Fault(status=429, headers={"retry-after": "0"}),
        Fault(truncate=100),
        Fault(drop=True),
        Fault(body=b"<html>Bad gateway</html>"),
        Fault(body=b'{"data": null, "errors": [{"message": "something took too long: timeout"}]}'),
    ],
    ids=str,
)
def test_a_fault_at_every_second_request_loses_nothing_and_repeats_nothing(
    serve, collect, many, workshop, events, fault
):
    setting, repositories = many
    repositories[2] = workshop.push(workshop.push(repositories[2], -1), -2)
    github = serve(*repositories, faults=lambda asked: fault if asked.number % 2 else None)
    collect(github, setting, page_size=2)
    recorded = [item.event.commit for item in events()]
    assert sorted(recorded) == sorted(run.commit for item in repositories for run in item.runs)


def test_no_more_than_five_questions_are_on_their_way_at_once(
    serve, collect, setting, workshop, monkeypatch, patient
):
    monkeypatch.setattr("autograding.github.behind.PAGE_SIZE", 2)
    students, repositories = workshop.class_of(24)
    github = serve(*(replace(item, runs=()) for item in repositories))
    many = replace(setting, students=students)
    collect(github, many)
    github.latency = 0.05
    github.repositories = list(repositories)
    monkeypatch.setattr("autograding.gradebook.collecting.progress.OVERLAP", timedelta(0))
    collect(github, many, page_size=1)
    assert github.most_in_flight == 5


def plan(github, setting, folder, **options):
    return plan_collection(
        setting,
        token=TOKEN,
        api_url=github.url,
        gradebook=folder / "gradebook.sqlite",
        retry=QUICK,
        **options,
    )


def test_a_dry_run_says_what_a_collection_then_asks_and_writes_nothing(serve, collect, many, tmp_path):
    setting, repositories = many
    github = serve(*repositories)
    found = plan(github, setting, tmp_path)
    assert list(tmp_path.glob("gradebook*")) == []
    report = collect(github, setting).report
    assert (found.repositories, found.requests) == (report.repositories, report.requests)
    assert found.points >= report.points
    assert found.spent == 1


def test_a_dry_run_counts_what_changed_and_what_has_no_grade_yet(
    serve, collect, many, workshop, tmp_path, patient
):
    setting, repositories = many
    github = serve(*repositories[:5], replace(repositories[5], runs=()))
    collect(github, setting)
    github.repositories[4] = workshop.push(repositories[4], -1)
    found = plan(github, setting, tmp_path)
    assert (found.repositories, found.total, found.commits) == (2, 6, 1)
