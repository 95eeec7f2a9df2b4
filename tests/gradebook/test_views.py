"""What people see who open the gradebook with sqlite3 or Datasette."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from autograding.gradebook.store import Gradebook

from .conftest import NOW, decided, excused, extended, final_graded, observed, overridden, scored

FLAGGED = observed(62.5, flags=("protected_changed", "several_suites"))


@pytest.fixture
def look(path):
    """Record events one by one and ask with plain SQL."""

    def look(sql, *events):
        with Gradebook(path) as book:
            for event in events:
                book.append([event], NOW)
        with closing(sqlite3.connect(path)) as database:
            return database.execute(sql).fetchall()

    return look


def test_current_records_show_each_commit_once_as_it_is_now(look):
    waiting = observed(None, flags=("not_run",))
    sql = "SELECT student, assignment, score, flags, run_id FROM current_records"
    assert look(sql, waiting, FLAGGED, waiting) == [
        ("s-001", "01_tensor", 62.5, "protected_changed, several_suites", 77)
    ]


def test_the_evidence_of_a_grade_stands_in_one_row(look):
    sql = "SELECT provisional_score, final_score, flags, decision, decided_by, run_page FROM grade_evidence"
    assert look(sql, FLAGGED, final_graded(50), decided(FLAGGED, True)) == [
        (
            62.5,
            50.0,
            "protected_changed, several_suites",
            "counts",
            "grader",
            "https://github.com/demo-course/01-tensor-ada/actions/runs/77",
        )
    ]


def test_every_kind_of_event_is_readable(look):
    events = [
        FLAGGED,
        final_graded(50),
        scored(9),
        scored(None),
        overridden(33),
        overridden(None),
        extended(NOW),
        extended(None),
        excused(),
        excused(excused=False),
        decided(FLAGGED, True),
        decided(FLAGGED, False),
        decided(FLAGGED, None),
    ]
    assert look("SELECT what, by_whom FROM readable_events", *events) == [
        (
            "commit 000000000000 of demo-course/01-tensor-ada: 62.5 points "
            "(flagged: protected_changed, several_suites)",
            "collection",
        ),
        ("final grade of commit 000000000000: 50.0 of 70.0", "collection"),
        ("question 01.q1: 9.0 points", "grader"),
        ("question 01.q1: score taken back", "grader"),
        ("points set to 33.0", "prof"),
        ("override lifted", "prof"),
        ("due 2026-09-21T08:00:00Z", "prof"),
        ("extension taken back", "prof"),
        ("excused", "prof"),
        ("no longer excused", "prof"),
        ("commit 000000000000 counts", "grader"),
        ("commit 000000000000 does not count", "grader"),
        ("commit 000000000000 is undecided again", "grader"),
    ]
