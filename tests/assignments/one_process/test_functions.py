"""What counts as a change of a function, and what is a change that any test may notice."""

from __future__ import annotations

import pytest

from autograding.assignments.one_process.functions import changed_functions, read_source

SOURCE = '''\
"""A box."""
LIMIT = 3


class Box:
    kind = "box"

    def __init__(self, size=1):
        self.size = size

    @property
    def half(self):
        return self.size / 2

    @half.setter
    def half(self, value):
        self.size = value * 2


def twice(box):
    def double(size):
        return size * 2

    return double(box.size)
'''


def changed(old: str, new: str) -> frozenset[str] | None:
    assert SOURCE.count(old) == 1
    return changed_functions(read_source(SOURCE), read_source(SOURCE.replace(old, new)))


def test_another_body_is_a_change_of_that_function() -> None:
    assert changed("self.size = size", "self.size = size + 1") == {"Box.__init__"}


def test_a_getter_and_its_setter_are_two_functions() -> None:
    assert changed("self.size / 2", "self.size // 2") == {"Box.half"}
    assert changed("value * 2", "value") == {"Box.half'"}


def test_a_function_in_a_function_is_part_of_it() -> None:
    assert changed("size * 2\n", "size * 3\n") == {"twice"}


def test_comments_and_blank_lines_change_nothing() -> None:
    assert changed("        return size * 2\n", "        # Two.\n\n        return size * 2\n") == frozenset()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ('kind = "box"', 'kind = "bag"'),
        ("size=1", "size=2"),
        ("    @property\n", "    @property\n    @final\n"),
        ("def twice(box)", "def thrice(box)"),
        ("class Box:", "class Box(dict):"),
    ],
)
def test_what_runs_on_import_may_be_noticed_by_any_test(old: str, new: str) -> None:
    assert changed(old, new) is None


def test_a_line_belongs_to_the_function_around_it_from_its_first_decorator_on() -> None:
    source = read_source(SOURCE)
    lines = SOURCE.splitlines()
    assert source.at(lines.index("    @property") + 1) == "Box.half"
    assert source.at(lines.index("        return size * 2") + 1) == "twice"
    assert source.at(lines.index("LIMIT = 3") + 1) is None
