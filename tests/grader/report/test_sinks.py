"""Each sink as its own reader shows it: GitHub's Markdown renderer, and a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pyte
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from rich.console import Console

from autograding.assignments.commands.grade import _print_grade
from autograding.assignments.commands.shared import report
from autograding.grader.errors import GradingError
from autograding.grader.grade import CellFailure, CheckpointResult, Flag, NotebookRun, TestGrade
from autograding.grader.report import text
from autograding.grader.report.console import render_console
from autograding.grader.report.summary import render_no_grade, render_summary
from tests.grader.report import samples
from tests.grader.report.test_text import HOSTILE, Page, squeezed

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b[H\x1b[31mred\r\n::error::x\n##[group]y\n\u202eevil\u200b"
    " [bold red]loud[/] [link=x]\n<img src=x onerror=1> ![](http://x) @all #1 https://x www.x.y"
    " ~~s~~ | \\| </details> ``` \n# 70 of 70 points"
)
GRADE = replace(
    samples.HALF_DONE,
    exercises=(
        replace(
            samples.MULTIPLIED, tests=(TestGrade(samples.MANIFEST.tests[1].id, "failed", 0, EVIL, EVIL),)
        ),
    ),
    checkpoint=CheckpointResult(False, EVIL),
    notebook=NotebookRun(
        False, CellFailure(EVIL, 3, EVIL), (CellFailure(EVIL, 4, EVIL),), (CellFailure(EVIL, 5, EVIL),)
    ),
    flags=(Flag("construct_not_allowed", EVIL),),
)


def github(markdown: str) -> Page:
    """The page that GitHub's own renderer makes, with raw HTML let through."""
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


def screen(output: str) -> pyte.Screen:
    """A terminal after `output`, whose first line says that it was not touched."""
    shown = pyte.Screen(columns=250, lines=80)
    pyte.Stream(shown).feed("untouched\r\n" + output.replace("\n", "\r\n"))
    return shown


def untouched(shown: pyte.Screen) -> bool:
    """Whether no escape sequence went through: title, first line and colours are as before."""
    first = "".join(shown.buffer[0][column].data for column in range(len("untouched")))
    return (shown.title, first, shown.cursor.attrs) == ("", "untouched", shown.default_char)


def test_the_attack_works_on_an_unprotected_terminal() -> None:
    assert not untouched(screen(EVIL))


@given(HOSTILE)
def test_github_renders_markdown_as_the_text_alone(value: str) -> None:
    page = github(text.markdown(value))
    assert squeezed(page.text) == text.one_line(value)
    assert set(page.tags) <= {"p"}


@given(HOSTILE)
def test_github_renders_inline_code_as_the_text_alone(value: str) -> None:
    page = github(f"| a | b |\n|--|--|\n| {text.code(value)} | end |\n")
    assert page.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]
    assert squeezed(page.text).removeprefix("a b ").removesuffix("end").strip() == text.one_line(value)


@given(HOSTILE)
def test_github_renders_a_fence_as_one_block(value: str) -> None:
    assert github(f"before\n\n{text.fence(value)}\n\nafter\n").tags == ["p", "pre", "code", "p"]


@pytest.mark.parametrize("summary", [render_summary(GRADE, samples.MANIFEST), render_no_grade(EVIL)])
def test_github_finds_no_link_image_or_second_headline_in_a_summary(summary: str) -> None:
    page = github(summary)
    assert page.tags.count("h1") == 1
    assert {"a", "img", "del", "details", "strong"} & set(page.tags) <= {"strong"}
    assert page.attributes.count("onerror") == 0


@given(HOSTILE)
def test_a_terminal_is_steered_by_no_text(value: str) -> None:
    for output in (text.terminal(value), text.log(value), text.log_line(value)):
        assert untouched(screen(output))


def test_a_terminal_shows_the_grade_and_nothing_else_happens() -> None:
    assert untouched(screen(render_console(GRADE, samples.MANIFEST)))


def lines_of(shown: pyte.Screen) -> list[str]:
    return [line.rstrip() for line in shown.display]


def test_the_scripts_show_flags_as_plain_text() -> None:
    out = io.StringIO()
    _print_grade(Console(file=out, force_terminal=True, width=240), GRADE, Path("out[bold]"))
    shown = screen(out.getvalue())
    assert untouched(shown)
    assert any("[bold red]loud[/] [link=x]" in line for line in lines_of(shown))
    assert [line for line in lines_of(shown) if line.startswith(("::", "##["))] == []


def test_the_scripts_show_an_error_as_plain_text() -> None:
    out = io.StringIO()
    status = report(
        Console(file=out, force_terminal=True, width=240), [GradingError(EVIL, where=EVIL, mend=EVIL)]
    )
    shown = screen(out.getvalue())
    assert (status, untouched(shown)) == (1, True)
    assert [line for line in lines_of(shown) if line.lstrip().startswith("::") or "##[" in line] == []
    assert any("[bold red]loud[/]" in line for line in lines_of(shown))


def test_no_other_part_of_the_project_escapes_by_itself() -> None:
    project = Path(text.__file__).parents[2]
    inside = [path for path in project.rglob("*.py") if path.name != "text.py"]
    doors = ("html.escape", "unicode_escape", "backslashreplace", "isprintable", "\\x1b")
    found = {path.name for path in inside for door in doors if door in path.read_text(encoding="utf-8")}
    assert found <= {"document.py", "roster.py"}
