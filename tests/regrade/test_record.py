"""Which commits are graded finally, and how the grades enter the gradebook (A115 to A118, A126)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograding.course.roster import load_roster
from autograding.gradebook.events import AnyEvent, GradeObserved, RaisedFlag, RecordedGrade, RunEvidence
from autograding.gradebook.policy import grade_everyone
from autograding.gradebook.setting import policy_of
from autograding.gradebook.store import Gradebook
from autograding.grader.errors import ConfigurationError
from autograding.regrade.model import Chosen, FinalResult, Origin
from autograding.regrade.record import chosen_by_policy, final_graded, record
from tests.regrade.classroom import Classroom
from tests.regrade.conftest import Regraded

DUE = datetime(2027, 2, 12, 22, 59, tzinfo=UTC)
IN_TIME, LATE = DUE - timedelta(days=1), DUE + timedelta(days=1)
POINTS = {"01.spread": 40.0, "01.label": 30.0}


def pushed(
    commit: str, at: datetime = IN_TIME, score: float = 70.0, *, flag: str = "", student: str = "ann"
) -> GradeObserved:
    """A push that the collection saw, with the server's time."""
    grade = RecordedGrade(
        score=score,
        max_score=70,
        exercises={name: points * score / 70 for name, points in POINTS.items()},
        answered=(),
        checkpoint=True,
        ran=True,
        sandbox="bubblewrap",
        flags=(),
    )
    run = RunEvidence(suite_created_at=at, run_created_at=at, run_id=1, check_id=1, conclusion="SUCCESS")
    return GradeObserved(
        assignment="01_alpha",
        student=f"{student}@example.org",
        repository_id=7,
        repository=f"org/01-alpha-{student}",
        commit=commit * 40,
        starter=False,
        run=None if flag == "not_run" else run,
        record=None if flag == "not_run" else grade,
        flags=(RaisedFlag(kind=flag, detail=""),) if flag else (),
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite"


def choose(room: Classroom, book: Path, *events: AnyEvent, again: bool = False) -> list[Chosen]:
    with Gradebook(book) as opened:
        for event in events:
            opened.append([event], DUE)
    students = load_roster(room.root / "roster.csv")
    return list(chosen_by_policy(room.course, room.alpha, students, book, again=again))


def commits(chosen: list[Chosen]) -> list[str]:
    return [item.commit[0] for item in chosen]


def test_the_last_commit_in_time_is_graded(classroom: Classroom, book: Path) -> None:
    earlier = pushed("a", IN_TIME - timedelta(days=2))
    assert choose(classroom, book, earlier, pushed("b", score=50)) == [
        Chosen(
            student="ann@example.org",
            login="Ann",
            repository="org/01-alpha-ann",
            repository_id=7,
            commit="b" * 40,
        )
    ]


def test_a_force_push_after_the_due_date_does_not_replace_what_was_there(
    classroom: Classroom, book: Path
) -> None:
    """A115, A116: the day of the push counts, however the commit is dated."""
    assert commits(choose(classroom, book, pushed("a"), pushed("b", LATE))) == ["a"]


def test_a_run_started_again_does_not_make_a_commit_later(classroom: Classroom, book: Path) -> None:
    """A118."""
    again = pushed("a").model_copy(update={"run": pushed("a").run.model_copy(update={"run_id": 2})})
    assert commits(choose(classroom, book, pushed("a"), again)) == ["a"]


def test_a_commit_whose_workflow_was_changed_is_graded_beside_the_one_that_counts(
    classroom: Classroom, book: Path
) -> None:
    """A01: only its notebook is taken, so what was changed cannot help."""
    tampered = pushed("b", IN_TIME + timedelta(hours=1), flag="protected_changed")
    assert commits(choose(classroom, book, pushed("a"), tampered)) == ["a", "b"]


def test_a_commit_that_was_never_run_is_graded(classroom: Classroom, book: Path) -> None:
    """A02, A126."""
    assert commits(choose(classroom, book, pushed("a", flag="not_run"))) == ["a"]


def test_what_has_its_final_grade_is_not_chosen_unless_asked_for(classroom: Classroom, book: Path) -> None:
    result = FinalResult(
        chosen=Chosen(student="ann@example.org", login="Ann", repository="org/x", commit="a" * 40),
        origin=Origin(assignment="01_alpha", course_commit="c" * 40, dirty=False, secret="0123"),
        score=55,
        max_score=70,
        exercises={"01.spread": 40, "01.label": 15},
        answered=(),
        checkpoint=True,
        sandbox="bubblewrap",
        flags=(),
    )
    assert choose(classroom, book, pushed("a"), final_graded(result)) == []
    assert commits(choose(classroom, book, again=True)) == ["a"]


def test_an_assignment_that_is_not_part_of_the_term_has_no_policy(classroom: Classroom, book: Path) -> None:
    choose(classroom, book)
    course = classroom.course
    other = replace(course, assignments=course.assignments[1:])
    with pytest.raises(ConfigurationError, match="01_alpha is not part of this term"):
        chosen_by_policy(other, classroom.alpha, (), book)


def test_a_student_without_a_login_is_named(classroom: Classroom, book: Path, tmp_path: Path) -> None:
    with Gradebook(book) as opened:
        opened.append([pushed("a")], DUE)
    roster = tmp_path / "roster.csv"
    roster.write_text("identifier,github_username\nann@example.org,\n")
    with pytest.raises(ConfigurationError, match=r"ann@example\.org has submitted, but has no login"):
        chosen_by_policy(classroom.course, classroom.alpha, load_roster(roster), book)


def test_without_a_gradebook_nobody_knows_what_counts(classroom: Classroom, book: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no gradebook here"):
        chosen_by_policy(classroom.course, classroom.alpha, (), book)
    assert not book.exists()


def test_a_final_grade_enters_the_gradebook_with_the_commit_of_the_course(
    regraded: Regraded, book: Path
) -> None:
    assert record(book, regraded.report.results) == 3
    with Gradebook(book) as opened:
        events = [item.event for item in opened.events()]
    ann = events[0]
    assert (ann.kind, ann.student, ann.score, ann.max_score) == ("final_graded", "ann@example.org", 70, 70)
    assert (ann.commit, ann.course_commit) == (
        regraded.classroom.commits["Ann"],
        regraded.classroom.origin.course_commit,
    )


def test_recording_twice_changes_nothing(regraded: Regraded, book: Path) -> None:
    record(book, regraded.report.results)
    assert record(book, regraded.report.results) == 0


def test_the_final_grade_is_what_counts_from_then_on(regraded: Regraded, book: Path) -> None:
    """A139, A140: a forged record of a push is worth nothing once its commit was graded here."""
    room = regraded.classroom
    bob = regraded.report.results[1]
    forged = pushed("b", score=70, student="bob").model_copy(update={"commit": bob.chosen.commit})
    with Gradebook(book) as opened:
        opened.append([forged, final_graded(bob)], DUE)
        grades = grade_everyone(
            opened.events(), ["bob@example.org"], room.course.assignments, policy_of(room.course)
        )
    grade = grades["bob@example.org", "01_alpha"]
    assert (grade.score, grade.final) == (40, True)
