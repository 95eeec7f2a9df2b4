"""What students get in place of a solution."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.lesson import parse_lesson, solution_lines, strip_solutions


@pytest.fixture
def stripped(lesson_text):
    return strip_solutions(parse_lesson(lesson_text, "box.py"), "01")


def test_a_solution_becomes_an_error_that_names_exercise_and_function(stripped):
    assert stripped.cells[4].source == (
        "#| export\n"
        "class Box:\n"
        '    """A number in a box."""\n'
        "\n"
        "    def __init__(self, value: float) -> None:\n"
        "        # YOUR CODE HERE\n"
        '        raise NotImplementedError("01.box: Box.__init__ is not written yet")\n'
        "\n"
        "    def __repr__(self) -> str:\n"
        '        return f"Box({self.value})"'
    )


def test_each_solution_of_a_cell_names_its_own_function_and_given_lines_stay(stripped):
    assert stripped.cells[7].source.split("\n")[5:] == [
        '        """A box with `factor` times the value."""',
        "        # YOUR CODE HERE",
        '        raise NotImplementedError("01.grow: Box.grow is not written yet")',
        "",
        "",
        "def total(boxes: list[Box]) -> float:",
        '    """The sum of the values of all boxes."""',
        "    sizes = [box.value for box in boxes]",
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("01.grow: total is not written yet")',
    ]


def test_everything_else_is_untouched(lesson_text, stripped):
    before = parse_lesson(lesson_text, "box.py").cells
    changed = [old.id for old, new in zip(before, stripped.cells, strict=True) if old.source != new.source]
    assert changed == ["box", "grow"]


def test_stripping_twice_changes_nothing(stripped):
    assert strip_solutions(stripped, "01") == stripped


def test_a_nested_function_is_named_by_its_path():
    text = (
        '# %% id="a" exercise="a"\n#| export\ndef outer():\n    def inner():\n'
        "        ### BEGIN SOLUTION\n        return 1\n        ### END SOLUTION\n    return inner\n"
    )
    assert (
        "01.a: outer.inner is not written yet"
        in strip_solutions(parse_lesson(text, "a.py"), "01").cells[0].source
    )


def test_solution_lines_are_all_lines_between_the_markers_with_their_place(lesson_text):
    lines = solution_lines(parse_lesson(lesson_text, "box.py"))
    assert [(line.line, line.text) for line in lines] == [
        (30, "self.value = float(value)"),
        (51, "# the value times the factor"),
        (52, "return Box(self.value * factor)"),
        (60, "return math.fsum(sizes)"),
    ]


def test_the_stripped_lesson_imports_and_its_stubs_raise_when_called(stripped, tmp_path):
    source = "\n".join(cell.source for cell in stripped.cells if cell.role == "export")
    (tmp_path / "box.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import box\ntry: box.total([])\nexcept NotImplementedError as e: print(e)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "01.grow: total is not written yet\n"


SOLUTION = st.sampled_from(
    [
        "alpha = 1",
        "if x:\n    beta = 2\nelse:\n    beta = 3",
        "for gamma in range(x):\n    x += gamma",
        'delta = """\n  text at the left\n"""',
        "# a comment that tells all",
        "def epsilon(y):\n    return y * 2",
        "with open(x) as zeta:\n    yield zeta",
        "return [\n    x,\n    x,\n]",
        "lambda eta: eta",
    ]
)


@given(blocks=st.lists(SOLUTION, min_size=1, max_size=6), depth=st.integers(1, 4), given_lines=st.booleans())
def test_stripping_removes_every_solution_line_and_leaves_python(blocks, depth, given_lines):
    body = ["### BEGIN SOLUTION", "theta = 8", *"\n".join(blocks).split("\n"), "### END SOLUTION"]
    opening = ["    " * level + "while given:" for level in range(1, depth)]
    indented = ["    " * depth + line for line in body]
    lines = ["def f(x):", *(["    given = x"] if given_lines else []), *opening, *indented]
    lesson = parse_lesson('# %% id="a" exercise="a"\n#| export\n' + "\n".join(lines), "a.py")
    source = strip_solutions(lesson, "01").cells[0].source
    compile(source, "a.py", "exec")
    left = {line.strip() for line in source.split("\n")}
    assert not left & {line.text for line in solution_lines(lesson)}
