"""Whatever a student's text holds, it arrives as text and as nothing else."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograding.grader.report import text

PIECES = [
    "::error::x",
    "::set-output name=result::1",
    "##[group]",
    "\n",
    "\r",
    "\x1b[31m",
    "\x1b]8;;http://x\x07",
    "\x9b0m",
    "\u202e",
    "\u200b",
    "\u2028",
    "\U000e0041",
    "```",
    "`",
    "~~~",
    "|",
    "\\",
    "\\|",
    "[a](http://x)",
    "![a](http://x)",
    "<img src=x onerror=1>",
    "</details>",
    "<!-- -->",
    "&lt;",
    "&#64;",
    "@everyone",
    "#123",
    "GH-1",
    "http://evil.example",
    "www.evil.example",
    "a@b.example",
    ":tada:",
    "$x$",
    "**b**",
    "- ",
    "1. ",
    "# ",
    "> ",
    "===",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "\t=1",
    '"',
    ",",
    "%0A::error::",
    " ",
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)
COMMONMARK = MarkdownIt("commonmark", {"html": True}).enable("table")


class Page(HTMLParser):
    """The tags and the text of rendered HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.attributes: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(markdown: str) -> Page:
    return Page(COMMONMARK.render(markdown))


def squeezed(value: str) -> str:
    return " ".join(value.split())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<Box object at 0x7f3a5c0e1d90>", "<Box object at 0x…>"),
        (
            "from '/tmp/sandbox-a1_b2c3d/shown/package/tinytorch/core/box.py'",
            "from '…/tinytorch/core/box.py'",
        ),
        ("no file '/var/folders/x/grading-12345678/trusted/a.npz'", "no file '…/a.npz'"),
        ("/home/ada/01/.venv/lib/python3.11/site-packages/numpy/x.py", "…/site-packages/numpy/x.py"),
        ("(/opt/python/lib/python3.12/json/decoder.py)", "(…/python3.12/json/decoder.py)"),
        ("/tmp/ipykernel_4711/123.py", "…/123.py"),
        ("half \ud800", "half ?"),
        ("/home/ada/data.npz and 1/2, http://x/y, 0xff", "/home/ada/data.npz and 1/2, http://x/y, 0xff"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out_of_a_message(value: str, shown: str) -> None:
    assert text.steady(value) == shown


@given(HOSTILE)
def test_a_steady_message_is_steady_and_can_be_written(value: str) -> None:
    once = text.steady(value)
    assert text.steady(once) == once
    assert once.encode("utf-8").decode("utf-8") == once


@given(HOSTILE)
def test_no_hidden_character_survives(value: str) -> None:
    shown = set(text.visible(value)) - {"\n", "\t"}
    assert {unicodedata.category(character) for character in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@given(HOSTILE)
def test_making_visible_twice_changes_nothing_more(value: str) -> None:
    assert text.visible(text.visible(value)) == text.visible(value)


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Sm"], max_codepoint=0x2FF), max_size=40))
def test_ordinary_text_stays_as_it_is(value: str) -> None:
    assert text.visible(value) == value


@given(HOSTILE)
def test_no_line_of_a_log_is_a_workflow_command(value: str) -> None:
    lines = text.log(value).splitlines()
    assert [line for line in lines if line.lstrip().startswith("::") or "##[" in line] == []


@given(HOSTILE)
def test_a_log_line_is_one_line_and_no_command(value: str) -> None:
    line = text.log_line(value)
    assert len(line.splitlines()) <= 1
    assert not line.startswith("::")
    assert "##[" not in line


@given(HOSTILE)
def test_markdown_shows_exactly_the_text(value: str) -> None:
    page = rendered(text.markdown(value))
    assert squeezed(page.text) == text.one_line(value)
    assert set(page.tags) <= {"p"}


@given(HOSTILE)
def test_markdown_stays_in_its_table_cell(value: str) -> None:
    page = rendered(f"| a | b |\n|--|--|\n| {text.markdown(value)} | end |\n")
    assert page.tags.count("td") == 2
    assert squeezed(page.text).removeprefix("a b ").removesuffix("end").strip() == text.one_line(value)


@given(HOSTILE)
def test_inline_code_shows_exactly_the_text_in_a_table_cell(value: str) -> None:
    page = rendered(f"| a | b |\n|--|--|\n| {text.code(value)} | end |\n")
    assert page.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "code", "td"]
    assert squeezed(page.text).removeprefix("a b ").removesuffix("end").strip() == text.one_line(value)


@given(HOSTILE)
def test_a_fence_holds_everything(value: str) -> None:
    page = rendered(f"before\n\n{text.fence(value)}\n\nafter\n")
    assert page.tags == ["p", "pre", "code", "p"]


@given(HOSTILE)
def test_github_finds_nothing_to_link(value: str) -> None:
    nodes = unescape((text.markdown(value) + " " + text.code(value)).replace("<!-- -->", "\0"))
    assert re.findall(r"@\w|#\w|\bwww\.|https?:|ftp:|\bGH-\d", nodes, re.IGNORECASE) == []


@given(HOSTILE)
def test_html_has_no_tag_and_no_broken_attribute(value: str) -> None:
    page = Page(f'<p title="{text.html(value)}">{text.html(value)}</p>')
    assert page.tags == ["p"]
    assert page.attributes == ["title"]
    assert page.text == text.cut(text.visible(value), 4000)


@given(HOSTILE)
def test_a_browser_builds_one_element_with_the_text_alone(value: str) -> None:
    """html5lib parses as the HTML standard tells browsers to."""
    shown = text.html(value)
    [element] = html5lib.parseFragment(f'<p title="{shown}">{shown}</p>', namespaceHTMLElements=False)
    assert (element.tag, len(element)) == ("p", 0)
    assert element.attrib == {"title": text.cut(text.visible(value), 4000)}
    assert (element.text or "") == text.cut(text.visible(value), 4000)


@given(HOSTILE)
def test_a_spreadsheet_cell_is_no_formula_and_survives_csv(value: str) -> None:
    cell = text.csv_cell(value)
    file = io.StringIO()
    csv.writer(file).writerow([cell, "end"])
    assert list(csv.reader(io.StringIO(file.getvalue()))) == [[cell, "end"]]
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(HOSTILE)
def test_command_data_is_one_line_that_the_runner_decodes_again(value: str) -> None:
    data = text.command_data(value)
    assert "\n" not in data
    assert "\r" not in data
    assert data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == value


@given(HOSTILE)
def test_a_command_property_cannot_end_early(value: str) -> None:
    assert not set(text.command_property(value)) & {":", ",", "\n", "\r"}


@given(HOSTILE, st.integers(min_value=10, max_value=200))
def test_every_sink_keeps_to_its_limit(value: str, limit: int) -> None:
    assert len(text.one_line(value * 20, limit)) <= limit
    assert len(text.csv_cell(value * 20, limit)) <= limit + 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\u202eabc", "\\u{202e}abc"),
        ("a\u200bb", "a\\u{200b}b"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("nul\x00", "nul\\u{0}"),
        ("\ud800", "\\u{d800}"),
    ],
)
def test_what_a_reader_sees_of_hidden_characters(value: str, shown: str) -> None:
    assert text.visible(value) == shown


def test_a_fence_is_longer_than_any_run_of_backticks() -> None:
    assert text.fence("a\n`````\nb").startswith("``````text\n")


def test_a_long_text_says_that_it_was_cut() -> None:
    assert text.fence("x" * 5000, limit=100).count("x") < 100
    assert "[…]" in text.fence("x" * 5000, limit=100)


def test_many_lines_are_cut() -> None:
    assert text.fence("a\n" * 100, lines=5).splitlines() == ["```text", *["a"] * 5, "[…]", "```"]


def test_a_formula_in_a_name_is_shown_as_text() -> None:
    assert text.csv_cell('=HYPERLINK("http://evil")') == '\'=HYPERLINK("http://evil")'


def test_no_other_module_of_the_report_escapes_by_itself() -> None:
    folder = Path(text.__file__).parent
    others = [path for path in folder.glob("*.py") if path.name != "text.py"]
    assert [path.name for path in others if "html.escape" in path.read_text()] == []
