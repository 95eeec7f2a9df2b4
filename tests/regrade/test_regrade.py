"""The final grade of a class on one machine: what is graded, what is kept, and what stops nothing else."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from autograding.assignments.final import Submission, final_seed
from autograding.grader.errors import ClassroomError
from autograding.regrade.fetch import Access
from autograding.regrade.files import Folder, locked, read
from autograding.regrade.model import FinalResult, Prepared, Problem
from autograding.regrade.stages import Report, regrade_class
from tests.regrade.classroom import SECRET, names
from tests.regrade.conftest import SCORES_ONLY, Regraded


def scores(regraded: Regraded) -> dict[str, float]:
    return {result.chosen.login: result.score for result in regraded.report.results}


def run(regraded: Regraded, folder: Folder, *logins: str, origin=None, secret: str = SECRET):
    room = regraded.classroom
    chosen = room.chosen(*logins)
    return regrade_class(
        room.course, room.alpha, chosen, origin or room.origin, secret, Access(), folder, SCORES_ONLY
    )


@pytest.fixture
def earlier(regraded: Regraded, tmp_path: Path) -> Folder:
    """A copy of the folder of a finished run."""
    return Folder(Path(shutil.copytree(regraded.folder.path, tmp_path / "01_alpha")))


def test_every_student_is_graded_with_hidden_tests(regraded: Regraded) -> None:
    assert scores(regraded) == {"Ann": 70, "bob": 40, "eve": 0}
    [ann, *_] = regraded.report.results
    record = json.loads((regraded.folder.details(ann.chosen.key) / "grade.json").read_text())
    ids = [test["id"] for exercise in record["exercises"] for test in exercise["tests"]]
    assert len(ids) == 6
    assert "tests/test_alpha_hidden.py::test_label_of_negative_zero" in ids


def test_what_cannot_be_fetched_is_listed_and_stops_nobody_else(regraded: Regraded) -> None:
    assert [(item.chosen.login, item.why) for item in regraded.report.problems] == [
        ("cyd", f"there is no folder {regraded.classroom.server / '01-alpha-cyd'}"),
        ("dan", "the repository has no such commit"),
    ]


def test_a_result_names_the_commit_the_course_and_the_secret_without_telling_it(regraded: Regraded) -> None:
    [ann, *_] = regraded.report.results
    assert ann.chosen.commit == regraded.classroom.commits["Ann"]
    assert ann.origin == regraded.classroom.origin
    text = "".join(path.read_text() for path in regraded.folder.path.rglob("*") if path.is_file())
    assert SECRET not in text


def test_a_broken_notebook_is_a_low_score_and_no_problem(regraded: Regraded) -> None:
    result = regraded.report.results[-1]
    assert (result.chosen.login, result.score, result.flags) == ("eve", 0, ("notebook_unreadable",))


def test_results_are_files_of_their_owner_alone(regraded: Regraded) -> None:
    """A166."""
    assert stat.S_IMODE(regraded.folder.path.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in regraded.folder.results()}
    assert modes == {0o600}


def test_the_students_part_of_a_final_grade_tells_nothing_of_a_hidden_test(regraded: Regraded) -> None:
    """A162: neither names nor values nor words of theirs, in the summary and in the student's copy."""
    bob = regraded.folder.details(regraded.report.results[1].chosen.key)
    record = json.loads((bob / "grade.json").read_text())
    [hidden] = [
        test
        for exercise in record["exercises"]
        for test in exercise["tests"]
        if "hidden" in test["id"] and test["outcome"] == "failed"
    ]
    for name in ("summary.md", "student.json"):
        text = (bob / name).read_text()
        assert "hidden" in text
        for secret in ("negative_zero", "negative zero", "-0.0", hidden["message"].partition("\n")[0]):
            assert secret not in text, name


def test_the_summary_says_how_much_of_the_hidden_tests_passed(regraded: Regraded) -> None:
    bob = regraded.folder.details(regraded.report.results[1].chosen.key)
    summary = (bob / "summary.md").read_text()
    assert "| Exercise | Points | Visible tests | Hidden tests |" in summary
    assert "| 40 / 40 | all 2 passed | passed |" in summary


def test_what_is_graded_is_kept_when_the_run_is_repeated(regraded: Regraded, earlier: Folder) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in earlier.results()}
    report = run(regraded, earlier, "Ann", "bob", "eve")
    assert report.kept == 3
    assert report.results == regraded.report.results
    assert {path.name: path.stat().st_mtime_ns for path in earlier.results()} == before


def test_another_commit_of_the_course_grades_again(regraded: Regraded, earlier: Folder) -> None:
    newer = regraded.classroom.origin.model_copy(update={"course_commit": "f" * 40})
    report = run(regraded, earlier, "bob", origin=newer)
    assert (report.kept, report.results[0].origin) == (0, newer)
    stored = read(earlier.result(report.results[0].chosen.key), FinalResult)
    assert stored == report.results[0]


def test_what_was_fetched_outlives_the_repository(regraded: Regraded, earlier: Folder) -> None:
    """A130, A131: a student who deletes the repository changes nothing about the grade."""
    chosen = regraded.classroom.chosen("bob")[0].model_copy(update={"repository": "./gone"})
    known = read(earlier.prepared(chosen.key), Prepared)
    earlier.result(chosen.key).unlink()
    earlier.prepared(chosen.key).write_text(
        known.model_copy(update={"chosen": chosen}).model_dump_json(by_alias=True)
    )
    room = regraded.classroom
    report = regrade_class(
        room.course, room.alpha, [chosen], room.origin, SECRET, Access(), earlier, SCORES_ONLY
    )
    assert [result.score for result in report.results] == [40]


@pytest.fixture(scope="module")
def mended(regraded: Regraded, tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Report]:
    """A folder in which Bob's result was damaged and Eve had a problem, graded once more."""
    folder = Folder(
        Path(shutil.copytree(regraded.folder.path, tmp_path_factory.mktemp("mended") / "01_alpha"))
    )
    bob, eve = regraded.classroom.chosen("bob", "eve")
    folder.result(bob.key).write_text('{"half": ')
    folder.result(eve.key).unlink()
    folder.problem(eve.key).write_text(Problem(chosen=eve, why="x").model_dump_json(by_alias=True))
    return folder, run(regraded, folder, "Ann", "bob", "eve")


def test_a_damaged_result_is_graded_again(mended: tuple[Folder, Report], regraded: Regraded) -> None:
    _, report = mended
    assert (report.kept, report.results) == (1, regraded.report.results)


def test_a_problem_is_gone_once_the_commit_is_graded(mended: tuple[Folder, Report]) -> None:
    folder, report = mended
    assert report.problems == ()
    assert not folder.problem(report.results[-1].chosen.key).exists()


def test_a_defect_or_a_full_disk_costs_only_the_submission_it_meets(
    regraded: Regraded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("autograding.regrade.grade.put_in_place", broken)
    folder = Folder(tmp_path / "01_alpha")
    report = run(regraded, folder, "eve")
    assert [problem.why for problem in report.problems] == ["OSError: [Errno 28] No space left on device"]
    eve = report.problems[0].chosen.key
    assert names(folder) == [f"{eve}.prepared.json", f"{eve}.problem.json"]


def test_two_regrades_do_not_write_into_one_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with (
        locked(folder),
        pytest.raises(ClassroomError, match="another regrade is writing here"),
        locked(folder),
    ):
        pass


def test_the_seed_of_a_final_grade_is_that_of_a_single_one(regraded: Regraded) -> None:
    """One student graded with `grade_submission.py --final` gets the inputs of the class."""
    [ann] = regraded.classroom.chosen("Ann")
    prepared = read(regraded.folder.prepared(ann.key), Prepared)
    assert prepared.seed == final_seed(SECRET, "ann", Submission(ann.commit, "01_alpha", None))
