"""A course that is in order, and how assignments are found in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograding.course import load_assignments, load_course, transitive_prerequisites
from autograding.course.classroom import Classroom
from autograding.grader.errors import ConfigurationError
from autograding.grader.manifest import Exercise, Limits, Question
from tests.course.conftest import add_module

REPOSITORY = Path(__file__).parents[2]


def test_the_shipped_course_is_in_order_and_begins_with_the_setup() -> None:
    course = load_course(REPOSITORY)

    assert [assignment.id for assignment in course.assignments][:2] == ["00_setup", "01_tensor"]


def test_every_group_of_the_shipped_classroom_file_has_a_comment_above_it() -> None:
    text = (REPOSITORY / "classroom.yml").read_text(encoding="utf-8")

    assert set(re.findall(r"^#.*\n([a-z_]+):", text, re.MULTILINE)) == set(Classroom.model_fields)


def test_an_assignment_has_what_its_files_say(root: Path) -> None:
    beta = load_course(root).resolve("02_beta")

    assert (beta.number, beta.slug, beta.title) == ("02", "02-beta", "The beta module")
    assert beta.lesson == root / "modules" / "02_beta" / "beta.py"
    assert beta.tests == root / "modules" / "02_beta" / "tests"
    assert beta.package == "tinytorch.core.beta"
    assert beta.prerequisites == ("01_alpha",)
    assert beta.limits == Limits(call_seconds=5)
    assert beta.due == datetime(2027, 2, 13, 4, 59, tzinfo=UTC)


def test_exercises_and_questions_have_qualified_ids(root: Path) -> None:
    beta = load_course(root).resolve("02_beta")

    assert beta.exercises[1] == Exercise("02.matmul", "Matrix product", 30)
    assert beta.questions[0] == Question("02.q1", "Bytes", 10, cell="q1")


@pytest.mark.parametrize("name", ["02_beta", "02-beta", "02", "2", "beta", "Beta", " 02_beta "])
def test_an_assignment_is_found_by_each_of_its_names(root: Path, name: str) -> None:
    assert load_course(root).resolve(name).id == "02_beta"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "bata",
            "there is no assignment 'bata'\n"
            "  did you mean beta? (assignments of this term: 01_alpha, 02_beta)",
        ),
        ("", "there is no assignment ''\n  assignments of this term: 01_alpha, 02_beta"),
        ("²", "there is no assignment '²'\n  assignments of this term: 01_alpha, 02_beta"),
        (
            "3",
            "03_gamma is a module but not an assignment of this term\n"
            "  add it below assignments: in classroom.yml, where now stand: 01_alpha, 02_beta",
        ),
    ],
)
def test_a_name_that_is_no_assignment_is_refused_with_the_nearest(
    root: Path, name: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_course(root).resolve(name)

    assert str(caught.value) == message


def test_a_module_that_is_not_in_the_classroom_file_is_not_part_of_the_term(root: Path) -> None:
    assert [assignment.id for assignment in load_course(root).assignments] == ["01_alpha", "02_beta"]


def test_a_broken_draft_that_nobody_needs_does_not_stop_the_course(root: Path) -> None:
    (root / "modules" / "03_gamma" / "module.yml").write_text("title: [", encoding="utf-8")

    assert len(load_course(root).assignments) == 2


def test_a_prerequisite_outside_the_term_is_known_but_not_an_assignment(root: Path) -> None:
    schedule(root, "  - id: 02_beta\n")
    course = load_course(root)

    assert [assignment.id for assignment in course.assignments] == ["02_beta"]
    assert [(module.id, module.due) for module in course.known] == [("01_alpha", None), ("02_beta", None)]


def test_all_modules_are_known_whether_or_not_the_term_uses_them(root: Path) -> None:
    schedule(root, "  - id: 01_alpha\n")

    assert [module.id for module in load_assignments(root)] == ["01_alpha", "02_beta", "03_gamma"]


def test_prerequisites_of_prerequisites_come_in_course_order(root: Path) -> None:
    add_module(root, "04_delta", "[03_gamma, 01_alpha]")
    schedule(root, "  - id: 04_delta\n")
    course = load_course(root)

    found = transitive_prerequisites(course, course.resolve("delta"))

    assert [assignment.id for assignment in found] == ["01_alpha", "02_beta", "03_gamma"]


def test_a_prerequisite_with_a_higher_number_still_comes_first(root: Path) -> None:
    add_module(root, "04_delta", "[05_epsilon]")
    add_module(root, "05_epsilon", "[]")
    schedule(root, "  - id: 04_delta\n  - id: 05_epsilon\n")

    assert [assignment.id for assignment in load_course(root).assignments] == ["05_epsilon", "04_delta"]


def test_every_cycle_is_named(root: Path) -> None:
    for first, second in (("04_delta", "05_epsilon"), ("05_epsilon", "04_delta"), ("06_zeta", "06_zeta")):
        add_module(root, first, f"[{second}]")
    schedule(root, "  - id: 04_delta\n  - id: 06_zeta\n")

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == (
        "modules/05_epsilon/module.yml:5: prerequisites[0]: "
        "the prerequisites form a cycle: 04_delta → 05_epsilon → 04_delta\n"
        "modules/06_zeta/module.yml:5: prerequisites[0]: "
        "the prerequisites form a cycle: 06_zeta → 06_zeta"
    )


def test_a_module_without_visible_tests_is_refused(root: Path) -> None:
    tests = root / "modules" / "02_beta" / "tests"
    (tests / "test_beta.py").rename(tests / "test_beta_hidden.py")

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == (
        "modules/02_beta/module.yml:1: the module has no visible tests in tests/\n"
        "  add tests/test_beta.py, the tests that students get"
    )


def test_a_folder_without_module_file_is_refused_when_the_term_needs_it(root: Path) -> None:
    (root / "modules" / "02_beta" / "module.yml").unlink()

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == "modules/02_beta/module.yml: there is no such file"


def test_mistakes_of_several_files_are_reported_together(root: Path) -> None:
    (root / "modules" / "01_alpha" / "module.yml").write_text("title: [", encoding="utf-8")
    (root / "modules" / "02_beta" / "module.yml").write_bytes(b"\xff")
    classroom = root / "classroom.yml"
    classroom.write_text(classroom.read_text().replace("final: 15", "final: 14"), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == (
        "classroom.yml:13: weights: expected numbers that add up to 100, got 64 + 6 + 15 + 14 = 99\n"
        "modules/01_alpha/module.yml:1: not valid YAML: a value or a closing bracket is missing here\n"
        "  look at the line above too\n"
        "modules/02_beta/module.yml:1: expected text in UTF-8\n"
        "  save the file as UTF-8 (in Excel: CSV UTF-8)"
    )


def test_a_folder_that_is_no_course_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_course(tmp_path)

    assert str(caught.value) == (
        "classroom.yml: there is no such file\n  run the command in the folder that holds classroom.yml"
    )


def test_a_folder_in_the_place_of_the_file_is_refused(root: Path) -> None:
    (root / "classroom.yml").unlink()
    (root / "classroom.yml").mkdir()

    with pytest.raises(ConfigurationError) as caught:
        load_course(root)

    assert str(caught.value) == "classroom.yml: the file cannot be read: Is a directory"


def test_dates_late_policy_and_graders_may_be_left_out(root: Path) -> None:
    text = (root / "classroom.yml").read_text(encoding="utf-8")
    (root / "classroom.yml").write_text(text[: text.index("late:")], encoding="utf-8")
    course = load_course(root)

    assert (course.graders, course.roster, course.late.penalty_per_day) == ((), None, 0)
    assert (course.default_branch, course.prerequisites) == ("main", "reference")


def test_a_classroom_file_with_byte_order_mark_and_windows_line_ends_is_read(root: Path) -> None:
    classroom = root / "classroom.yml"
    text = classroom.read_text(encoding="utf-8")
    classroom.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert load_course(root).title == "Example course"


def test_a_mistake_is_shown_without_traceback_by_a_fresh_interpreter(root: Path) -> None:
    (root / "classroom.yml").write_text("kurs:\n", encoding="utf-8")
    program = (
        "from pathlib import Path\n"
        "from autograding.course import load_course\n"
        "from autograding.grader.errors import ClassroomError\n"
        "try:\n"
        "    load_course(Path('.'))\n"
        "except ClassroomError as error:\n"
        "    print(error)\n"
    )

    result = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)

    assert "classroom.yml:1: kurs: unknown key\n" in result.stdout
    assert result.stderr == ""


def schedule(root: Path, entries: str) -> None:
    """Let the term consist of these assignments."""
    text = (root / "classroom.yml").read_text(encoding="utf-8")
    before, after = text[: text.index("  - id:")], text[text.index("weights:") :]
    (root / "classroom.yml").write_text(before + entries + after, encoding="utf-8")


def test_a_milestone_is_an_assignment_of_its_own_kind(root: Path) -> None:
    add_milestone(root)
    milestone = load_course(root).resolve("1958")
    assert (milestone.id, milestone.number, milestone.name, milestone.slug, milestone.kind) == (
        "1958_omega",
        "1958",
        "omega",
        "1958-omega",
        "milestone",
    )


def test_a_milestone_counts_as_the_part_that_the_classroom_file_says(root: Path) -> None:
    add_milestone(root, part="midterm")
    parts = [item.part for item in load_course(root).assignments]
    assert parts == ["modules", "modules", "midterm"]


def test_a_milestone_in_the_folder_of_modules_is_not_found(root: Path) -> None:
    add_milestone(root)
    (root / "milestones" / "1958_omega").rename(root / "modules" / "1958_omega")
    with pytest.raises(ConfigurationError, match="there is no folder milestones/1958_omega"):
        load_course(root)


def test_a_data_file_that_is_not_there_is_named(root: Path) -> None:
    path = root / "modules" / "02_beta" / "module.yml"
    path.write_text(path.read_text(encoding="utf-8") + "data: [digits.npz]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"there is no file data/digits\.npz in this folder"):
        load_course(root)


def add_milestone(root: Path, part: str = "modules") -> None:
    shutil.copytree(root / "modules" / "02_beta", root / "milestones" / "1958_omega")
    folder = root / "milestones" / "1958_omega"
    text = (folder / "module.yml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("tier:")]
    text = "\n".join(kept).replace("tinytorch.core.beta", "tinytorch.milestones.omega")
    (folder / "milestone.yml").write_text(text + "\n", encoding="utf-8")
    classroom = root / "classroom.yml"
    entry = f"  - id: 1958_omega\n    part: {part}\n"
    classroom.write_text(
        classroom.read_text(encoding="utf-8").replace("assignments:\n", f"assignments:\n{entry}"),
        encoding="utf-8",
    )
