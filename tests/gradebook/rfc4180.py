"""A reader of CSV written from RFC 4180 alone, to read back what the csv module wrote."""

from __future__ import annotations

import re

FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\Z)')


def read(text: str) -> list[list[str]]:
    """The rows of a CSV text. Raises ValueError where RFC 4180 does not allow what stands there."""
    rows: list[list[str]] = [[]]
    position = 0
    while position < len(text):
        match = FIELD.match(text, position)
        if match is None:
            raise ValueError(f"not CSV at {position}: {text[position : position + 40]!r}")
        quoted, bare, end = match.groups()
        rows[-1].append(bare if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if end == "\r\n" and position < len(text):
            rows.append([])
    return rows
