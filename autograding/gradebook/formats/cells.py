"""A CSV of somebody else's, in which single cells are replaced and every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograding.grader.errors import ConfigurationError

_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Cell:
    """What a cell says, and where its text stands in the file, quotation marks included."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Table:
    """The text of a file and its rows; blank lines are rows with one empty cell."""

    text: str
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, row: int, place: int) -> str:
        """What stands in a cell; nothing where the row is shorter."""
        cells = self.rows[row]
        return cells[place].value if place < len(cells) else ""

    def replaced(self, changes: Mapping[tuple[int, int], str]) -> str:
        """The text with these cells, by row and column, saying something else. None of it may need quotes."""
        parts, position = [], 0
        for row, place in sorted(changes):
            cell = self.rows[row][place]
            parts += [self.text[position : cell.start], changes[row, place]]
            position = cell.end
        return "".join([*parts, self.text[position:]])


def parse_cells(text: str, where: str) -> Table:
    """The cells of a CSV whose separator is a comma, a semicolon or a tab. Raises ConfigurationError."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    pattern = re.compile(
        rf'(?:"((?:[^"]|"")*)"|([^"{separator}\r\n][^{separator}\r\n]*|))({separator}|\r\n|\n|\r|\Z)'
    )
    rows: list[tuple[Cell, ...]] = []
    cells: list[Cell] = []
    position = 1 if text.startswith("\ufeff") else 0
    while position < len(text) or cells:
        match = pattern.match(text, position)
        if match is None:
            line = text.count("\n", 0, position) + 1
            raise ConfigurationError(
                "not valid CSV: a quotation mark is not closed, or stands in the middle of a cell",
                where=f"{where}:{line}",
                mend="export the file anew and fill that one, without opening it in between",
            )
        quoted, bare, end = match.groups()
        value = bare if quoted is None else quoted.replace('""', '"')
        cells.append(Cell(value, position, match.start(3)))
        if end != separator:
            rows.append(tuple(cells))
            cells = []
            if not end:
                break
        position = match.end()
    return Table(text, tuple(rows))
