"""The roster against what was collected."""

from __future__ import annotations

from autograding.gradebook.roster_check import look_at_roster

from .conftest import observed

RENAMED = observed(70).model_copy(update={"repository": "demo-course/01-tensor-countess"})


def test_a_roster_that_fits_what_was_collected_has_no_findings(desk):
    assert look_at_roster(desk(observed(70))) == []


def test_a_repository_under_another_login_is_named_with_its_id(desk):
    assert look_at_roster(desk(RENAMED)) == [
        "s-001: the roster says ada, but the repository demo-course/01-tensor-countess (id 9) was collected: "
        "has the login changed?"
    ]


def test_a_repository_that_was_renamed_since_counts_by_its_newest_name(desk):
    desk(RENAMED)
    assert look_at_roster(desk(observed(70, commit=2))) == []


def test_who_has_no_login_and_who_left_is_listed(desk, course_folder):
    (course_folder / "roster.csv").write_text("identifier,github_username\ns-003,\n")
    assert look_at_roster(desk(observed(70))) == [
        "s-003 has no GitHub login yet, so no repository is theirs",
        "s-001 is in the gradebook and not on the roster, so in no export",
    ]
