"""Which submissions are alike, as a question for a person and never as a verdict.

Code is reduced to what renaming, reformatting and commenting leave as it is, and
the fingerprints of that are compared, as MOSS does: S. Schleimer, D. Wilkerson,
A. Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003.
An index of fingerprints finds the pairs, so that no two texts are ever compared.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

Fingerprints = frozenset[int]

K = 16
"""Tokens in a fingerprint: nothing shorter is ever found."""
WINDOW = 8
"""Of so many neighbouring k-grams at least one is kept: what two texts share of 23 tokens is always found."""
CROWD = (3, 50)
"""What more than a tenth of the submissions has, but at least and at most so many of them, counts nothing."""
LEAST_SHARED, LEAST_SHARE = 4, 0.1
"""Pairs with fewer fingerprints in common, or a smaller share of them, are chance."""

_BASE, _MODULUS = 1_000_003_000_029, 2**61 - 1
_LAYOUT = frozenset(
    {
        *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
        *(tokenize.ENCODING, tokenize.ENDMARKER),
    }
)
# From Python 3.12 on an f-string is several tokens, between these.
_OPENING = frozenset(kind for kind, name in tokenize.tok_name.items() if name.endswith("STRING_START"))
_CLOSING = frozenset(kind for kind, name in tokenize.tok_name.items() if name.endswith("STRING_END"))


@dataclass(frozen=True)
class Work:
    """What one student wrote: the fingerprints of each exercise, without those of the starter.

    `past`: it is from an earlier class, and compared with the works of this one alone.
    """

    student: str
    exercises: Mapping[str, Fingerprints]
    past: bool = False

    @property
    def fingerprints(self) -> Fingerprints:
        return frozenset().union(*self.exercises.values())


@dataclass(frozen=True)
class Pair:
    """Two works that are alike: places in the list that was compared, and how many fingerprints they share.

    `share` is `shared` of all that the smaller work has, from 0 to 1. `exercises` says
    how many of the shared ones stand in each exercise of the first work.
    """

    first: int
    second: int
    shared: int
    share: float
    exercises: tuple[tuple[str, int], ...]


def code_tokens(source: str) -> list[str]:
    """The tokens of Python code without names, values, comments, docstrings and layout.

    What cannot be tokenized cannot be graded either, and has none.
    """
    tokens: list[str] = []
    statement = depth = 0  # where the statement begins, and how deep inside f-strings it is
    try:
        for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
            if kind in _OPENING:
                depth += 1
                tokens += ["text"] if depth == 1 else []
            elif kind in _CLOSING:
                depth -= 1
            elif depth == 0 and kind not in _LAYOUT:
                tokens.append(_plain(kind, text))
            elif kind == tokenize.NEWLINE:
                if tokens[statement:] == ["text"]:
                    tokens.pop()  # a text that is a whole statement: a docstring
                statement = len(tokens)
    except (tokenize.TokenError, SyntaxError):
        return []
    return tokens


def _plain(kind: int, text: str) -> str:
    if kind == tokenize.NAME:
        return text if keyword.iskeyword(text) else "name"
    return {tokenize.NUMBER: "number", tokenize.STRING: "text"}.get(kind, text)


def kgrams(tokens: Sequence[str]) -> list[int]:
    """A number for each run of `K` tokens, rolled along the text (Karp and Rabin 1987)."""
    codes = [crc32(token.encode()) for token in tokens]
    leaving = pow(_BASE, K, _MODULUS)
    value, numbers = 0, []
    for place, code in enumerate(codes):
        gone = codes[place - K] * leaving if place >= K else 0
        value = (value * _BASE + code - gone) % _MODULUS
        if place >= K - 1:
            numbers.append(value)
    return numbers


def winnow(numbers: Sequence[int]) -> Fingerprints:
    """The smallest number of every window: where two sequences share a whole window, they share one."""
    last = max(len(numbers) - WINDOW, 0)
    return frozenset(min(numbers[place : place + WINDOW]) for place in range(last + 1) if numbers)


def fingerprints(source: str) -> Fingerprints:
    """The fingerprints of one piece of code."""
    return winnow(kgrams(code_tokens(source)))


def all_kgrams(sources: Iterable[str]) -> Fingerprints:
    """Whatever could be a fingerprint of these texts, in whatever they are embedded."""
    return frozenset(number for source in sources for number in kgrams(code_tokens(source)))


def compare(works: Sequence[Work], known: Fingerprints) -> list[Pair]:
    """The pairs that are alike, the most alike first.

    `known` is what everybody may have without having copied, such as the
    reference solution. It counts nothing, like what a crowd has in common.
    """
    texts = [work.fingerprints for work in works]
    owners: dict[int, list[int]] = {}
    for place, text in enumerate(texts):
        for number in text - known:
            owners.setdefault(number, []).append(place)
    least, most = CROWD
    crowd = max(least, min(most, len(works) // 10))
    telling = {number: places for number, places in owners.items() if 2 <= len(places) <= crowd}
    counts: Counter[tuple[int, int]] = Counter()
    for places in telling.values():
        counts.update(combinations(places, 2))
    pairs = [
        Pair(first, second, shared, share, _where(works[first], texts[second], telling))
        for (first, second), shared in counts.items()
        if shared >= LEAST_SHARED
        and (share := shared / min(len(texts[first]), len(texts[second]))) >= LEAST_SHARE
        and not (works[first].past and works[second].past)
        and works[first].student.casefold() != works[second].student.casefold()
    ]
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.shared, pair.first, pair.second))


def _where(first: Work, second: Fingerprints, telling: Mapping[int, object]) -> tuple[tuple[str, int], ...]:
    """How many telling fingerprints of each exercise the other work has, the most first."""
    found = {name: sum(number in telling for number in own & second) for name, own in first.exercises.items()}
    return tuple(sorted(((name, n) for name, n in found.items() if n), key=lambda item: (-item[1], item[0])))
