"""What a lesson's cells may be, and what their author is told otherwise."""

from __future__ import annotations

import pytest

from autograding.grader.errors import LessonError
from autograding.lesson import parse_lesson, read_lesson


def message(text: str) -> str:
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "box.py")
    return str(caught.value)


def test_cells_have_kind_role_id_and_line(lesson_text):
    cells = parse_lesson(lesson_text, "box.py").cells
    assert [(cell.line, cell.id, cell.kind, cell.role, cell.exercise, cell.question) for cell in cells] == [
        (8, "start-1", "markdown", "", None, None),
        (13, "imports", "code", "export", None, None),
        (17, "parameters", "code", "parameters", None, None),
        (20, "parameters-1", "markdown", "", None, None),
        (23, "box", "code", "export", "box", None),
        (37, "box-check", "code", "check", "box", None),
        (40, "box-check-1", "code", "", None, None),
        (43, "grow", "code", "export", "grow", None),
        (64, "q1", "markdown", "answer", None, "q1"),
    ]


def test_a_line_of_a_code_cell_is_found_in_the_file(lesson_text):
    box = parse_lesson(lesson_text, "box.py").cells[4]
    assert box.source.split("\n")[5] == lesson_text.split("\n")[box.line + 5]


def test_an_inserted_cell_leaves_the_ids_behind_the_next_named_cell_alone(lesson_text):
    changed = lesson_text.replace(
        "# %% [markdown]\n# ## The box", "# %%\n1 + 1\n\n# %% [markdown]\n# ## The box"
    )
    assert [cell.id for cell in parse_lesson(changed, "box.py").cells[3:]] == [
        "parameters-1",
        "parameters-2",
        "box",
        "box-check",
        "box-check-1",
        "grow",
        "q1",
    ]


def test_code_stands_in_the_notebook_as_it_stands_in_the_file():
    text = '# %% id="a"\n# !ls\n# %timeit f()\nx = 1\n'
    assert parse_lesson(text, "box.py").cells[0].source == "# !ls\n# %timeit f()\nx = 1"


def test_an_answer_cell_takes_its_id_from_its_question():
    text = '# %% [markdown] question="q1"\n# Your answer here.\n'
    assert parse_lesson(text, "box.py").cells[0].id == "q1"


def test_a_lesson_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(LessonError, match="the lesson cannot be read"):
        read_lesson(tmp_path / "no.py")


def test_a_lesson_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / "box.py"
    path.write_bytes(b"# %%\nx = '\xff'\n")
    with pytest.raises(LessonError, match="the file must exist and be UTF-8"):
        read_lesson(path)


def test_a_lesson_without_cells_is_refused():
    assert message("\n\n") == "box.py: the lesson has no cells\n  open the first one with `# %%`"


def test_text_before_the_first_cell_is_refused():
    assert message('"""A lesson."""\n\n# %%\nx = 1\n') == (
        "box.py:1: text stands before the first cell\n"
        "  open a cell above it: `# %%` for code, `# %% [markdown]` for prose"
    )


def test_a_cell_line_inside_a_text_is_refused():
    assert message('# %%\nx = """\n# %% two\n"""\n') == (
        "box.py:3: a line that opens a cell stands inside a text\n  reword it"
    )


@pytest.mark.parametrize("line", ["  # %%", "# %%%% deep", "# In[3]:", "# <codecell>"])
def test_other_ways_to_begin_a_cell_are_refused(line):
    assert message(f"# %%\nx = 1\n{line}\ny = 2\n") == (
        f"box.py:3: this is not how a cell begins here: {line.strip()!r}\n"
        "  begin it with `# %%` or `# %% [markdown]` at the left margin"
    )


@pytest.mark.parametrize("options", ["id=box", 'id="box', "tags=check", "The box", "[md]"])
def test_options_that_cannot_be_read_are_refused(options):
    assert message(f"# %%\nx = 1\n\n# %% {options}\ny = 2\n").startswith(
        "box.py:4: the options of the cell cannot be read"
    )


def test_an_unknown_option_is_refused_with_the_nearest_one():
    assert message('# %% id="a" exercize="a"\n#| export\n') == (
        "box.py:1: unknown cell option 'exercize'\n"
        "  did you mean 'exercise'? the options are id, exercise, question, tags"
    )


def test_an_unknown_tag_is_refused_with_the_nearest_one():
    assert message('# %% id="a" tags=["chek"]\nx = 1\n') == (
        "box.py:1: unknown tag 'chek'\n  did you mean 'check'? the tags are check, parameters"
    )


def test_two_tags_are_refused():
    assert message('# %% id="a" tags=["check", "parameters"]\nx = 1\n').startswith(
        "box.py:1: tags=['check', 'parameters'] is not a list of one tag"
    )


def test_an_id_with_a_blank_is_refused():
    assert message('# %% id="the box"\nx = 1\n') == (
        "box.py:1: id='the box' is not a name\n  use at most 50 letters, digits, - and _, in double quotes"
    )


def test_a_second_cell_with_an_id_is_refused():
    assert message('# %% id="a"\nx = 1\n\n# %% id="a"\ny = 2\n') == (
        "box.py:4: the id 'a' is taken by the cell in line 1\n  give the cell another id"
    )


def test_a_second_parameters_cell_is_refused():
    text = '# %% id="a" tags=["parameters"]\nx = 1\n\n# %% id="b" tags=["parameters"]\ny = 2\n'
    assert message(text).startswith("box.py:4: a second parameters cell; the first is in line 1")


@pytest.mark.parametrize(
    ("line", "role"), [('tags=["check"]', "check"), ('tags=["parameters"]', "parameters")]
)
def test_a_tagged_cell_needs_an_id(line, role):
    assert message(f"# %% {line}\nx = 1\n").startswith(f"box.py:1: a cell with the role {role} needs an id")


def test_an_exported_cell_needs_an_id():
    assert message("# %%\n#| export\nx = 1\n").startswith("box.py:1: a cell with the role export needs an id")


def test_an_answer_cell_with_another_id_is_refused():
    assert message('# %% [markdown] id="cost" question="q1"\n# Your answer\n') == (
        "box.py:1: the answer cell of question q1 has the id cost\n"
        '  give both the same name: id="q1" question="q1"'
    )


def test_an_answer_cell_without_a_placeholder_is_refused():
    assert message('# %% [markdown] question="q1"\n# Write here.\n') == (
        "box.py:1: the answer cell of q1 has no placeholder\n"
        '  its text must contain "Your answer", for example: *Your answer here.*'
    )


def test_a_question_on_a_code_cell_is_refused():
    assert message('# %% question="q1"\n# Your answer\n').startswith(
        'box.py:1: question="q1" stands on a code cell'
    )


def test_an_exercise_on_a_markdown_cell_is_refused():
    assert message('# %% [markdown] exercise="a"\n# Text\n').startswith(
        "box.py:1: exercise= stands on a Markdown cell"
    )


def test_a_tag_on_a_markdown_cell_is_refused():
    assert message('# %% [markdown] id="a" tags=["check"]\n# Text\n').startswith(
        "box.py:1: the tag check stands on a Markdown cell"
    )


def test_an_exercise_on_a_cell_that_is_not_exported_is_refused():
    assert message('# %% id="a" exercise="a"\nx = 1\n').startswith(
        'box.py:1: exercise="a" stands on a cell that does not go into the package'
    )


def test_an_exported_check_cell_is_refused():
    assert message('# %% id="a" tags=["check"]\n#| export\nx = 1\n').startswith(
        "box.py:1: an exported cell has the tag check"
    )


@pytest.mark.parametrize("line", ["#|export", "# | export", "#| exports", "#| hide", "#| export tensor"])
def test_something_that_is_nearly_an_export_line_is_refused(line):
    assert message(f'# %% id="a"\n{line}\nx = 1\n') == (
        f"box.py:2: this looks like an export line, but is none: {line!r}\n"
        "  write exactly `#| export` as the first line of the cell"
    )


def test_an_export_line_that_is_not_the_first_line_is_refused():
    assert message('# %% id="a"\nx = 1\n#| export\n').startswith(
        "box.py:3: this looks like an export line, but is none"
    )


def test_a_raw_cell_is_refused():
    assert message("# %% [raw]\n# text\n").startswith("box.py:1: a raw cell has no place in a lesson")


def test_a_cell_that_does_not_compile_alone_is_refused_with_its_line():
    assert message("# %%\ndef f():\n\n# %%\n    return 1\n") == (
        "box.py:2: the cell does not compile: "
        "expected an indented block after function definition on line 1\n"
        "  each cell must be complete Python of its own, for students run it alone"
    )


def test_a_notebook_command_is_refused():
    assert "is a notebook command, not Python" in message("# %%\nx = 1\n!ls\n")


def test_a_parameters_cell_with_a_computation_is_refused():
    assert message('# %% id="p" tags=["parameters"]\nQUICK = False\nN = 2 * size\n') == (
        "box.py:3: the parameters cell holds something else than constants\n"
        "  write plain assignments such as `QUICK = False`; compute elsewhere"
    )
