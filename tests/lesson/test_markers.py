"""Every mistake in a solution's markers, with the message its author sees."""

from __future__ import annotations

import pytest

from autograding.grader.errors import LessonError
from autograding.lesson import parse_lesson

EXACT = "write exactly `### BEGIN SOLUTION` or `### END SOLUTION`, alone on its line"


def message(text: str) -> str:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "box.py")
    return str(caught.value)


@pytest.mark.parametrize(
    "marker",
    [
        "###BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "## BEGIN SOLUTION",
        "#### BEGIN SOLUTION",
        "### BEGIN SOLUTON",
        "### BEGN SOLUTION",
        "### BEGIN  SOLUTION",
        "### BEGIN SOLUTIONS",
        "### BEGIN_SOLUTION",
        "### BEGIN SOLUTION:",
        "### begin solution",
        "### Begin Solution",
        "### START SOLUTION",
        "### BEGIN",
        "### BEGIN HIDDEN TESTS",
        "### BEGIN MARK SCHEME",
    ],
)
def test_something_that_is_nearly_a_marker_is_refused(cell, marker):
    text = cell(f"""\
        #| export
        def f():
            {marker}
            return 1
            ### END SOLUTION
        """)
    assert message(text) == f"box.py:4: this is not a solution marker: {marker!r}\n  {EXACT}"


@pytest.mark.parametrize(
    "marker", ["### END SOLUTON", "# END SOLUTION", "### end solution", "### STOP SOLUTION"]
)
def test_a_misspelt_end_is_refused(cell, marker):
    text = cell(f"""\
        #| export
        def f():
            ### BEGIN SOLUTION
            return 1
            {marker}
        """)
    assert message(text) == f"box.py:6: this is not a solution marker: {marker!r}\n  {EXACT}"


def test_a_marker_behind_code_is_refused(cell):
    text = cell("""\
        #| export
        def f():
            x = 1  ### BEGIN SOLUTION
            return x
            ### END SOLUTION
        """)
    assert message(text).startswith("box.py:4: this is not a solution marker: 'x = 1  ### BEGIN SOLUTION'")


def test_a_comment_about_solutions_is_not_a_marker(cell):
    text = cell("""\
        #| export
        def f():
            # The solution ends where the loop begins.
            ### BEGIN SOLUTION
            # a solution of the equation
            return 1
            ### END SOLUTION
        """)
    assert parse_lesson(text, "box.py").cells[0].solution


def test_an_end_without_a_begin_is_refused(cell):
    text = cell("""\
        #| export
        def f():
            return 1
            ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:5: `### END SOLUTION` without a `### BEGIN SOLUTION` before it in this cell\n"
        "  write `### BEGIN SOLUTION` above the first line of the solution, or remove this line"
    )


def test_a_begin_without_an_end_is_refused(cell):
    text = cell("""\
        #| export
        def f():
            ### BEGIN SOLUTION
            return 1

        # %%
        ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:4: `### BEGIN SOLUTION` without an `### END SOLUTION` in the same cell\n"
        "  write `### END SOLUTION` below the last line of the solution, indented like this line"
    )


def test_nested_solutions_are_refused(cell):
    text = cell("""\
        #| export
        def f():
            ### BEGIN SOLUTION
            x = 1
            ### BEGIN SOLUTION
            return x
            ### END SOLUTION
            ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:6: a solution begins inside the one that begins in line 4\n"
        "  close that one first with `### END SOLUTION`; solutions do not nest"
    )


def test_a_marker_in_markdown_is_refused():
    text = "# %% [markdown]\n# Write between\n#\n# ### BEGIN SOLUTION\n#\n# and the end.\n"
    assert message(text) == (
        "box.py:4: a solution marker stands in a Markdown cell: '# ### BEGIN SOLUTION'\n"
        "  solutions stand in code cells only: move it, or open a code cell above it with `# %%`"
    )


def test_a_marker_in_quoted_markdown_is_refused():
    text = '# %% [markdown]\n"""\nProse\n\n### END SOLUTION\n"""\n'
    assert message(text).startswith("box.py:5: a solution marker stands in a Markdown cell")


def test_a_solution_at_the_top_level_is_refused(cell):
    text = cell("""\
        #| export
        ### BEGIN SOLUTION
        TABLE = {1: 2}
        ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:3: a solution stands outside a function\n"
        "  only the body of a function can be a solution, so that the stub imports and runs"
    )


def test_a_solution_in_a_class_body_is_refused(cell):
    text = cell("""\
        #| export
        class Box:
            ### BEGIN SOLUTION
            size = 1
            ### END SOLUTION
        """)
    assert message(text).startswith("box.py:4: a solution stands outside a function")


def test_a_solution_that_holds_a_whole_method_is_refused(cell):
    text = cell("""\
        #| export
        class Box:
            ### BEGIN SOLUTION
            def size(self):
                return 1
            ### END SOLUTION
        """)
    assert message(text).startswith("box.py:4: a solution stands outside a function")


def test_a_solution_in_a_cell_without_an_exercise_is_refused(cell):
    text = cell(
        """\
        #| export
        def f():
            ### BEGIN SOLUTION
            return 1
            ### END SOLUTION
        """,
        'id="a"',
    )
    assert message(text) == (
        "box.py:4: a solution marker stands in a cell without an exercise\n"
        '  say on the cell line whose solution it is: `# %% id="..." exercise="..."`'
    )


def test_a_solution_in_a_cell_that_is_not_exported_is_refused(cell):
    text = cell(
        """\
        def f():
            ### BEGIN SOLUTION
            return 1
            ### END SOLUTION
        """,
        'id="a"',
    )
    assert message(text) == (
        "box.py:3: a solution marker stands in a cell that does not go into the package\n"
        "  make `#| export` the first line of the cell, or move the solution"
    )


@pytest.mark.parametrize("body", ["", "# only a comment", "pass", "...", '"""A text."""'])
def test_an_empty_solution_is_refused(cell, body):
    text = cell(f"""\
        #| export
        def f():
            x = 1
            ### BEGIN SOLUTION
            {body}
            ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:5: the solution is empty\n  write the solution between the markers, or remove them"
    )


def test_markers_with_different_indentation_are_refused(cell):
    text = cell("""\
        #| export
        def f(x):
            if x:
                ### BEGIN SOLUTION
                return 1
            ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:7: `### END SOLUTION` is not indented like its `### BEGIN SOLUTION` in line 5\n"
        "  indent both like the solution between them"
    )


def test_markers_at_the_margin_are_refused(cell):
    text = (
        '# %% id="a" exercise="a"\n#| export\ndef f():\n### BEGIN SOLUTION\n    return 1\n### END SOLUTION\n'
    )
    assert message(text) == (
        "box.py:5: the solution is not indented like its markers\n"
        "  indent markers and solution alike, with spaces, and end the region inside its function"
    )


def test_a_solution_indented_with_a_tab_between_markers_with_spaces_is_refused():
    text = (
        '# %% id="a" exercise="a"\n#| export\ndef f():\n'
        "        ### BEGIN SOLUTION\n\treturn 1\n        ### END SOLUTION\n"
    )
    assert message(text).startswith("box.py:5: the solution is not indented like its markers")


def test_a_solution_that_leaves_its_function_is_refused(cell):
    text = cell("""\
        #| export
        def f():
            ### BEGIN SOLUTION
            return 1


        def g():
            return 2
            ### END SOLUTION
        """)
    assert message(text).startswith("box.py:8: the solution is not indented like its markers")


def test_a_marker_inside_a_statement_is_refused(cell):
    text = cell("""\
        #| export
        def f():
            x = [
                1,
            ### BEGIN SOLUTION
            ]
            return x
            ### END SOLUTION
        """)
    assert message(text) == (
        "box.py:6: a marker stands in the middle of a statement\n  move it above or below the statement"
    )


def test_a_solution_that_takes_half_of_an_if_is_refused(cell):
    text = cell("""\
        #| export
        def f(x):
            ### BEGIN SOLUTION
            if x:
                return 1
            ### END SOLUTION
            else:
                return 2
        """)
    assert message(text) == (
        "box.py:4: without its solution the cell does not compile (invalid syntax)\n"
        "  put whole statements between the markers, so that one raise can stand in their place"
    )


def test_a_solution_that_does_not_compile_is_refused_with_its_line(cell):
    text = cell("""\
        #| export
        def f():
            ### BEGIN SOLUTION
            return (1
            ### END SOLUTION
        """)
    assert (
        message(text) == "box.py:5: the cell does not compile: '(' was never closed\n  mend the Python first"
    )
