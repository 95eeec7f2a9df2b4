"""A regrade on several machines: planned on one, graded on each, gathered on one."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autograding.grader.errors import ConfigurationError
from autograding.regrade.fetch import Access
from autograding.regrade.files import PLAN, Folder, read, write
from autograding.regrade.model import FinalResult, Plan
from autograding.regrade.stages import Report, gather, grade_shard, plan_class
from tests.regrade.classroom import SECRET, Classroom
from tests.regrade.conftest import SCORES_ONLY
from tests.regrade.repositories import commit


@dataclass(frozen=True)
class Planned:
    classroom: Classroom
    planned: Folder
    plan: Plan
    results: Folder

    def gather(self) -> Report:
        return gather(self.classroom.course, self.planned, self.results)


@pytest.fixture(scope="module")
def finished(classroom: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Four students on two machines."""
    folder = tmp_path_factory.mktemp("shards")
    planned, results = Folder(folder / "plan"), Folder(folder / "results")
    chosen = classroom.chosen("Ann", "bob", "cyd", "eve")
    plan = plan_class(
        classroom.course, classroom.alpha, chosen, classroom.origin, SECRET, Access(), planned, jobs=2
    )
    for number in range(2):
        grade_shard(classroom.course, planned, (number, 2), results, SCORES_ONLY)
    return Planned(classroom, planned, plan, results)


@pytest.fixture
def own(finished: Planned, tmp_path: Path) -> Planned:
    """The same, to be changed."""
    planned = Path(shutil.copytree(finished.planned.path, tmp_path / "plan"))
    results = Path(shutil.copytree(finished.results.path, tmp_path / "results"))
    return replace(finished, planned=Folder(planned), results=Folder(results))


def change(own: Planned, login: str, **values: object) -> None:
    """Replace values in a student's result, as who could write to the machine's disk might."""
    [chosen] = own.classroom.chosen(login)
    path = own.results.result(chosen.key)
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def problems(report: Report) -> dict[str, str]:
    return {problem.chosen.login: problem.why for problem in report.problems}


def test_the_shards_share_what_could_be_fetched(finished: Planned) -> None:
    shares = [[item.login for item in finished.plan.shard(number, 2)] for number in range(2)]
    assert shares == [["Ann", "eve"], ["bob"]]


def test_together_they_grade_what_one_machine_would(finished: Planned, regraded) -> None:
    gathered = finished.gather()
    assert gathered.results == regraded.report.results


def test_what_was_not_fetched_is_reported_in_the_end(finished: Planned) -> None:
    assert list(problems(finished.gather())) == ["cyd"]


def test_neither_the_secret_nor_a_token_is_in_the_plan(
    classroom: Classroom, finished: Planned, tmp_path: Path
) -> None:
    """A108: what student code might find on a shard's disk would not be worth having."""
    folder = Folder(tmp_path / "plan")
    access = Access(token="ghp_theTokenOfTheCourse")
    plan_class(
        classroom.course,
        classroom.alpha,
        classroom.chosen("bob"),
        classroom.origin,
        SECRET,
        access,
        folder,
        1,
    )
    text = "".join(path.read_text() for path in folder.path.iterdir())
    assert SECRET not in text
    assert "ghp_theTokenOfTheCourse" not in text


def test_a_machine_that_stopped_leaves_its_share_without_a_grade(own: Planned) -> None:
    [bob] = own.classroom.chosen("bob")
    own.results.result(bob.key).unlink()
    assert problems(own.gather())["bob"] == "the machine that was to grade it did not come to it"


def test_a_result_of_another_student_is_refused(own: Planned) -> None:
    """A66, A140: a result counts for the commit that it was planned for."""
    ann, bob = own.classroom.chosen("Ann", "bob")
    shutil.copyfile(own.results.result(ann.key), own.results.result(bob.key))
    assert "is of another commit" in problems(own.gather())["bob"]


def test_a_result_of_another_course_commit_is_refused(own: Planned) -> None:
    """A141: nobody brings a grade made with older, weaker tests."""
    older = own.plan.origin.model_copy(update={"course_commit": "e" * 40})
    change(own, "bob", origin=older.model_dump())
    assert "made with another course" in problems(own.gather())["bob"]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"score": 70.0}, "the exercises do not add up to the score of 70"),
        ({"score": 80.0, "exercises": {"01.spread": 50, "01.label": 30}}, "01.spread has 50 of 40 points"),
        ({"exercises": {"01.spread": 40}}, "the exercises of the result are not those of the assignment"),
        ({"max_score": 40.0}, "40 of 40 points cannot be"),
        ({"score": -1.0}, "score: Input should be greater than or equal to 0"),
        ({"score": "NaN"}, "score: "),
        ({"answered": ["01.q9"]}, "answers questions that the assignment does not have"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
    ],
)
def test_a_result_that_cannot_be_is_refused(own: Planned, values: dict[str, object], why: str) -> None:
    """A65: points are checked against the course, whatever a machine reports."""
    change(own, "bob", **values)
    assert why in problems(own.gather())["bob"]


def test_a_result_that_nobody_planned_counts_for_nothing(own: Planned) -> None:
    [ann] = own.classroom.chosen("Ann")
    stranger = ann.model_copy(update={"login": "zed"})
    result = read(own.results.result(ann.key), FinalResult).model_copy(update={"chosen": stranger})
    write(own.results.result(stranger.key), result)
    assert {item.chosen.login for item in own.gather().results} == {"Ann", "bob", "eve"}


def test_another_checkout_of_the_course_does_not_grade_the_plan(own: Planned, tmp_path: Path) -> None:
    shutil.copytree(own.classroom.root, tmp_path / "course", symlinks=True)
    commit(tmp_path / "course", {"classroom.yml": (tmp_path / "course/classroom.yml").read_text() + "#\n"})
    room = replace(own.classroom, root=tmp_path / "course")
    with pytest.raises(ConfigurationError, match="and this is another"):
        grade_shard(room.course, own.planned, (0, 1), own.results, SCORES_ONLY)


def test_a_submission_of_another_plan_is_not_graded(own: Planned) -> None:
    ann, bob = own.classroom.chosen("Ann", "bob")
    shutil.copyfile(own.planned.prepared(ann.key), own.planned.prepared(bob.key))
    own.results.result(bob.key).unlink()
    report = grade_shard(own.classroom.course, own.planned, (1, 2), own.results, SCORES_ONLY)
    assert problems(report) == {"bob": "what was prepared belongs to another plan"}


def test_a_plan_of_nothing_is_a_plan(classroom: Classroom, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "plan")
    plan_class(classroom.course, classroom.alpha, (), classroom.origin, SECRET, Access(), folder, jobs=1)
    assert read(folder.path / PLAN, Plan).shard(0, 1) == ()
