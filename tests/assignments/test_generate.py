"""`generate_assignments.py`: what it prints and how it exits."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from autograding.assignments.commands.generate import generate
from tests.assignments.conftest import Workshop

IN_FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC)
IN_MARCH = datetime(2027, 3, 1, tzinfo=UTC)


def run(workshop: Workshop, *names: str, now: datetime, reveal_open: bool = False) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    status = generate(console, workshop.root, names, workshop.output, now=now, reveal_open=reveal_open)
    return status, console.file.getvalue()


def test_all_assignments_are_rendered_with_a_line_each(workshop: Workshop) -> None:
    status, text = run(workshop, now=IN_MARCH)
    alpha, beta = text.splitlines()
    assert status == 0
    assert alpha.split()[0] == "01-alpha"
    assert "100 points" in alpha
    assert alpha.endswith(str(workshop.output / "01-alpha"))
    assert beta.split()[0] == "02-beta"


def test_an_unchanged_assignment_is_said_to_be_unchanged(workshop: Workshop) -> None:
    run(workshop, "alpha", now=IN_MARCH)
    status, text = run(workshop, "alpha", now=IN_MARCH)
    assert status == 0
    assert text.endswith("(unchanged)\n")


def test_by_default_what_would_reveal_an_open_module_waits(workshop: Workshop) -> None:
    status, text = run(workshop, now=IN_FEBRUARY)
    assert status == 0
    assert "02-beta              waits for 01_alpha (due 2027-02-12 23:59 UTC+01:00)" in text
    assert [path.name for path in workshop.output.iterdir()] == ["01-alpha"]


def test_what_would_reveal_an_open_module_is_refused_when_asked_for_by_name(workshop: Workshop) -> None:
    status, text = run(workshop, "beta", now=IN_FEBRUARY)
    assert status == 1
    assert "would reveal the solution of 01_alpha" in text


def test_reveal_open_renders_everything(workshop: Workshop) -> None:
    status, _ = run(workshop, now=IN_FEBRUARY, reveal_open=True)
    assert status == 0
    assert sorted(path.name for path in workshop.output.iterdir()) == ["01-alpha", "02-beta"]


def test_one_assignment_that_fails_does_not_stop_the_others(workshop: Workshop) -> None:
    workshop.write("modules/01_alpha/tests/test_more.py", "import nonexistent_package\n")
    status, text = run(workshop, now=IN_MARCH)
    assert status == 1
    assert "02-beta" in text
    assert "nonexistent_package" in text


def test_a_leak_is_shown_with_place_and_source(workshop: Workshop) -> None:
    workshop.write("template/help.md", "x\nreturn float(numbers.max() - numbers.min())\n")
    status, text = run(workshop, "alpha", now=IN_MARCH)
    assert status == 1
    assert "help.md:2: return float(numbers.max() - numbers.min())" in text
    assert "from modules/01_alpha/alpha.py:21 (solution)" in text


def test_an_assignment_may_be_named_in_every_way(workshop: Workshop) -> None:
    result = workshop.run(
        "generate_assignments.py",
        "1",
        "01",
        "alpha",
        "01_alpha",
        "01-alpha",
        "--output",
        str(workshop.output),
    )
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_an_unknown_assignment_exits_2_with_the_nearest_name(workshop: Workshop) -> None:
    result = workshop.run("generate_assignments.py", "alpah")
    assert result.returncode == 2
    assert "there is no assignment 'alpah'" in result.stdout
    assert "did you mean" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_a_wrong_course_file_exits_2(workshop: Workshop) -> None:
    workshop.write("classroom.yml", "course: [")
    result = workshop.run("generate_assignments.py")
    assert result.returncode == 2
    assert "classroom.yml" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_an_unknown_option_exits_2(workshop: Workshop) -> None:
    assert workshop.run("generate_assignments.py", "--ouput", "x").returncode == 2


def test_the_list_renders_nothing(workshop: Workshop) -> None:
    result = workshop.run("generate_assignments.py", "--list")
    assert result.returncode == 0
    alpha = result.stdout.splitlines()[1]
    assert alpha.split() == ["01_alpha", "Alpha", "100", "2027-02-01", "2027-02-12"]
    assert not (workshop.root / "build").exists()


def test_the_default_output_is_the_build_folder(workshop: Workshop) -> None:
    result = workshop.run("generate_assignments.py", "alpha")
    assert result.returncode == 0, result.stderr
    assert (workshop.root / "build/assignments/01-alpha/assignment.json").is_file()
