"""What a final grade says of where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograding.grader.errors import ConfigurationError
from autograding.regrade.origin import origin_of, secret_name
from tests.regrade.classroom import SECRET, Classroom, copied
from tests.regrade.repositories import git


@pytest.fixture
def own(classroom: Classroom, tmp_path: Path) -> Classroom:
    return copied(classroom, tmp_path)


def test_the_origin_is_the_commit_of_the_course(classroom: Classroom) -> None:
    origin = classroom.origin
    assert origin.course_commit == git(classroom.root, "rev-parse", "HEAD")
    assert not origin.dirty


def test_a_change_that_is_in_no_commit_is_refused(own: Classroom) -> None:
    with (own.root / "modules/01_alpha/tests/test_alpha_hidden.py").open("a") as tests:
        tests.write("# changed\n")
    with pytest.raises(ConfigurationError, match="could never be made again"):
        origin_of(own.course, own.alpha, SECRET)


def test_a_file_that_was_never_committed_is_a_change_too(own: Classroom) -> None:
    (own.root / "modules/01_alpha/tests/x_hidden.npz").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="x_hidden"):
        origin_of(own.course, own.alpha, SECRET)


def test_a_try_with_changes_is_marked(own: Classroom) -> None:
    (own.root / "classroom.yml").write_text((own.root / "classroom.yml").read_text() + "# changed\n")
    assert origin_of(own.course, own.alpha, SECRET, allow_dirty=True).dirty


def test_roster_and_gradebook_change_without_harm(own: Classroom) -> None:
    with (own.root / "roster.csv").open("a") as roster:
        roster.write("fay@example.org,fay,6,Fay\n")
    (own.root / "gradebook.sqlite").write_bytes(b"")
    assert not own.origin.dirty


def test_a_course_outside_of_git_is_refused(own: Classroom) -> None:
    (own.root / ".git").rename(own.root / "not-git")
    with pytest.raises(ConfigurationError, match="not a git repository"):
        own.origin  # noqa: B018


def test_a_final_grade_needs_the_secret(classroom: Classroom) -> None:
    with pytest.raises(ConfigurationError, match="TINYTORCH_SECRET is not set"):
        origin_of(classroom.course, classroom.alpha, "")


def test_the_name_of_a_secret_is_the_same_for_the_same_secret_alone() -> None:
    assert secret_name("one") == secret_name("one") != secret_name("two")
    assert "one" not in secret_name("one")
