"""Read a course file: a small, strict part of YAML in which every value knows its line.

Course files are written by hand, so what surprises people in YAML is left out:
no anchors and aliases, no tags, no duplicate keys, no dates or octal numbers
made of plain text (`no`, `on` and `012` are text here). What is left means what
it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from autograding.course.mistakes import ConfigurationMistakes, Mistake, shorten

SIZE_LIMIT = 256 * 1024
DEPTH_LIMIT = 20

Location = tuple[str | int, ...]
"""The way to a value: `("assignments", 1, "due")`."""


@dataclass(frozen=True)
class Document:
    """A course file as plain values, with the line of each of them.

    `where` is the name of the file in messages. `mistakes` are those of the
    form (duplicate keys) that do not keep the rest from being checked.
    """

    where: str
    value: Any
    lines: Mapping[Location, int]
    mistakes: tuple[Mistake, ...] = ()

    def line(self, location: Location) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def mistake(self, location: Location, what: str, mend: str | None = None) -> Mistake:
        """A mistake at a place of this file. The message begins with the key."""
        key = show_location(location)
        return Mistake(self.where, self.line(location), f"{key}: {what}" if key else what, mend)

    def get(self, *location: str | int) -> Any:
        """The value at a location as it was written, None where there is none."""
        value = self.value
        for step in location:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def items(self, *location: str | int) -> list[Location]:
        """The locations of the entries of a list; none where there is no list."""
        values = self.get(*location)
        return [(*location, index) for index in range(len(values))] if isinstance(values, list) else []


def show_location(location: Location) -> str:
    """A location as people write it: `assignments[1].due`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{show_key(step)}" if text else show_key(step)
    return text


def show_key(key: str) -> str:
    """A key as it stands in the file, or quoted where it would not be readable."""
    return shorten(key if key and key.isprintable() else repr(key))


def display(path: Path) -> str:
    """A path as short as it can be for someone in the current folder."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def read_document(path: Path, where: str | None = None) -> Document:
    """Read a course file. Raises ConfigurationError where it is not readable YAML of our kind."""
    where = display(path) if where is None else where
    return parse_document(read_text(path, where, SIZE_LIMIT), where)


def read_text(path: Path, where: str, size_limit: int) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises ConfigurationError."""
    try:
        with path.open("rb") as file:
            data = file.read(size_limit + 1)
    except FileNotFoundError:
        _stop(where, 0, "there is no such file")
    except (OSError, ValueError) as error:
        _stop(where, 0, f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(data) > size_limit:
        _stop(where, 0, f"the file is larger than {size_limit // 1024} KiB", "is this the file you meant?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _stop(where, line, "expected text in UTF-8", "save the file as UTF-8 (in Excel: CSV UTF-8)")


def parse_document(text: str, where: str) -> Document:
    """The document in a text. Raises ConfigurationError for anything that is not YAML of our kind."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _stop(where, line, "expected readable text, got a control character", "type the line anew")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what, mend = _explain(error)
        _stop(where, mark.line + 1 if mark else 1, what, mend)
    except (ValueError, OverflowError):
        line = loader.line + 1
        _stop(
            where,
            line,
            'an escape such as "\\U00110000" stands for no character',
            "write the character",
        )
    if node is None:
        return Document(where, None, {})
    reader = _Reader(where)
    value = reader.read(node, ())
    return Document(where, value, reader.lines, tuple(reader.mistakes))


class _Refused(yaml.MarkedYAMLError):
    """YAML that is valid but not for course files. `note` says how to mend it."""


class _Loader(yaml.SafeLoader):
    """Composes nodes; knows only null, true/false and decimal numbers besides text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node unless it is one of the things course files do without."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _Refused(None, None, "anchors (&) and aliases (*)", event.start_mark, "write it out")
        if getattr(event, "tag", None) is not None:
            raise _Refused(None, None, "tags (!)", event.start_mark, "put a text with ! in quotes")
        if self.depth >= DEPTH_LIMIT:
            raise _Refused(None, None, "so many levels", event.start_mark, f"use at most {DEPTH_LIMIT}")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# The loader starts without any of YAML's ways to read text as something else.
_Loader.yaml_implicit_resolvers = {}
_NULL, _BOOL, _INT, _FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))
for _tag, _pattern, _first in (
    (_NULL, r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    (_BOOL, r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    (_INT, r"[-+]?(?:0|[1-9][0-9]{0,17})", list("-+0123456789")),
    (_FLOAT, r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"{_pattern}\Z"), _first)


@dataclass
class _Reader:
    """Turns nodes into plain values and notes where each stood."""

    where: str
    lines: dict[Location, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def read(self, node: yaml.Node, location: Location) -> Any:
        # A value that begins on the line after its key is still found at its key.
        self.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*location, index)) for index, item in enumerate(node.value)]
        return _scalar(node.tag, self._text(node))

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                _stop(self.where, line, "expected a word as key, got a list or keys and values")
            # A key counts as it is written: 1, true and no are words here.
            key = self._text(key_node)
            place = (*location, key)
            if key in values:
                first = self.lines[place]
                what = f"{show_location(place)}: the key stands twice, first in line {first}"
                self.mistakes.append(Mistake(self.where, line, what, "keep one of the two"))
                continue
            self.lines[place] = line
            values[key] = self.read(value_node, place)
        return values

    def _text(self, node: yaml.Node) -> str:
        text: str = node.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            line = node.start_mark.line + 1
            _stop(self.where, line, "expected readable text, got half a character", "write the character")
        return text


def _scalar(tag: str, text: str) -> Any:
    if tag == _NULL:
        return None
    if tag == _BOOL:
        return text.lower() == "true"
    if tag == _INT:
        return int(text)
    if tag == _FLOAT:
        return float(text)
    return text


_ADVICE = (
    ("'\\t'", "a tab stands where only spaces may", "indent with spaces; most editors can be told to"),
    (
        "mapping values are not allowed",
        "a second ': ' in one line, or a line that is indented too far",
        "put a text that contains ': ' in quotes, and indent keys of one level alike",
    ),
    (
        "could not find expected ':'",
        "expected a colon after the key",
        "write it as key: value",
    ),
    (
        "expected <block end>",
        "this line does not fit the lines above it",
        "indent keys of one level alike, and begin each entry of a list with '- '",
    ),
    (
        "found unexpected end of stream",
        "a quotation mark is opened and never closed",
        "close it; look at the lines above too",
    ),
    (
        "expected the node content",
        "a value or a closing bracket is missing here",
        "look at the line above too",
    ),
    (
        "expected ',' or",
        "a bracket is opened and never closed",
        "close it, and separate values by commas",
    ),
    (
        "cannot start any token",
        "a text begins with a character that YAML uses itself",
        "put the text in quotes",
    ),
    (
        "expected alphabetic or numeric",
        "a text begins with a character that YAML uses itself",
        "put it in quotes",
    ),
    ("but found another document", "a second document begins here (---)", "a course file holds one document"),
)


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, str | None]:
    problem = str(error.problem or error.context or "it cannot be understood")
    if isinstance(error, _Refused):
        return f"course files do without {problem}", error.note
    for part, what, mend in _ADVICE:
        if part in f"{problem} {error.context}":
            return f"not valid YAML: {what}", mend
    return f"not valid YAML: {shorten(problem)}", None


def _stop(where: str, line: int, what: str, mend: str | None = None) -> NoReturn:
    """Report the one mistake after which nothing else in the file can be read."""
    raise ConfigurationMistakes([Mistake(where, line, what, mend)])
