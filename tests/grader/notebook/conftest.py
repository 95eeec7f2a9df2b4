"""A small manifest, and notebooks made of a few cells."""

from __future__ import annotations

import json

import pytest

from autograding.grader.manifest import Cell, Exercise, Manifest, Question
from autograding.grader.notebook.read import Notebook, read_notebook

IMPORTS = "#| export\nimport math"
BOX = '''#| export
class Box:
    """A number in a box."""

    def __init__(self, value):
        # YOUR CODE HERE
        raise NotImplementedError("01.box: Box.__init__ is not written yet")'''
GROW = """#| export
class Box(Box):
    def grow(self, factor):
        # YOUR CODE HERE
        raise NotImplementedError("01.grow: Box.grow is not written yet")

    def shrink(self, factor):
        # YOUR CODE HERE
        raise NotImplementedError("01.grow: Box.shrink is not written yet")"""
TOTAL = """#| export
def total(boxes):
    # YOUR CODE HERE
    raise NotImplementedError("01.total: total is not written yet")"""
PLACEHOLDER = "**Question 1**\n\n*Your answer in 100 to 200 words:*"


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        assignment="01_box",
        number="01",
        title="Box",
        notebook="box.ipynb",
        package="tinytorch.core.box",
        exercises=(Exercise("01.box", "Box", 40), Exercise("01.grow", "Grow", 30)),
        questions=(Question("01.q1", "Cost", 10, "q1"),),
        tests=(),
        cells=(
            Cell("imports", "export", stub=IMPORTS),
            Cell("parameters", "parameters"),
            Cell("box", "export", "01.box", ("Box", "Box.__init__"), BOX),
            Cell("box-check", "check", "01.box"),
            Cell("grow", "export", "01.grow", ("Box.grow", "Box.shrink"), GROW),
            Cell("total", "export", "01.total", ("total",), TOTAL),
            Cell("q1", "answer", stub=PLACEHOLDER),
        ),
    )


@pytest.fixture
def starter() -> dict[str, str]:
    """The source of each cell of the untouched notebook, by id, in order."""
    return {
        "imports": IMPORTS,
        "parameters": "QUICK = False",
        "box": BOX,
        "box-check": "assert Box(1)",
        "grow": GROW,
        "total": TOTAL,
        "q1": PLACEHOLDER,
    }


@pytest.fixture
def notebook():
    """A notebook of these cells: id to source. The cell q1 is Markdown, the others are code."""

    def make(cells: dict[str, str] | list[tuple[str, str]]) -> Notebook:
        pairs = cells.items() if isinstance(cells, dict) else cells
        return read_notebook(
            json.dumps(
                {
                    "nbformat": 4,
                    "nbformat_minor": 5,
                    "metadata": {},
                    "cells": [
                        {
                            "cell_type": "markdown" if identifier == "q1" else "code",
                            "id": identifier,
                            "metadata": {},
                            "source": source,
                        }
                        for identifier, source in pairs
                    ],
                }
            ).encode(),
            "box.ipynb",
        )

    return make
