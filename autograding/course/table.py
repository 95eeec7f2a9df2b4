"""Read a table that people made with a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograding.course.mistakes import Mistake, describe, nearest, refuse


@dataclass(frozen=True)
class Row:
    """A row, the line it begins in (the first of the file is 1), and its cells by column."""

    line: int
    values: dict[str, str]


def read_table(text: str, where: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it begins in.

    Columns may be separated by commas, semicolons or tabs, as spreadsheets do
    according to their language. Raises ConfigurationError where it is no CSV.
    """
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    table: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        mend = "look for a quotation mark that is not closed, or save the file as CSV anew"
        refuse([Mistake(where, begins, f"not valid CSV: {error}", mend)])
    return table


def missing_columns(
    where: str, line: int, header: Sequence[str], required: Iterable[str], known: Iterable[str]
) -> Iterator[Mistake]:
    """The columns that have to be there and are not, and those of `known` that stand twice."""
    names = column_names(header)
    known = tuple(known)
    unknown = [name for name in names if name and name not in known]
    for column in required:
        if column not in names:
            near = nearest(column, unknown)
            found = f"found: {', '.join(describe(cell) for cell in header[:8])}"
            mend = f"did you mean the column {describe(near)}? rename it ({found})" if near else found
            yield Mistake(where, line, f"the column {column} is missing", mend)
    for column in known:
        if names.count(column) > 1:
            yield Mistake(where, line, f"the column {column} stands twice", "keep one of the two")


def too_long(where: str, width: int, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Mistake]:
    """The rows with more cells than there are columns."""
    for line, cells in rows:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            what = f"expected at most {width} columns, got {len(cells)}"
            yield Mistake(where, line, what, "put a value that contains the separator in quotes")


def column_names(header: Iterable[str]) -> list[str]:
    """The names of columns as they are compared: no blanks around them, lower case."""
    return [name.strip().lower() for name in header]


def rows_by_column(names: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> list[Row]:
    """The rows with their cells by the name of the column, no blanks around them."""
    return [Row(line, dict(zip(names, map(str.strip, cells), strict=False))) for line, cells in rows]
