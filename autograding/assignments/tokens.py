"""Texts as sequences of tokens, and Python sources as lines, statements and comments.

Two texts are the same here when their tokens are: whitespace, line breaks, the
kind of quotes, `#` and trailing commas make no difference.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autograding.grader.notebook.syntax import parse_tree

TOKEN = re.compile(r"\w+|[^\w\s#]")
WORD = re.compile(r"\w+")
_TRAILING_COMMA = re.compile(r",(\s*[)\]}])")

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Line:
    """A line, a statement or a comment of a source file, with the number of its first line."""

    text: str
    number: int


def code_tokens(text: str) -> list[str]:
    """The tokens of a text in any language."""
    return TOKEN.findall(normal_code(text))


def normal_code(text: str) -> str:
    """The text before it is cut into tokens; what stands in line n stays there."""
    return _TRAILING_COMMA.sub(r"\1", text.replace("\\\n", "\n").replace("'", '"'))


def prose_words(text: str) -> list[str]:
    """The words of a text, without punctuation, mark-up and case."""
    return WORD.findall(text.casefold())


def joined(tokens: Iterable[str]) -> str:
    """Tokens as one text, in which a shorter sequence can be looked up."""
    return "\0" + "\0".join(tokens) + "\0"


def stream(texts: Iterable[str]) -> str:
    """Several texts as one. A token that no text contains keeps them apart."""
    return "\0\1\0".join(joined(code_tokens(text)) for text in texts)


def line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


@lru_cache(maxsize=256)
def python_lines(text: str) -> tuple[Line, ...]:
    """The lines, the statements of several lines, and the comments of a Python source.

    Of a text that is not Python, the lines.
    """
    tokens = _python_tokens(text)
    bare = without_comments(text).split("\n")
    lines = [Line(line, number) for number, line in enumerate(bare, 1)]
    lines += [Line("\n".join(bare[first - 1 : last]), first) for first, last in _statements(tokens)]
    lines += [
        Line(token.string.lstrip("#"), token.start[0]) for token in tokens if token.type == tokenize.COMMENT
    ]
    return tuple(lines)


@lru_cache(maxsize=256)
def without_comments(text: str) -> str:
    """A Python source without its comments; what stands in line n stays there."""
    return _blank(text, [_span(token) for token in _python_tokens(text) if token.type == tokenize.COMMENT])


@lru_cache(maxsize=256)
def code_only(text: str) -> str:
    """A Python source without comments and docstrings; nothing where it is not Python."""
    tokens = _python_tokens(text)
    if not tokens:
        return ""
    spans = [_span(token) for token in tokens if token.type == tokenize.COMMENT]
    spans += [_span(token) for token in _docstrings(tokens)]
    return _blank(text, spans)


def test_functions(text: str) -> Iterator[Line]:
    """Each test function as a whole, from its `def` on; nothing where the source is not Python."""
    try:
        tree = parse_tree(text)
    except (SyntaxError, ValueError):
        return
    lines = without_comments(text).split("\n")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield Line("\n".join(lines[node.lineno - 1 : node.end_lineno]), node.lineno)


def _span(token: tokenize.TokenInfo) -> Span:
    return token.start, token.end


@lru_cache(maxsize=64)
def _python_tokens(text: str) -> tuple[tokenize.TokenInfo, ...]:
    try:
        return tuple(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return ()


def _statements(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, int]]:
    """First and last line of each statement (or head of one) that spans lines."""
    first = None
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    for token in tokens:
        if token.type == tokenize.NEWLINE and first is not None:
            if token.end[0] > first:
                yield first, token.end[0]
            first = None
        elif token.type not in skipped and first is None:
            first = token.start[0]


def _docstrings(tokens: tuple[tokenize.TokenInfo, ...]) -> Iterator[tokenize.TokenInfo]:
    """Strings that are a statement of their own."""
    starts = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT}
    for before, token, after in zip((None, *tokens), tokens, tokens[1:], strict=False):
        begins = before is None or before.type in starts
        if token.type == tokenize.STRING and begins and after.type == tokenize.NEWLINE:
            yield token


def _blank(text: str, spans: Iterable[Span]) -> str:
    lines = text.split("\n")
    for (first, start), (last, end) in sorted(spans, reverse=True):
        head, tail = lines[first - 1][:start], lines[last - 1][end:]
        if first == last:
            lines[first - 1] = head + tail
        else:
            lines[first - 1 : last] = [head, *[""] * (last - first - 1), tail]
    return "\n".join(lines)
