"""Which questions are answered, and what of a notebook's shape a grader should know."""

from __future__ import annotations

import json

import pytest

from autograding.grader.grade import Flag, QuestionStatus
from autograding.grader.notebook.read import answers, read_notebook, structure_flags

from .conftest import PLACEHOLDER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLACEHOLDER, 0),
        (f"\n{PLACEHOLDER}  \n\n", 0),
        ("", 0),
        ("*** --- ...", 0),
        ("<!-- a note to myself -->", 0),
        (f"{PLACEHOLDER}\n\nIt moves 12 bytes.", 4),
        ("It moves 12 bytes.", 4),
        (f"{PLACEHOLDER} It moves 12 bytes.", 4),
        ("It's a well-known O(n^2) cost of 1.5 ms.", 10),
        ("Die Größe wächst", 3),
        ("Your answer is my answer", 5),
    ],
)
def test_words_beyond_the_placeholder_are_an_answer(manifest, notebook, text, words):
    assert answers(notebook({"q1": text}), manifest) == (QuestionStatus("01.q1", words, words > 0),)


def test_a_missing_answer_cell_is_no_answer(manifest, notebook):
    assert answers(notebook({"box": "x = 1"}), manifest) == (QuestionStatus("01.q1", 0, False),)


def test_the_longest_of_several_copies_counts(manifest, notebook):
    assert answers(notebook([("q1", "one"), ("q1", "one two")]), manifest)[0].words == 2


def test_without_a_manifest_entry_a_line_with_your_answer_is_the_placeholder(manifest, notebook):
    plain = type(manifest)(**(vars(manifest) | {"cells": ()}))
    found = answers(notebook({"q1": "*Your answer here.*\n\ntwo words"}), plain)
    assert found == (QuestionStatus("01.q1", 2, True),)


def test_the_starter_has_no_flags(manifest, notebook, starter):
    assert structure_flags(notebook(starter), manifest) == ()


def test_more_cells_are_no_flag(manifest, notebook, starter):
    assert structure_flags(notebook(starter | {"mine": "x = 1"}), manifest) == ()


def test_a_missing_cell_is_flagged(manifest, notebook, starter):
    del starter["grow"]
    assert structure_flags(notebook(starter), manifest) == (Flag("cell_missing", "the cell grow is missing"),)


def test_a_duplicated_cell_is_flagged(manifest, notebook, starter):
    cells = [*starter.items(), ("grow", starter["grow"])]
    assert structure_flags(notebook(cells), manifest) == (
        Flag("cell_duplicated", "the id grow stands on 2 cells"),
    )


def test_reordered_cells_are_flagged(manifest, notebook, starter):
    order = ["imports", "parameters", "grow", "box", "box-check", "total", "q1"]
    assert structure_flags(notebook({key: starter[key] for key in order}), manifest) == (
        Flag("cells_reordered", "the cell grow stands before a cell that it used to follow"),
    )


def test_a_code_cell_that_became_markdown_is_flagged(manifest, starter):
    cells = [
        {
            "cell_type": "markdown" if identifier in ("q1", "grow") else "code",
            "id": identifier,
            "source": source,
        }
        for identifier, source in starter.items()
    ]
    found = read_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode(), "box.ipynb")
    assert structure_flags(found, manifest) == (
        Flag("cell_not_code", "the cell grow (export) is now a markdown cell"),
    )


def test_characters_that_change_the_direction_of_text_are_flagged(manifest, notebook, starter):
    starter["total"] += "  # \u202e"
    assert [flag.kind for flag in structure_flags(notebook(starter), manifest)] == ["bidi_characters"]


def test_a_notebook_whose_ids_an_editor_dropped_is_flagged_once(manifest):
    content = {"nbformat": 4, "nbformat_minor": 0, "cells": [{"cell_type": "code", "source": ""}]}
    found = structure_flags(read_notebook(json.dumps(content).encode(), "box.ipynb"), manifest)
    assert [flag.kind for flag in found] == ["cell_ids_missing"]
