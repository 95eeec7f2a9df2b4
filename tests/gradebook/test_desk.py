"""What a person enters and asks: checked before it is recorded, told after it was."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograding.gradebook import entries
from autograding.gradebook.desk import enter, explain, open_desk
from autograding.gradebook.entries import Entry, read_scores
from autograding.grader.errors import ClassroomError, ConfigurationError

from .conftest import DUE, decided, excused, extended, final_graded, observed, overridden, scored

BERLIN = ZoneInfo("Europe/Berlin")
FLAGGED = observed(70, flags=("protected_changed",))


def entry(desk, reason="was ill", student="ada"):
    found, person, _ = desk.find("tensor", student)
    return Entry(found, person, "prof", reason)


def grade(desk):
    return desk.find("tensor", "ada")[2]


@pytest.fixture
def table(desk, tmp_path):
    """Read a table of scores written by graders."""

    def table(text, *events):
        (tmp_path / "scores.csv").write_text(text, encoding="utf-8")
        current = desk(*(events or [observed(70)]))
        return read_scores(
            tmp_path / "scores.csv", current.course, current.students, current.grades, "grader"
        )

    return table


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-10-01", datetime(2026, 10, 1, 23, 59, 59, tzinfo=BERLIN)),
        ("2026-10-01T18:00", datetime(2026, 10, 1, 18, tzinfo=BERLIN)),
        ("2026-10-01T18:00:00+00:00", datetime(2026, 10, 1, 20, tzinfo=BERLIN)),
    ],
)
def test_a_date_is_meant_in_the_zone_of_the_course_and_alone_is_the_end_of_its_day(desk, text, due):
    current = desk()
    assert entries.extension(entry(current), text, current.course).due == due


@pytest.mark.parametrize("text", ["2026-09-20", "tomorrow", "2026-13-01"])
def test_an_extension_to_no_later_date_is_refused(desk, text):
    current = desk()
    with pytest.raises(ConfigurationError):
        entries.extension(entry(current), text, current.course)


def test_what_has_no_due_date_cannot_be_extended(desk):
    current = desk()
    found, person, _ = current.find("activations", "ada")
    with pytest.raises(ConfigurationError, match="has no due date"):
        entries.extension(Entry(found, person, "prof", "ill"), "2027-01-01", current.course)


def test_nothing_is_entered_without_a_reason(desk):
    with pytest.raises(ConfigurationError, match="a reason is missing"):
        entry(desk(), reason="  ")


@pytest.mark.parametrize("text", ["70.5", "-1", "nan", "inf", "full", ""])
def test_points_out_of_range_are_refused(desk, text):
    with pytest.raises(ConfigurationError, match="expected points from 0 to 70"):
        entries.override(entry(desk()), text)


def test_a_decimal_comma_is_a_decimal_point(desk):
    assert entries.override(entry(desk()), "62,5").score == 62.5


def test_a_release_holds_for_the_record_as_it_is(desk):
    current = desk(FLAGGED)
    event = entries.decision(entry(current), grade(current), None, True)
    assert (event.score, event.flags, event.commit) == (70, FLAGGED.flags, FLAGGED.commit)


def test_a_commit_without_a_record_cannot_be_released(desk):
    current = desk(observed(None, flags=("not_run",)))
    with pytest.raises(ConfigurationError, match="has no grade record that could count"):
        entries.decision(entry(current), grade(current), None, True)


def test_a_commit_the_gradebook_does_not_know_is_refused_with_those_it_knows(desk):
    current = desk(FLAGGED)
    with pytest.raises(ConfigurationError, match="of one of these: 000000000000"):
        entries.decision(entry(current), grade(current), "abcdef0", True)


def test_entering_says_which_grades_changed(desk):
    current = desk(observed(60, DUE + timedelta(hours=20)))
    event = entries.extension(entry(current), "2026-09-30", current.course)
    assert enter(current, [event]) == ["recorded: 1", "s-001 01_tensor: 54 (late) -> 60 (graded)"]


def test_entering_the_same_again_records_nothing(desk, course_folder, path):
    current = desk(overridden(10))
    event = overridden(10)
    assert enter(current, [event]) == ["recorded: 0, 1 known already", "no grade changed"]
    assert len(open_desk(course_folder, path).events) == 1


def test_a_gradebook_that_is_not_there_is_not_made(course_folder, tmp_path):
    with pytest.raises(ClassroomError, match="there is no gradebook here"):
        open_desk(course_folder, tmp_path / "other.sqlite")
    assert not (tmp_path / "other.sqlite").exists()


def test_a_student_is_found_by_identifier_or_login_in_any_case(desk):
    current = desk()
    assert current.find("1", "S-002")[1] == current.find("01_tensor", "Grace")[1]


def test_a_student_who_is_not_there_is_refused_with_the_nearest(desk):
    with pytest.raises(ConfigurationError, match="did you mean grace"):
        desk().find("1", "grce")


def test_a_student_who_left_the_roster_can_still_be_asked_about(desk):
    gone = observed(70).model_copy(update={"student": "s-077"})
    assert "grade: 70 of 100 points (graded, provisional)" in explain(desk(gone), "s-077", "tensor")


def test_scores_of_a_table_are_events_about_the_commit_that_counts(table):
    events = table('assignment,student,question,points,comment\n1,ada,q1,9,good\n01,s-001,01.q2,"7,5",\n')
    assert [(item.question, item.points, item.comment, item.grader) for item in events] == [
        ("01.q1", 9, "good", "grader"),
        ("01.q2", 7.5, "", "grader"),
    ]
    assert {item.commit for item in events} == {f"{1:040x}"}


def test_a_row_without_points_is_not_scored_yet(table):
    assert table("assignment,student,question,points\n1,ada,q1,\n1,grace,q1,4\n")[0].student == "s-002"


def test_every_wrong_row_of_a_table_is_named_with_its_line(table):
    text = (
        "assignment,student,question,points\n1,ada,q1,9\n1,adda,q1,9\n9,ada,q1,9\n1,ada,q4,9\n"
        "1,ada,q2,11\n1,ada,q1,8\n1,ada,q3,1,2\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        table(text)
    assert re.findall(r"scores.csv:(\d): (.*)", str(caught.value)) == [
        ("3", "there is no student 'adda' on the roster or in the gradebook"),
        ("4", "there is no assignment '9'"),
        ("5", "01_tensor has no question 'q4'"),
        ("6", "expected points from 0 to 10, got '11'"),
        ("7", "s-001 has points for 01.q1 already, in line 2"),
        ("8", "expected at most 4 columns, got 5"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no scores"),
        ("assignment,student,points\n", "the column question is missing"),
        ("assignment,student,question,points,points\n", "the column points stands twice"),
        ('assignment,student,question,points\n1,"ada\n', "not valid CSV"),
    ],
)
def test_a_table_that_is_none_of_ours_is_refused(table, text, message):
    with pytest.raises(ConfigurationError, match=message):
        table(text)


def test_an_explanation_tells_every_step_from_the_push_to_the_points(desk):
    late = observed(62.5, DUE + timedelta(hours=30), commit=2)
    events = observed(40, commit=1), late, extended(DUE + timedelta(hours=24)), scored(9, commit=2)
    assert explain(desk(*events), "ada", "tensor") == [
        "Ada Lovelace (s-001, ada): 01_tensor",
        "",
        "due: 2026-09-21 00:00:00 +0200",
        "extension: to 2026-09-22 00:00:00 +0200: was ill (prof), entered 2026-09-21 10:00:00 +0200",
        "own date: days are charged from 2026-09-22 00:00:00 +0200",
        "rule: the last commit before the due date up to 15 minutes after it counts; "
        "later ones count less 10 % for each day begun, 50 % are kept",
        "",
        "commits",
        "  000000000000 pushed 2026-09-20 00:00:00 +0200: in time, 40 x 100 % = 40 of 70, provisional",
        "    evidence: event 1, https://github.com/demo-course/01-tensor-ada/actions/runs/77",
        "* 000000000000 pushed 2026-09-22 06:00:00 +0200: 1 day late, 62.5 x 90 % = 56.25 of 70, provisional",
        "    evidence: event 2, https://github.com/demo-course/01-tensor-ada/actions/runs/77",
        "",
        "exercises: 56.25 of 70, from the commit marked *",
        "  01.create: 30 of 30",
        "  01.matmul: 32.5 of 40",
        "answers: 8.1 of 30, 1 of 3 scored",
        "  01.q1: 9 of 10 x 90 % = 8.1, grader in commit 000000000000 on 2026-09-21 10:00:00 +0200",
        "  01.q2: waits for a grader",
        "  01.q3: waits for a grader",
        "checkpoint: passed",
        "",
        "grade: 64.35 of 100 points (late, provisional)",
    ]


def test_an_explanation_says_why_an_earlier_commit_in_time_does_not_count(desk):
    events = observed(70, DUE - timedelta(days=3), commit=1), observed(40, commit=2)
    lines = explain(desk(*events), "ada", "tensor")
    place = lines.index("    replaced by a later commit that is in time too")
    assert lines[place - 1].startswith("    evidence: event 1,")
    assert lines.count("    replaced by a later commit that is in time too") == 1


def test_an_explanation_names_final_grades_decisions_flags_and_overrides(desk):
    text = "\n".join(
        explain(desk(FLAGGED, final_graded(50), decided(FLAGGED, True), overridden(33)), "ada", "tensor")
    )
    assert (
        "final grade 50 on 2026-09-21 10:00:00 +0200 with the course at dddddddddddd; the push showed 70"
        in text
    )
    assert "decided that it counts: looked at the difference (grader)" in text
    assert "protected_changed" in text
    assert "exercises: 33 of 70, set by hand: a broken runner (prof), entered 2026-09-21" in text
    assert "grade: 33 of 100 points (overridden, final)" in text


def test_the_explanation_of_the_course_grade_adds_up(desk):
    lines = explain(desk(observed(70), excused("02_activations")), "ada", None)
    assert lines == [
        "Ada Lovelace (s-001, ada): the course",
        "",
        "01_tensor: 70 of 100 (graded, provisional): 63 of 90 %, checkpoint 10 of 10 %",
        "02_activations: - of 100 (excused, final): does not count",
        "",
        "course grade: 73 of 100 % (provisional); of what is graded so far 100 %",
    ]


def test_what_people_wrote_cannot_move_the_cursor_or_add_a_line(desk):
    evil = scored(9).model_copy(update={"comment": "fine\x1b[2J\ngrade: 100"})
    lines = explain(desk(observed(70), evil), "ada", "tensor")
    assert not any("\x1b" in line or "\n" in line for line in lines)
