"""What must not stand in a rendered repository: solutions, hidden tests, rubrics and known bugs.

A *secret* is one line (or one statement over several lines) as a sequence of
tokens, so that indentation, line breaks, quotes and trailing commas make no
difference. Three ranks decide whether finding it means something:

* *trivial* (`else:`, `n = len(x)`): too short to tell anything. Never counts.
* *ordinary* (`return self.data.nbytes`): counts, unless the same line stands in
  code that a student is given on purpose: the lesson's own given code, a shipped
  prerequisite, the vendored grader. Prose makes nothing public: a solution that
  the text of a lesson spells out is a leak.
* *telling*: always counts. If an author wants to show it all the same, `common_lines`
  in `module.yml` says so.

A hidden test's line counts unless it also stands in the module's visible tests
(imports, decorators, the shape of an assertion); a whole hidden test counts even
then. A known bug's line counts unless the lesson has it too. A rubric counts by
any eight words in a row that the question itself does not contain.

All modules in the repository are guarded, not only the one that is rendered, and
also those that are no part of this term. For the others, a line counts as public
too where the code of the rendered lesson or its visible tests have it: authors of
two modules cannot know each other's lines.

Files are read leniently here, so that a module which somebody is in the middle
of writing does not stop the rendering of another.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from autograding.assignments.sources import (
    GRADER,
    guarded_folders,
    hidden_tests,
    known_bugs,
    source_files,
    visible_tests,
)
from autograding.assignments.tokens import (
    Line,
    code_only,
    code_tokens,
    joined,
    line_at,
    prose_words,
    python_lines,
    stream,
    test_functions,
    without_comments,
)
from autograding.course import Assignment, Course, kind_of
from autograding.lesson.solutions import BEGIN, END

SOLUTION, HIDDEN_TEST, RUBRIC, KNOWN_BUG = "solution", "hidden test", "rubric", "known bug"
TRIVIAL, ORDINARY, TELLING = range(3)
# A rubric counts by this many words in a row; a text of fewer words as a whole, unless it is a mere phrase.
PROSE_WINDOW = 8
PROSE_LEAST = 6
# Fewer tokens than this tell nothing, so a search may rely on having that many.
CODE_LEAST = 5

_REGION = re.compile(
    rf"^[ \t]*{re.escape(BEGIN)}[^\n]*\n(.*?)^[ \t]*{re.escape(END)}", re.MULTILINE | re.DOTALL
)
_TELLS_NOTHING = frozenset(keyword.kwlist) | {"self"}


@dataclass(frozen=True)
class Secret:
    """A sequence of tokens (words, for a rubric) that must not be found, and where it comes from."""

    tokens: tuple[str, ...]
    text: str
    source: str
    kind: str
    rank: int


def rank_of(tokens: tuple[str, ...]) -> int:
    """How much it tells to find these tokens in a row."""
    letters = sum(len(token) for token in tokens if token[0].isalnum() and token not in _TELLS_NOTHING)
    if len(tokens) < CODE_LEAST or letters < 6:
        return TRIVIAL
    return ORDINARY if len(tokens) < 10 or letters < 14 else TELLING


@dataclass(frozen=True)
class Secrets:
    """All secrets that one repository must keep, and the code that is public in it."""

    own: tuple[Secret, ...]
    of_others: tuple[Secret, ...]
    given: str
    tests: str

    def is_public(self, secret: Secret) -> bool:
        """Whether students get the line anyway, in code that is given to them on purpose."""
        if secret.kind == RUBRIC or (secret.rank == TELLING and secret in self._own):
            return False
        needle = joined(secret.tokens)
        return needle in self.given or (secret not in self._own and needle in self.tests)

    @cached_property
    def _own(self) -> frozenset[Secret]:
        return frozenset(self.own)


def secrets_of(course: Course, assignment: Assignment, shipped: Iterable[Assignment]) -> Secrets:
    """Everything that the rendered repository of `assignment` must not contain.

    `shipped` are the prerequisites whose reference comes with the repository:
    their solutions are no secret in it.
    """
    shipped_ids = {item.id for item in shipped}
    given = [given_code(_read(assignment.lesson))]
    given += [code_only(_read(item.lesson)) for item in course.known if item.id in shipped_ids]
    given += [code_only(_read(path)) for path in source_files(GRADER) if path.suffix == ".py"]
    tests = [code_only(_read(path)) for path in visible_tests(assignment.tests)]
    own: list[Secret] = []
    others: list[Secret] = []
    for folder in guarded_folders(course):
        common = _token_set((*assignment.common_lines, *_common_lines(folder)))
        is_own = folder == assignment.folder
        least = ORDINARY if is_own else TELLING
        for secret in _module_secrets(folder, course.root):
            in_shipped = secret.kind == SOLUTION and folder.name in shipped_ids
            if secret.rank >= least and secret.tokens not in common and not in_shipped:
                (own if is_own else others).append(secret)
    return Secrets(tuple(own), tuple(others), stream(given), stream(tests))


@lru_cache(maxsize=512)
def _token_set(lines: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(code_tokens(line)) for line in lines)


def _module_secrets(folder: Path, root: Path) -> Iterator[Secret]:
    """Everything confidential in the folder of one module, whatever its rank."""
    lessons = [path for path in sorted(folder.glob("*.py")) if path.is_file()]
    texts = [_read(path) for path in lessons]
    for path, text in zip(lessons, texts, strict=True):
        yield from _solution_secrets(text, _name(path, root))
    visible = tuple(_read(path) for path in visible_tests(folder / "tests"))
    for path in hidden_tests(folder / "tests"):
        yield from _hidden_test_secrets(_read(path), visible, _name(path, root))
    rubric = folder / "rubric.yml"
    yield from _rubric_secrets(_read(rubric), _name(rubric, root))
    for path in known_bugs(folder):
        yield from _bug_secrets(_read(path), "\n".join(texts), _name(path, root))


def _common_lines(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(
            map(
                str,
                yaml.safe_load(_read(folder / kind_of(folder.name).configuration)).get("common_lines") or (),
            )
        )
    except (yaml.YAMLError, AttributeError, TypeError):
        return ()


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""


def _secret(line: Line, name: str, kind: str) -> Secret:
    tokens = tuple(code_tokens(line.text))
    shown = " ".join(line.text.split())
    return Secret(tokens, shown, f"{name}:{line.number}", kind, rank_of(tokens))


def given_code(text: str) -> str:
    """The code of a lesson that students get: no solutions, and no prose."""
    return code_only(_REGION.sub(lambda match: "\n" * match.group(0).count("\n"), text))


@lru_cache(maxsize=64)
def _solution_secrets(text: str, name: str) -> tuple[Secret, ...]:
    marked = {
        number
        for match in _REGION.finditer(text)
        for number in range(line_at(text, match.start(1)), line_at(text, match.end(1)))
    }
    return tuple(_secret(line, name, SOLUTION) for line in python_lines(text) if line.number in marked)


@lru_cache(maxsize=64)
def _hidden_test_secrets(text: str, visible: tuple[str, ...], name: str) -> tuple[Secret, ...]:
    public = stream(code_only(source) for source in visible)
    lines = [_secret(line, name, HIDDEN_TEST) for line in python_lines(text)]
    whole = [_secret(line, name, HIDDEN_TEST) for line in test_functions(text)]
    return tuple(
        secret
        for secret in lines
        if secret.tokens[:1] not in {("import",), ("from",)} and joined(secret.tokens) not in public
    ) + tuple(secret for secret in whole if len(secret.tokens) >= 20)


@lru_cache(maxsize=512)
def _bug_secrets(text: str, lesson: str, name: str) -> tuple[Secret, ...]:
    known = _code_stream(lesson)
    try:
        blocks = [str(edit["replace"]) for edit in yaml.safe_load(text)["edits"]]
    except (yaml.YAMLError, KeyError, TypeError):
        blocks = [text]
    lines = [
        Line(line.text, line_at(text, max(text.find(line.text.strip().split("\n")[0]), 0)))
        for block in blocks
        for line in python_lines(block)
        if line.text.strip()
    ]
    secrets = (_secret(line, name, KNOWN_BUG) for line in lines)
    return tuple(secret for secret in secrets if joined(secret.tokens) not in known)


@lru_cache(maxsize=64)
def _code_stream(text: str) -> str:
    return stream([without_comments(text)])


@lru_cache(maxsize=64)
def _rubric_secrets(text: str, name: str) -> tuple[Secret, ...]:
    try:
        questions = yaml.safe_load(text)["questions"] if text else []
        asked = [str(question["question"]) for question in questions]
        bands = [band for question in questions for band in question["bands"]]
        answers = [str(band[key]) for band in bands for key in ("look_for", "sample") if key in band]
    except (yaml.YAMLError, KeyError, TypeError):
        asked, answers = [], [text]
    public = {window for question in asked for window in _windows(prose_words(question))}
    secrets = []
    for answer in answers:
        number = line_at(text, max(text.find(answer.strip().split("\n")[0][:40]), 0))
        secrets += [
            Secret(window, " ".join(window), f"{name}:{number}", RUBRIC, TELLING)
            for window in _windows(prose_words(answer))
            if window not in public
        ]
    return tuple(secrets)


def _windows(words: list[str]) -> Iterator[tuple[str, ...]]:
    if PROSE_LEAST <= len(words) < PROSE_WINDOW:
        yield tuple(words)
    for start in range(len(words) - PROSE_WINDOW + 1):
        yield tuple(words[start : start + PROSE_WINDOW])
