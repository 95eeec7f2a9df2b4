"""Reads a submitted notebook, which may hold anything, into a small typed value.

Nothing of the file is trusted. Only sources and ids are kept; outputs,
attachments and metadata are dropped, because some of them change how a
notebook runs. What cannot be read becomes a NotebookError that says how to
mend the file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from autograding.grader.errors import NotebookError
from autograding.grader.grade import Flag, QuestionStatus
from autograding.grader.manifest import Manifest

MAX_BYTES = 10 * 1024 * 1024
MAX_CELLS = 2000
MAX_NAME = 100

_KINDS = ("code", "markdown", "raw")
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7})( |$)|^={7}$", re.MULTILINE)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_PLACEHOLDER = "your answer"
_PLACEHOLDER_WORDS = 25
_GO_BACK = "go back to the last version that worked, for example: git checkout HEAD~1 -- {name}"


@dataclass(frozen=True)
class NotebookCell:
    """One cell as its author left it. `position` counts from 1, as people do.

    `role`, `exercise` and `question` are what the cell says of itself; the manifest
    decides what they are worth.
    """

    position: int
    kind: str
    id: str | None
    source: str
    role: str = ""
    exercise: str | None = None
    question: str | None = None

    @property
    def name(self) -> str:
        """The cell's id, or where it stands when it has none."""
        return self.id or f"cell-{self.position}"


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook and the file they were read from."""

    where: str
    cells: tuple[NotebookCell, ...]


def read_notebook_file(path: Path, where: str | None = None) -> Notebook:
    """Read a notebook from disk. Raises NotebookError, also for what is not a regular file."""
    where = where or path.name
    if path.is_dir():
        raise NotebookError(
            "this is a folder, not a notebook",
            where=where,
            mend="give the path of a file that ends in .ipynb",
        )
    try:
        if not path.is_file():
            raise NotebookError("there is no such notebook", where=where, mend=f"commit and push {path.name}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotebookError(f"the notebook cannot be read ({error.strerror})", where=where) from error
    return read_notebook(data, where)


def read_notebook(data: bytes, where: str) -> Notebook:
    """Read a notebook of format 4 from the bytes of an untrusted file. Raises NotebookError."""
    if len(data) > MAX_BYTES:
        raise NotebookError(
            f"the file is larger than {MAX_BYTES // 1024**2} MiB",
            where=where,
            mend="clear the outputs (Edit > Clear Outputs of All Cells), save and commit again",
        )
    return _notebook(_parse(_decode(data, where), where), where)


def runnable_notebook(notebook: Notebook, manifest: Manifest) -> str:
    """The notebook as clean JSON for papermill: sources only, kernel python3.

    The only metadata are our own tags, put back by the manifest: check cells may
    raise, and the parameters cell is marked. Cell ids are valid and unique.
    """
    tags = {cell.id: ["raises-exception"] for cell in manifest.cells if cell.role == "check"}
    tags |= {cell.id: ["parameters"] for cell in manifest.cells if cell.role == "parameters"}
    cells = []
    for cell, identifier in zip(notebook.cells, _unique_ids(notebook.cells), strict=True):
        known = tags.get(identifier) if cell.kind == "code" else None
        body: dict[str, Any] = {
            "id": identifier,
            "cell_type": cell.kind,
            "metadata": {"tags": known} if known else {},
            "source": cell.source,
        }
        cells.append(body | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {}))
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def answers(notebook: Notebook, manifest: Manifest) -> tuple[QuestionStatus, ...]:
    """For each question, how many words its answer has beyond the placeholder.

    Where an answer cell was copied, the longest copy counts: a grader reads them all.
    """
    placeholders = {cell.id: cell.stub for cell in manifest.cells if cell.role == "answer"}
    statuses = []
    for question in manifest.questions:
        placeholder = placeholders.get(question.cell, "")
        found = [cell.source for cell in notebook.cells if question.cell in (cell.id, cell.question)]
        words = max((len(_answer_words(text, placeholder)) for text in found), default=0)
        statuses.append(QuestionStatus(question.id, words, words > 0))
    return tuple(statuses)


def structure_flags(notebook: Notebook, manifest: Manifest) -> tuple[Flag, ...]:
    """What a grader should know about the shape of a notebook; none of it changes a score."""
    return tuple(_structure_flags(notebook, manifest))


def _structure_flags(notebook: Notebook, manifest: Manifest) -> Iterator[Flag]:
    expected = {cell.id: cell for cell in manifest.cells}
    counts = Counter(cell.id for cell in notebook.cells if cell.id is not None)
    if expected and not counts:
        yield Flag("cell_ids_missing", "no cell has an id, so cells are recognized by what they define")
    for identifier in expected:
        if not counts[identifier] and counts:
            yield Flag("cell_missing", f"the cell {identifier} is missing")
        elif counts[identifier] > 1:
            yield Flag("cell_duplicated", f"the id {identifier} stands on {counts[identifier]} cells")
    for cell in notebook.cells:
        known = expected.get(cell.id or "")
        if known and known.role != "answer" and cell.kind != "code":
            yield Flag("cell_not_code", f"the cell {cell.id} ({known.role}) is now a {cell.kind} cell")
    moved = _first_moved(notebook, list(expected))
    if moved:
        yield Flag("cells_reordered", f"the cell {moved} stands before a cell that it used to follow")
    for cell in notebook.cells:
        if _BIDI.search(cell.source):
            yield Flag(
                "bidi_characters",
                f"cell {cell.position} has characters that change the direction of text: "
                "it may not do what it seems to",
            )


def _first_moved(notebook: Notebook, order: list[str]) -> str | None:
    places = {identifier: place for place, identifier in enumerate(order)}
    found = list(dict.fromkeys(cell.id for cell in notebook.cells if cell.id in places))
    return next((here for here, after in pairwise(found) if places[after or ""] < places[here or ""]), None)


def _answer_words(text: str, placeholder: str) -> list[str]:
    """The words of an answer without those of the placeholder, whose line may have been written on."""
    given = sorted((line.strip() for line in placeholder.splitlines() if line.strip()), key=len, reverse=True)
    words: list[str] = []
    for line in map(str.strip, _without_comments(text).splitlines()):
        start = next((entry for entry in given if line.startswith(entry)), "")
        found = _WORD.findall(line[len(start) :])
        is_placeholder = not given and _PLACEHOLDER in line.lower() and len(found) <= _PLACEHOLDER_WORDS
        words += [] if is_placeholder else found
    return words


def _without_comments(text: str) -> str:
    """The text without HTML comments. A regular expression would take quadratic time on hostile text."""
    kept = []
    while (start := text.find("<!--")) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[:start])
        text = text[end + 3 :]
    return " ".join([*kept, text])


def _unique_ids(cells: Iterable[NotebookCell]) -> list[str]:
    cells = list(cells)
    wanted = [cell.id if cell.id and _VALID_ID.fullmatch(cell.id) else None for cell in cells]
    reserved = {identifier for identifier in wanted if identifier}
    taken: set[str] = set()
    unique = []
    for cell, identifier in zip(cells, wanted, strict=True):
        if identifier is None or identifier in taken:
            identifier = _free_id(cell.position, reserved | taken)
        taken.add(identifier)
        unique.append(identifier)
    return unique


def _free_id(position: int, taken: set[str]) -> str:
    candidate, count = f"cell-{position}", 1
    while candidate in taken:
        count += 1
        candidate = f"cell-{position}-{count}"
    return candidate


def _decode(data: bytes, where: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        raise NotebookError(
            "the file is stored as UTF-16 or UTF-32; a notebook is UTF-8",
            where=where,
            mend="save it from Jupyter or VS Code, not from a text editor or a PowerShell redirection (>)",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotebookError(
            f"line {line}: the file is not UTF-8 text (byte {error.start})",
            where=where,
            mend=_GO_BACK.format(name=where),
        ) from error


class _NotStrict(ValueError):
    """JSON that Python would read, but that has no single meaning."""


def _reject_constant(name: str) -> NoReturn:
    raise _NotStrict(f"it contains {name}, which is not JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise _NotStrict(f"it contains a whole number of {len(digits)} digits")
    return int(digits)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _NotStrict(f"the key {twice[:40]!r} stands twice in one object")
    return result


def _parse(text: str, where: str) -> Any:
    if not text.strip():
        raise NotebookError("the file is empty", where=where, mend=_GO_BACK.format(name=where))
    try:
        return json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_reject_constant, parse_int=_bounded_int
        )
    except json.JSONDecodeError as error:
        raise _not_json(text, error, where) from error
    except _NotStrict as error:
        raise NotebookError(
            f"the file is not valid JSON: {error}",
            where=where,
            mend="clear the outputs (Edit > Clear Outputs of All Cells), save and commit again; "
            "if that does not help, " + _GO_BACK.format(name=where),
        ) from error
    except RecursionError as error:
        raise NotebookError(
            "the file is nested too deeply to be a notebook", where=where, mend=_GO_BACK.format(name=where)
        ) from error


def _not_json(text: str, error: json.JSONDecodeError, where: str) -> NotebookError:
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return NotebookError(
            f"line {line}: the file has unresolved merge conflicts ({conflict.group().strip()})",
            where=where,
            mend="take the whole file from one version: git log --all --oneline -- "
            f"{where} lists them, git checkout COMMIT -- {where} takes one; then commit",
        )
    return NotebookError(
        f"line {error.lineno}, column {error.colno}: this is not JSON, so it is not a notebook ({error.msg})",
        where=where,
        mend="edit notebooks in Jupyter or VS Code only; " + _GO_BACK.format(name=where),
    )


def _notebook(content: Any, where: str) -> Notebook:
    if not isinstance(content, dict) or not ({"cells", "nbformat", "worksheets"} & content.keys()):
        raise NotebookError(
            "this is JSON, but not a notebook: a notebook is an object with nbformat and cells",
            where=where,
            mend=_GO_BACK.format(name=where),
        )
    _check_format(content, where)
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(
            "the notebook has no list of cells", where=where, mend=_GO_BACK.format(name=where)
        )
    if len(cells) > MAX_CELLS:
        raise NotebookError(
            f"the notebook has {len(cells)} cells; the limit is {MAX_CELLS}",
            where=where,
            mend="delete the cells that do not belong to the assignment",
        )
    return Notebook(where, tuple(_cell(cell, position, where) for position, cell in enumerate(cells, 1)))


def _check_format(content: dict[str, Any], where: str) -> None:
    major = content.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool):
        raise NotebookError(
            "the notebook does not say its format (nbformat)", where=where, mend=_GO_BACK.format(name=where)
        )
    if major == 4:
        return
    if major < 4:
        name = json.dumps(where.rsplit("/", 1)[-1], ensure_ascii=False).replace("'", "")
        command = (
            f"uv run python -c 'import nbformat; nbformat.write(nbformat.read({name}, as_version=4), {name})'"
        )
        raise NotebookError(
            f"the notebook is stored in format {major}; the course reads format 4",
            where=where,
            mend=f"convert it in the folder that holds it: {command}",
        )
    raise NotebookError(
        f"the notebook is stored in format {major}, which is newer than the course reads (4)",
        where=where,
        mend="save it with the Jupyter of this repository: uv run jupyter lab, open, save, commit",
    )


def _cell(raw: Any, position: int, where: str) -> NotebookCell:
    def wrong(what: str) -> NotebookError:
        return NotebookError(f"cell {position}: {what}", where=where, mend=_GO_BACK.format(name=where))

    if not isinstance(raw, dict):
        raise wrong(f"a cell must be an object, not {_json_type(raw)}")
    kind = raw.get("cell_type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise wrong("the cell's type must be code, markdown or raw")
    if "source" not in raw:
        raise wrong("the cell has no source")
    metadata = raw.get("metadata", {})
    if not isinstance(metadata, dict):
        raise wrong(f"the metadata must be an object, not {_json_type(metadata)}")
    source = _source(raw["source"])
    if source is None:
        raise wrong(f"the source must be text or a list of texts, not {_json_type(raw['source'])}")
    ours = metadata.get("tinytorch")
    ours = ours if isinstance(ours, dict) else {}
    # Some editors (Colab, old Jupyter) drop cell ids but keep metadata, so our own copy of the id stands in.
    identifier = _name(raw.get("id")) or _name(ours.get("cell"))
    role, exercise, question = (_name(ours.get(key)) for key in ("role", "exercise", "question"))
    return NotebookCell(position, kind, identifier, source, role or "", exercise, question)


def _source(raw: Any) -> str | None:
    if isinstance(raw, list) and all(isinstance(line, str) for line in raw):
        raw = "".join(raw)
    return _clean(raw) if isinstance(raw, str) else None


def _name(raw: Any) -> str | None:
    """A short text. The format allows ids of 64 characters; what is much longer names nothing."""
    return _clean(raw) if isinstance(raw, str) and 0 < len(raw) <= MAX_NAME else None


def _clean(text: str) -> str:
    """Text that can be written as UTF-8, with one kind of line end."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _json_type(value: Any) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "a list with other things than texts",
        str: "text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
