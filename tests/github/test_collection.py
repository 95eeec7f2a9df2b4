"""From the emulated GitHub to the CSV, over a real port and with real files."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from autograding.github.emulator import EmulatedAnnotation, Fault
from autograding.github.errors import GitHubError
from autograding.gradebook.collecting.summary import attention

from .conftest import DUE, Student

HEADER = (
    "identifier,github_username,name,01_tensor,01_tensor_state,01_tensor_submitted,"
    "02_activations,02_activations_state,02_activations_submitted,total"
)
NOTHING = "s-003,linus,Linus,,missing,,,missing,,0"


def test_everyone_on_the_roster_has_a_row_in_its_order(serve, workshop, collect, table):
    collect(
        serve(
            workshop.repository("01-tensor-grace-h"),
            workshop.repository_graded(10, 20.5, DUE - timedelta(hours=1)),
        )
    )
    assert table() == [
        HEADER,
        "s-001,ada,Ada Lovelace,30.5,graded,2026-09-20T21:00:00+00:00,,missing,,30.5",
        "s-002,Grace-H,Grace Hopper,70,graded,2026-09-19T22:00:00+00:00,,missing,,70",
        NOTHING,
    ]


def test_a_late_push_loses_the_penalty_of_its_days(serve, workshop, collect, table):
    collect(serve(workshop.repository_graded(30, 40, DUE + timedelta(hours=25))))
    assert table()[1] == "s-001,ada,Ada Lovelace,56,late,2026-09-21T23:00:00+00:00,,missing,,56"


def test_a_commit_dated_before_the_due_date_is_late_all_the_same(serve, workshop, collect, table):
    late = workshop.repository_graded(30, 40, DUE + timedelta(hours=1))
    forged = replace(late, head=replace(late.head, committed_at=DUE - timedelta(days=9)))
    collect(serve(forged))
    assert table()[1].split(",")[3:5] == ["63", "late"]


def test_a_tampered_workflow_is_flagged_kept_and_does_not_count(serve, workshop, collect, table, events):
    collected = collect(serve(workshop.repository_with_files(__github="b" * 40)))
    assert table()[1] == "s-001,ada,Ada Lovelace,,flagged,,,missing,,0"
    assert events()[0].event.record.score == 70
    assert [item.repository for item in collected.report.undecided] == ["demo-course/01-tensor-ada"]
    assert collected.report.needs_a_person


def test_a_flagged_record_is_named_by_every_collection_until_somebody_decides(
    serve, workshop, collect, decide, events
):
    flagged = workshop.repository_with_files(__github="b" * 40)
    newer = [workshop.pushed(f"01-tensor-{login}", hours) for login, hours in (("linus", 0), ("grace-h", 9))]
    github = serve(*newer, flagged)
    collect(github)
    report = collect(github, page_size=1).report
    assert flagged.head.oid not in {item.commit for item in report.observations}
    assert [item.commit for item in report.undecided] == [flagged.head.oid]
    decide(events()[2].event, True)
    assert not collect(github, full=True).report.needs_a_person


def test_a_push_that_was_not_graded_yet_is_no_zero_and_needs_nobody(serve, workshop, collect, table):
    collected = collect(serve(workshop.repository(runs=())))
    assert table()[1] == "s-001,ada,Ada Lovelace,,not graded yet,,,missing,,0"
    assert not collected.report.needs_a_person


def test_the_untouched_starting_commit_without_a_run_is_missing(serve, workshop, collect, table, setting):
    repository = workshop.repository(runs=())
    started = replace(setting, expected=(replace(setting.expected[0], starter=repository.head.oid),))
    collect(serve(repository), started)
    assert table()[1] == "s-001,ada,Ada Lovelace,,missing,,,missing,,0"


def test_a_repeated_collection_changes_nothing(serve, workshop, collect, events, tmp_path):
    github = serve(workshop.repository(), workshop.repository("01-tensor-linus", runs=()))
    first = collect(github)
    csv, before = (tmp_path / "grades.csv").read_bytes(), events()
    again = collect(github)
    assert (first.report.recorded, again.report.recorded) == (2, 0)
    assert (tmp_path / "grades.csv").read_bytes() == csv
    assert events() == before


def test_a_run_that_ends_between_two_collections_becomes_a_grade(serve, workshop, collect, table, events):
    done = workshop.repository()
    github = serve(replace(done, runs=()))
    collect(github)
    github.repositories = [done]
    collect(github)
    assert table()[1].split(",")[3:5] == ["70", "graded"]
    assert [(item.revision, item.event.counts) for item in events()] == [(1, False), (2, True)]


def test_a_second_push_adds_to_the_history(serve, workshop, collect, table, events):
    github = serve(workshop.repository_graded(10, 10, DUE - timedelta(hours=2)))
    collect(github)
    newer = workshop.repository_graded(30, 10, DUE - timedelta(hours=1))
    github.repositories = [replace(newer, database_id=github.repositories[0].database_id)]
    collect(github)
    assert table()[1].split(",")[3] == "40"
    assert len(events()) == 2


def test_more_than_a_hundred_repositories_are_read_in_pages(serve, workshop, collect, setting, events):
    students = tuple(Student(f"s-{number}", f"login{number}", "") for number in range(250))
    github = serve(*(workshop.repository(f"01-tensor-login{number}") for number in range(250)))
    collected = collect(github, replace(setting, students=students))
    assert len(events()) == 250
    assert {grade.score for (_, id), grade in collected.grades.items() if id == "01_tensor"} == {70}
    assert (collected.report.requests, collected.report.points) == (3, 9)


def test_an_interruption_between_pages_loses_nothing_and_the_next_run_goes_on(
    serve, workshop, collect, setting, events
):
    students = tuple(Student(f"s-{number}", f"login{number}", "") for number in range(6))
    many = replace(setting, students=students)
    github = serve(*(workshop.repository(f"01-tensor-login{number}") for number in range(6)))

    def interrupt(report):
        if report.requests == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(github, many, page_size=2, on_step=interrupt)
    assert len(events()) == 4
    assert collect(github, many, page_size=2).report.recorded == 2
    assert len(events()) == 6


def test_a_github_that_goes_away_between_pages_loses_nothing(serve, workshop, collect, setting, events):
    students = tuple(Student(f"s-{number}", f"login{number}", "") for number in range(4))
    github = serve(
        *(workshop.repository(f"01-tensor-login{number}") for number in range(4)),
        faults=[None, *[Fault(status=502)] * 4],
    )
    with pytest.raises(GitHubError):
        collect(github, replace(setting, students=students), page_size=2)
    assert len(events()) == 2


def test_faults_on_the_way_change_nothing_in_the_result(serve, workshop, collect, table):
    faults = [Fault(status=502), Fault(status=429, headers={"retry-after": "0"}), Fault(truncate=900), None]
    collect(serve(workshop.repository(), faults=faults))
    assert table()[1].split(",")[3:5] == ["70", "graded"]


def test_one_bad_repository_stops_no_other_and_is_named(serve, workshop, collect, table):
    collected = collect(
        serve(
            workshop.repository("01-tensor-linus", fault="Something went wrong"),
            workshop.repository("01-tensor-\x1b[31mada"),
            workshop.repository(),
        )
    )
    assert table()[1].split(",")[3:5] == ["70", "graded"]
    assert [item.repository for item in collected.report.unreadable] == [
        "demo-course/01-tensor-linus",
        "demo-course/01-tensor-ada",
    ]
    assert collected.report.needs_a_person


def test_a_submission_of_somebody_unknown_is_named_and_other_repositories_are_only_listed(
    serve, workshop, collect
):
    report = collect(
        serve(workshop.repository("01-tensor-mallory"), workshop.repository("course-notes"))
    ).report
    assert [item.repository for item in report.strays] == ["demo-course/01-tensor-mallory"]
    assert [item.repository for item in report.unmatched] == [
        "demo-course/01-tensor-mallory",
        "demo-course/course-notes",
    ]
    assert report.needs_a_person


def test_a_course_whose_other_repositories_are_its_own_needs_nobody(serve, workshop, collect):
    assert not collect(serve(workshop.repository("course-notes"))).report.needs_a_person


def test_a_poisoned_record_is_flagged_and_the_rest_is_collected(serve, workshop, collect, table):
    poisoned = workshop.repository_with_run(
        annotations=(EmulatedAnnotation("TinyTorch grade record", '{"score": 1e999}'),)
    )
    collect(serve(poisoned, workshop.repository("01-tensor-linus")))
    assert [line.split(",")[4] for line in table()[1:]] == ["flagged", "missing", "graded"]


def test_records_from_two_repositories_of_one_student_are_named(serve, workshop, collect):
    github = serve(workshop.repository())
    collect(github)
    github.repositories = [workshop.repository()]
    [duplicate] = collect(github).report.duplicates
    assert (duplicate.student, duplicate.assignment) == ("s-001", "01_tensor")
    assert len(duplicate.repositories) == 2


def test_a_commit_in_the_repositories_of_two_students_is_named(serve, workshop, collect):
    """A123."""
    original = workshop.repository("01-tensor-ada")
    copied = replace(original, name="01-tensor-grace-h", database_id=77)
    report = collect(serve(copied, original, workshop.repository("01-tensor-linus"))).report
    assert attention(report) == [
        f"01_tensor: commit {original.head.oid[:12]} is in the repositories of s-001, s-002"
    ]
    assert report.needs_a_person


def test_a_shared_commit_needs_nobody_once_all_but_one_of_its_students_are_decided_about(
    serve, workshop, collect, decide, events
):
    original = workshop.repository("01-tensor-ada")
    github = serve(original, replace(original, name="01-tensor-grace-h", database_id=77))
    collect(github)
    decide(next(item.event for item in events() if item.event.student == "s-002"), False)
    assert not collect(github).report.needs_a_person


def test_the_commit_that_everybody_starts_from_is_nobodys_copy(serve, workshop, collect, setting):
    starter = workshop.repository("01-tensor-ada")
    begun = replace(setting, expected=(replace(setting.expected[0], starter=starter.head.oid),))
    same = replace(starter, name="01-tensor-grace-h", database_id=77)
    assert collect(serve(same, starter), begun).report.shared == []


def test_a_name_that_is_a_formula_is_neutralised_in_the_csv(serve, collect, setting, table):
    student = Student("s-001", "ada", '=HYPERLINK("https://evil.example","Ada")')
    collect(serve(), replace(setting, students=(student,)))
    assert table()[1].startswith('s-001,ada,"\'=HYPERLINK(""https://evil.example"",""Ada"")",')


def test_a_commit_with_several_runs_is_looked_at_closer_and_counts_where_they_agree(
    serve, workshop, collect, table
):
    again = {"created_at": DUE + timedelta(days=2), "event": "workflow_dispatch"}
    collected = collect(serve(workshop.repository_with_runs({}, again)))
    assert table()[1].split(",")[3:5] == ["70", "graded"]
    assert (collected.report.requests, collected.report.points) == (2, 4)
