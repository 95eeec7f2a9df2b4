"""Search a rendered repository for what must not be in it, wherever it hides.

Searched are the files of the working tree and everything in `.git`: every object
of the store (reachable or not), references, reflogs, configuration and messages.
Notebooks and other JSON are decoded, so that sources, outputs, metadata and
attachments are searched as the text a reader gets; base64 and escaped text are
decoded too. What cannot be searched (compiled Python, archives, unknown binary
files, links) is refused.

`confidential.py` says what is searched for and when a line counts.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from autograding.assignments.confidential import CODE_LEAST, PROSE_LEAST, RUBRIC, SOLUTION, Secret, Secrets
from autograding.assignments.git import GitError, GitObject, Repository
from autograding.assignments.tokens import TOKEN, WORD, normal_code
from autograding.grader.errors import ClassroomError

SHOWN = 20
_REFUSED_NAMES = frozenset({"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".DS_Store"})
ARRAYS = ".npz"
_REFUSED_SUFFIXES = frozenset(
    {".pyc", ".pyo", ".pyd", ".so", ".pkl", ".pickle", ".npy", ".npz", ".db", ".sqlite"}
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
    b"%PDF",
)
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "/": "/"}
_GIT_BINARY = frozenset({"index"})


@dataclass(frozen=True)
class Leak:
    """Something confidential that stands at `path` (and `line`) of a rendered repository.

    `source` says where it comes from. `line` is 0 where lines mean nothing.
    """

    path: str
    line: int
    text: str
    source: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.text}\n      from {self.source}" if self.text else f"{place}: {self.source}"


class LeakError(ClassroomError):
    """A rendered repository contains something confidential."""

    def __init__(self, leaks: tuple[Leak, ...], where: str) -> None:
        self.leaks = leaks
        lines = [f"  {leak}" for leak in leaks[:SHOWN]]
        if len(leaks) > SHOWN:
            lines.append(f"  and {len(leaks) - SHOWN} more")
        count = "1 thing that" if len(leaks) == 1 else f"{len(leaks)} things that"
        super().__init__(
            f"{count} students must not see would be in the repository\n" + "\n".join(lines),
            where=where,
            mend="remove it there, or, where everybody may know the line, "
            "add it to common_lines in module.yml with the reason",
        )


def find_leaks(
    repository: Path, secrets: Secrets, shipped: Mapping[str, bytes] | None = None
) -> tuple[Leak, ...]:
    """Everything confidential in the repository and its history.

    `shipped` are the files that come with it on purpose (path → content), reference
    sources and arrays: in one that is exactly that, solution lines are no leak. Other
    arrays are refused, since they cannot be searched.
    """
    scan = _Scan(secrets, shipped or {})
    for path in sorted(repository.rglob("*")):
        relative = path.relative_to(repository)
        if relative.parts[0] != ".git":
            scan.path(path, relative.as_posix())
    if (repository / ".git").is_dir():
        _scan_git(scan, Repository(repository))
    return tuple(scan.leaks)


class _Index:
    """Secrets by their first tokens, so that a text is read once however many there are."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._code: dict[tuple[str, ...], list[Secret]] = defaultdict(list)
        self._prose: dict[tuple[str, ...], list[Secret]] = defaultdict(list)
        for secret in secrets:
            if secret.kind == RUBRIC:
                self._prose[secret.tokens[:PROSE_LEAST]].append(secret)
            else:
                self._code[secret.tokens[:CODE_LEAST]].append(secret)

    def find(self, text: str, *, solutions: bool) -> Iterator[tuple[Secret, int]]:
        """Each secret in the text, with the line of its first token."""
        code, prose = normal_code(text), text.casefold()
        for secret, position in _matches(TOKEN.findall(code), self._code, CODE_LEAST):
            if solutions or secret.kind != SOLUTION:
                yield secret, _line(code, TOKEN, position)
        for secret, position in _matches(WORD.findall(prose), self._prose, PROSE_LEAST):
            yield secret, _line(prose, WORD, position)


def _matches(
    tokens: list[str], index: Mapping[tuple[str, ...], list[Secret]], key: int
) -> Iterator[tuple[Secret, int]]:
    for position, start in enumerate(
        zip(*(islice(tokens, offset, None) for offset in range(key)), strict=False)
    ):
        if start in index:
            for secret in index[start]:
                if tuple(tokens[position : position + len(secret.tokens)]) == secret.tokens:
                    yield secret, position


def _line(text: str, token: re.Pattern[str], position: int) -> int:
    match = next(islice(token.finditer(text), position, None))
    return text.count("\n", 0, match.start()) + 1


class _Scan:
    """One search: what was found so far, and which contents were read already."""

    def __init__(self, secrets: Secrets, shipped: Mapping[str, bytes]) -> None:
        self.leaks: list[Leak] = []
        self._secrets = secrets
        self._index = _Index((*secrets.own, *secrets.of_others))
        self._shipped = set(shipped.items())
        self._arrays = {name for name in shipped if name.endswith(ARRAYS)}
        self._read: set[bytes] = set()
        self._found: set[tuple[str, str]] = set()
        self._file = ""

    def path(self, path: Path, name: str) -> None:
        """Search a file, or refuse it."""
        if path.is_symlink():
            self.refuse(name, "a link, which may lead anywhere")
        elif self.name(name) and path.is_file():
            self.data(path.read_bytes(), name)

    def name(self, name: str) -> bool:
        """Search the name of a file; False where files of this name are refused unread."""
        parts = name.split("/")
        bad = _REFUSED_NAMES.intersection(parts)
        if bad:
            self.refuse(name, f"{sorted(bad)[0]} is not searched and has no place here")
        elif Path(name).suffix.lower() in _REFUSED_SUFFIXES and name not in self._arrays:
            self.refuse(name, "files of this kind are not searched and have no place here")
        else:
            return True
        return False

    def data(self, data: bytes, name: str) -> None:
        """Search the content of a file."""
        if data in self._read:
            return
        self._read.add(data)
        self._file = name
        if name in self._arrays and (name, data) in self._shipped:
            return
        if data.startswith(_ARCHIVES):
            self.refuse(name, "an archive, which is not searched")
            return
        if data.startswith(_IMAGES):
            self.text(data.decode("latin-1"), name, lines=False)
            return
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            self.refuse(name, "a binary file of unknown kind, which is not searched")
            return
        self.document(text, name, solutions=(name, data) not in self._shipped)

    def document(self, text: str, name: str, *, solutions: bool = True) -> None:
        """Search a text; one that is JSON is searched in its decoded form."""
        try:
            value = json.loads(text, object_pairs_hook=_Pairs) if text.lstrip()[:1] in {"{", "["} else None
        except (ValueError, RecursionError):
            value = None
        if value is None:
            self.text(text, name, solutions=solutions)
        elif name.endswith(".ipynb") and isinstance(value, _Pairs):
            self._notebook(value, name)
        else:
            self._json(value, name)

    def text(self, text: str, name: str, *, lines: bool = True, solutions: bool = True) -> None:
        """Search a text as it is and with one layer of escapes taken off."""
        for variant in _variants(text):
            for secret, line in self._index.find(variant, solutions=solutions):
                if (self._file, secret.text) not in self._found and not self._secrets.is_public(secret):
                    self._add(name, line if lines else 0, secret.text, f"{secret.source} ({secret.kind})")
        for match in _BASE64.finditer(text):
            self._payload(match.group(0), name)

    def _notebook(self, notebook: _Pairs, name: str) -> None:
        for key, value in notebook:
            if key != "cells" or not isinstance(value, list):
                self._json(value, f"{name}, {key}")
                continue
            for number, cell in enumerate(value, 1):
                for part, content in cell if isinstance(cell, _Pairs) else [("content", cell)]:
                    self._json(content, f"{name}, cell {number}, {part}")

    def _json(self, value: Any, name: str) -> None:
        if isinstance(value, _Pairs):
            for key, item in value:
                self.text(key, name, lines=False)
                self._json(item, f"{name}.{key}" if len(name) < 200 else name)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            # A notebook keeps the lines of a text with their line breaks, other files without.
            self._string("".join(value), name)
            self._string("\n".join(value), name)
        elif isinstance(value, list):
            self.text(repr([item for item in value if isinstance(item, int | float)]), name, lines=False)
            for item in value:
                self._json(item, name)
        elif isinstance(value, str):
            self._string(value, name)

    def _string(self, value: str, name: str) -> None:
        self._payload("".join(value.split()), name)
        if value.lstrip()[:1] in {"{", "["} and len(name) < 400:
            self.document(value, name)
        else:
            self.text(value, name)

    def _payload(self, text: str, name: str) -> None:
        """Search what base64 hides: text, and archives that a reader could unpack."""
        if len(text) < 16 or not _BASE64.fullmatch(text):
            return
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return
        where = f"{name} (base64)"
        if data.startswith(_ARCHIVES):
            self.refuse(where, "an archive, which is not searched")
        else:
            self.text(data.decode("utf-8", "replace"), where, lines=False)

    def message(self, data: bytes, name: str) -> None:
        """Search the text of a commit or a tag."""
        self._file = name
        self.text(data.decode("utf-8", "replace"), name)

    def refuse(self, name: str, reason: str) -> None:
        """Report something that cannot be searched."""
        self._file = name
        if (name, "") not in self._found:
            self._add(name, 0, "", reason)

    def _add(self, name: str, line: int, text: str, source: str) -> None:
        # A file is searched in several forms (as it is, unescaped, decoded): what it has counts once.
        self._found.add((self._file, text))
        self.leaks.append(Leak(name, line, text, source))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all its pairs: a dict would hide the first of two equal keys."""


def _variants(text: str) -> list[str]:
    variants = [text]
    if "\\" in text:
        variants.append(_unescaped(text))
    if "&" in text:
        variants.append(html.unescape(text))
    return variants


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match.group(1):
            return chr(int(match.group(1), 16))
        # A space for a line break: the lines of the text stay countable.
        return _SIMPLE_ESCAPES[match.group(2)].replace("\n", " ")

    return re.sub(r"""\\(?:u([0-9a-fA-F]{4})|([ntr"'\\/]))""", plain, text)


def _scan_git(scan: _Scan, repository: Repository) -> None:
    for path in sorted(repository.git_dir.rglob("*")):
        relative = path.relative_to(repository.git_dir)
        name = f".git/{relative.as_posix()}"
        if not path.is_file() or path.is_symlink():
            if path.is_symlink():
                scan.path(path, name)
            continue
        if relative.parts[0] == "objects":
            _check_object_file(scan, relative, name)
        elif relative.as_posix() not in _GIT_BINARY:
            scan.path(path, name)
    names = _object_names(repository)
    try:
        for item in repository.objects():
            _scan_object(scan, item, names.get(item.id, ""))
    except (GitError, ValueError) as error:
        scan.refuse(".git/objects", f"the objects cannot be read: {error}")


def _check_object_file(scan: _Scan, relative: Path, name: str) -> None:
    loose = len(relative.parts) == 3 and len(relative.parts[1]) == 2
    packed = relative.parts[1] == "pack" and relative.suffix in {".pack", ".idx", ".rev"}
    if not loose and not packed and relative.parts[1:2] != ("info",):
        scan.refuse(name, "not a file of git's object store")
    elif relative.name in {"alternates", "http-alternates"}:
        scan.refuse(name, "the repository borrows objects from elsewhere")


def _object_names(repository: Repository) -> dict[str, str]:
    lines = (
        repository.run("rev-list", "--objects", "--all", "--reflog").decode("utf-8", "replace").splitlines()
    )
    return {id: path for id, _, path in (line.partition(" ") for line in lines)}


def _scan_object(scan: _Scan, item: GitObject, path: str) -> None:
    if item.kind == "tree":
        for entry in _tree_names(item.data):
            scan.name(f"{path}/{entry}" if path else entry)
    elif item.kind == "blob":
        scan.data(item.data, path or f".git, blob {item.id[:10]}")
    else:
        scan.message(item.data, f".git, {item.kind} {item.id[:10]}")


def _tree_names(data: bytes) -> Iterator[str]:
    position = 0
    while position < len(data):
        end = data.index(b"\0", position)
        yield data[position:end].split(b" ", 1)[1].decode("utf-8", "replace")
        position = end + 21
