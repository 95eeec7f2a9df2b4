"""A real spreadsheet program reads a CSV: Gnumeric, without a window."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

PROGRAM = shutil.which("ssconvert")
NAMESPACE = {"gnm": "http://www.gnumeric.org/v10.dtd"}


def cells(text: str, folder: Path) -> dict[tuple[int, int], str]:
    """What stands in each cell once the program has opened the CSV, by row and column."""
    return {place: content for place, (content, _) in _cells(text, folder).items()}


def formulae(text: str, folder: Path) -> list[str]:
    """The cells of the CSV that the program would compute. A value has a type, a formula has none."""
    return [content for content, kind in _cells(text, folder).values() if kind is None]


def _cells(text: str, folder: Path) -> dict[tuple[int, int], tuple[str, str | None]]:
    source, opened = folder / "opened.csv", folder / "opened.xml"
    source.write_text(text, encoding="utf-8", newline="")
    command = [str(PROGRAM), "-T", "Gnumeric_XmlIO:sax:0", str(source), str(opened)]
    subprocess.run(command, check=True, capture_output=True)
    return {
        (int(cell.attrib["Row"]), int(cell.attrib["Col"])): (cell.text or "", cell.get("ValueType"))
        for cell in ElementTree.parse(opened).iterfind(".//gnm:Cell", NAMESPACE)
    }
