"""How the edits of a known bug find their place."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograding.grader.errors import LessonError
from autograding.lesson import apply_edits

SOURCE = """\
class Box:
    def grow(self, factor):
        if factor:
            value = self.value * factor
            return Box(value)
        return self

    def shrink(self, factor):
        value = self.value / factor
        return Box(value)
"""


def edit(find: str, replace: str) -> SimpleNamespace:
    return SimpleNamespace(find=find, replace=replace)


def message(*edits: SimpleNamespace) -> str:
    with pytest.raises(LessonError) as caught:
        apply_edits(SOURCE, edits, "bugs/grow.yml")
    return str(caught.value)


def test_a_block_is_replaced_with_the_indentation_of_its_place():
    changed = apply_edits(
        SOURCE,
        [edit("value = self.value * factor\nreturn Box(value)\n", "self.value *= factor\n\nreturn self\n")],
        "bug.yml",
    )
    assert changed == SOURCE.replace(
        "            value = self.value * factor\n            return Box(value)\n",
        "            self.value *= factor\n\n            return self\n",
    )


def test_the_indentation_of_the_yaml_block_does_not_matter():
    changed = apply_edits(
        SOURCE, [edit("      value = self.value / factor\n", "    value = factor\n")], "bug.yml"
    )
    assert changed == SOURCE.replace("value = self.value / factor", "value = factor")


def test_deeper_lines_keep_their_depth():
    changed = apply_edits(
        SOURCE,
        [
            edit(
                "if factor:\n    value = self.value * factor\n    return Box(value)\nreturn self",
                "return Box(0)",
            )
        ],
        "bug.yml",
    )
    assert "    def grow(self, factor):\n        return Box(0)\n\n    def shrink" in changed


def test_an_empty_replacement_leaves_an_empty_line():
    changed = apply_edits(SOURCE, [edit("value = self.value / factor", "")], "bug.yml")
    assert "    def shrink(self, factor):\n\n        return Box(value)\n" in changed


def test_later_edits_see_what_earlier_ones_wrote():
    edits = [edit("return self", "return None"), edit("return None", "return 1")]
    assert apply_edits(SOURCE, edits, "bug.yml") == SOURCE.replace("return self", "return 1")


def test_a_block_that_is_not_there_is_named():
    assert message(edit("return self", "pass"), edit("value = 1\nreturn value", "pass")) == (
        "bugs/grow.yml: edit 2: the block to find occurs nowhere in the lesson, not once: 'value = 1'\n"
        "  quote whole lines of the solution as they stand now"
    )


def test_a_block_that_is_there_twice_is_named():
    assert message(edit("return Box(value)", "pass")) == (
        "bugs/grow.yml: edit 1: the block to find occurs twice in the lesson, not once: 'return Box(value)'\n"
        "  quote more lines around it, so that it is found once"
    )


def test_part_of_a_line_is_not_found():
    assert "occurs nowhere in the lesson" in message(edit("self.value / factor", "factor"))


def test_an_empty_find_is_refused():
    assert message(edit("\n", "pass")) == "bugs/grow.yml: edit 1: find is empty\n  quote the lines to replace"
