"""The cells of percent source, which jupytext reads, with a strict grammar for their options."""

from __future__ import annotations

import difflib
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import jupytext

from autograding.grader.errors import LessonError
from autograding.grader.notebook.export import EXPORT_LINE

OPTIONS = ("id", "exercise", "question", "tags")
TAGS = ("check", "parameters")
PLACEHOLDER = "Your answer"

_OPENING = re.compile(r"^(\s*)#\s*(?:%%(?P<depth>%*)(?:\s.*)?|<codecell>|In\[[0-9 ]*\]:?)\s*$")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,50}")
_DIRECTIVE = re.compile(r"^\s*#\s*\|")
_WRITTEN_BY_JUPYTEXT = ("lines_to_next_cell", "cell_marker")
_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


@dataclass(frozen=True)
class LessonCell:
    """One cell of a lesson.

    `role` is export, check, parameters, answer or empty. `exercise` and `question`
    are short ids. `line` is the line of the cell's `# %%`, so that line n of a code
    cell's source is line `line + n` of the file. `solution` says that the cell
    holds solutions, or held them before they were stripped.
    """

    id: str
    kind: str
    source: str
    role: str
    exercise: str | None
    question: str | None
    line: int
    solution: bool = False


@dataclass(frozen=True)
class Lesson:
    """The cells of a lesson and the file they stand in."""

    where: str
    cells: tuple[LessonCell, ...]


def split_cells(text: str, where: str) -> tuple[LessonCell, ...]:
    """The cells of percent source with their roles and ids, before their content is checked."""
    text = text.replace("\r\n", "\n")
    lines = _opening_lines(text, where)
    notebook = jupytext.reads(text, fmt=_FORMAT)
    if len(notebook.cells) != len(lines):
        raise LessonError(
            f"jupytext finds {len(notebook.cells)} cells where {len(lines)} lines open one",
            where=where,
            mend="look for `# %%` inside texts and Markdown code blocks",
        )
    raw = [_cell(cell, line, where) for cell, line in zip(notebook.cells, lines, strict=True)]
    _check_unique(raw, where)
    return tuple(_with_derived_ids(raw))


def place(where: str, line: int) -> str:
    """A position as editors understand it: `modules/01_tensor/tensor.py:12`."""
    return f"{where}:{line}"


def _opening_lines(text: str, where: str) -> list[int]:
    """The lines that open a cell, counted from 1."""
    quoted = _lines_inside_texts(text)
    lines = text.split("\n")
    first = _end_of_header(lines)
    opening: list[int] = []
    for number, line in enumerate(lines, 1):
        found = _OPENING.match(line)
        if number <= first or (not found and (opening or not line.strip())):
            continue
        if not found:
            raise LessonError(
                "text stands before the first cell",
                where=place(where, number),
                mend="open a cell above it: `# %%` for code, `# %% [markdown]` for prose",
            )
        if number in quoted:
            raise LessonError(
                "a line that opens a cell stands inside a text", where=place(where, number), mend="reword it"
            )
        if found["depth"] is None or found["depth"] or found[1]:
            raise LessonError(
                f"this is not how a cell begins here: {line.strip()!r}",
                where=place(where, number),
                mend="begin it with `# %%` or `# %% [markdown]` at the left margin",
            )
        opening.append(number)
    if not opening:
        raise LessonError("the lesson has no cells", where=where, mend="open the first one with `# %%`")
    return opening


def _end_of_header(lines: Sequence[str]) -> int:
    """The last line of jupytext's header (`# ---` to `# ---`), 0 without one."""
    marks = [number for number, line in enumerate(lines, 1) if line.rstrip() == "# ---"]
    return marks[1] if len(marks) > 1 and marks[0] == 1 else 0


def _lines_inside_texts(text: str) -> set[int]:
    """The lines that continue a string. A lesson that cannot be tokenized is refused later, with its line."""
    inside: set[int] = set()
    try:
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.STRING:
                inside |= set(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass
    return inside


def _cell(cell: Any, line: int, where: str) -> LessonCell:
    options = {key: value for key, value in cell.metadata.items() if key not in _WRITTEN_BY_JUPYTEXT}
    _check_options(cell.cell_type, options, line, where)
    role = _role(cell.cell_type, cell.source, options, line, where)
    identifier = options.get("id") or (options.get("question") if role == "answer" else None)
    if role and not identifier:
        raise LessonError(
            f"a cell with the role {role} needs an id",
            where=place(where, line),
            mend=f'write `# %% id="..."`{" with a name that stays the same for ever"}',
        )
    if role == "answer" and identifier != options["question"]:
        raise LessonError(
            f"the answer cell of question {options['question']} has the id {identifier}",
            where=place(where, line),
            mend=f'give both the same name: id="{options["question"]}" question="{options["question"]}"',
        )
    return LessonCell(
        identifier or "",
        cell.cell_type,
        cell.source,
        role,
        options.get("exercise"),
        options.get("question"),
        line,
    )


def _check_options(kind: str, options: dict[str, Any], line: int, where: str) -> None:
    here = place(where, line)
    if kind not in ("code", "markdown"):
        raise LessonError(f"a {kind} cell has no place in a lesson", where=here, mend="use [markdown]")
    for key, value in options.items():
        if key in ("incorrectly_encoded_metadata", "title", "region_name", "cell_depth"):
            raise LessonError(
                f"the options of the cell cannot be read: {value}",
                where=here,
                mend='write them as name="value", for example id="matmul" exercise="matmul" tags=["check"]',
            )
        if key not in OPTIONS:
            raise LessonError(
                f"unknown cell option {key!r}", where=here, mend=_nearest(key, OPTIONS, "the options are")
            )
        if key == "tags":
            _check_tags(kind, value, here)
        elif not isinstance(value, str) or not _ID.fullmatch(value):
            raise LessonError(
                f"{key}={value!r} is not a name",
                where=here,
                mend="use at most 50 letters, digits, - and _, in double quotes",
            )


def _check_tags(kind: str, tags: Any, here: str) -> None:
    if not isinstance(tags, list) or len(tags) != 1:
        raise LessonError(f"tags={tags!r} is not a list of one tag", where=here, mend='write tags=["check"]')
    if tags[0] not in TAGS:
        raise LessonError(
            f"unknown tag {tags[0]!r}", where=here, mend=_nearest(str(tags[0]), TAGS, "the tags are")
        )
    if kind != "code":
        raise LessonError(
            f"the tag {tags[0]} stands on a Markdown cell",
            where=here,
            mend="tags are for code cells: remove it, or remove [markdown]",
        )


def _nearest(word: str, known: Sequence[str], intro: str) -> str:
    close = difflib.get_close_matches(word, known, 1)
    listing = f"{intro} {', '.join(known)}"
    return f"did you mean {close[0]!r}? {listing}" if close else listing


def _role(kind: str, source: str, options: dict[str, Any], line: int, where: str) -> str:
    here = place(where, line)
    question, exercise = options.get("question"), options.get("exercise")
    if kind == "markdown":
        if exercise:
            raise LessonError(
                "exercise= stands on a Markdown cell", where=here, mend="it belongs on the code cell"
            )
        if question and PLACEHOLDER.lower() not in source.lower():
            raise LessonError(
                f"the answer cell of {question} has no placeholder",
                where=here,
                mend=f'its text must contain "{PLACEHOLDER}", for example: *{PLACEHOLDER} here.*',
            )
        return "answer" if question else ""
    if question:
        raise LessonError(
            f'question="{question}" stands on a code cell',
            where=here,
            mend="an answer is prose: make it `# %% [markdown]`",
        )
    exported = _is_exported(source, line, where)
    tag = options["tags"][0] if "tags" in options else ""
    if exported and tag:
        raise LessonError(
            f"an exported cell has the tag {tag}",
            where=here,
            mend=f"a {tag} cell does not go into the package: remove {EXPORT_LINE} or the tag",
        )
    if exercise and not exported and tag != "check":
        raise LessonError(
            f'exercise="{exercise}" stands on a cell that does not go into the package',
            where=here,
            mend=f"make {EXPORT_LINE} its first line, or remove exercise=",
        )
    return "export" if exported else tag


def _is_exported(source: str, line: int, where: str) -> bool:
    lines = source.split("\n")
    for number, text in enumerate(lines, 1):
        if _DIRECTIVE.match(text) and (text != EXPORT_LINE or number > 1):
            raise LessonError(
                f"this looks like an export line, but is none: {text.strip()!r}",
                where=place(where, line + number),
                mend=f"write exactly `{EXPORT_LINE}` as the first line of the cell",
            )
    return lines[0] == EXPORT_LINE


def _check_unique(cells: Sequence[LessonCell], where: str) -> None:
    for field in ("id", "question"):
        seen: dict[str, int] = {}
        for cell in cells:
            value = getattr(cell, field)
            if value and value in seen:
                raise LessonError(
                    f"the {field} {value!r} is taken by the cell in line {seen[value]}",
                    where=place(where, cell.line),
                    mend=f"give the cell another {field}",
                )
            if value:
                seen[value] = cell.line
    parameters = [cell for cell in cells if cell.role == "parameters"]
    if len(parameters) > 1:
        raise LessonError(
            f"a second parameters cell; the first is in line {parameters[0].line}",
            where=place(where, parameters[1].line),
            mend="papermill fills in one cell: put all parameters there",
        )


def _with_derived_ids(cells: Sequence[LessonCell]) -> Iterator[LessonCell]:
    """Cells without an id get one from the last named cell, so an insertion elsewhere changes nothing."""
    taken = {cell.id for cell in cells}
    base, count = "start", 0
    for cell in cells:
        if cell.id:
            base, count = cell.id, 0
            yield cell
            continue
        count += 1
        while f"{base}-{count}" in taken:
            count += 1
        yield replace(cell, id=f"{base}-{count}")
