"""A small course: two lessons with everything a lesson can hold."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograding.grader.manifest import Exercise, Question

LESSON = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
# ---

# %% [markdown]
# # Boxes
#
# A box holds a number.

# %% id="imports"
#| export
import math

# %% id="parameters" tags=["parameters"]
QUICK = False

# %% [markdown]
# ## The box

# %% id="box" exercise="box"
#| export
class Box:
    """A number in a box."""

    def __init__(self, value: float) -> None:
        ### BEGIN SOLUTION
        self.value = float(value)
        ### END SOLUTION

    def __repr__(self) -> str:
        return f"Box({self.value})"


# %% id="box-check" tags=["check"] exercise="box"
assert Box(3).value == 3.0, "a box keeps its value"

# %%
print(math.pi, QUICK)

# %% id="grow" exercise="grow"
#| export
class Box(Box):
    """A box that can grow."""

    def grow(self, factor: float) -> Box:
        """A box with `factor` times the value."""
        ### BEGIN SOLUTION
        # the value times the factor
        return Box(self.value * factor)
        ### END SOLUTION


def total(boxes: list[Box]) -> float:
    """The sum of the values of all boxes."""
    sizes = [box.value for box in boxes]
    ### BEGIN SOLUTION
    return math.fsum(sizes)
    ### END SOLUTION


# %% [markdown] id="q1" question="q1"
# *Your answer: what does a box cost?*
'''


@pytest.fixture
def lesson_text() -> str:
    return LESSON


@pytest.fixture
def cell():
    """Wrap the body of a code cell into a lesson whose line 1 is the cell line: body line n is line n + 1."""

    def wrap(body: str, options: str = 'id="a" exercise="a"') -> str:
        return f"# %% {options}\n" + textwrap.dedent(body)

    return wrap


@pytest.fixture
def assignment(tmp_path: Path) -> SimpleNamespace:
    """What a lesson needs to know of its assignment."""
    folder = tmp_path / "modules" / "01_box"
    folder.mkdir(parents=True)
    (folder / "box.py").write_text(LESSON, encoding="utf-8")
    (folder / "module.yml").write_text("title: Box\nforbidden:\n  - functions: [totals]\n", encoding="utf-8")
    return SimpleNamespace(
        id="01_box",
        number="01",
        kind="module",
        folder=folder,
        configuration=folder / "module.yml",
        forbidden=(),
        data=(),
        package="tinytorch.core.box",
        lesson=folder / "box.py",
        exercises=(Exercise("01.box", "The box", 40), Exercise("01.grow", "Growing", 30)),
        questions=(Question("01.q1", "Cost", 10, "q1"),),
    )
