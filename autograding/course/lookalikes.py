"""Names that a person cannot tell apart: another alphabet, another normal form, invisible characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from autograding.course.roster import Student
from autograding.grader.report.text import visible

# What is drawn like a Latin letter in common fonts, after NFKC and case folding: Cyrillic, Greek, Armenian,
# and letters that differ from another by a stroke. A part of Unicode's confusables.txt (UTS 39).
_LOOKS_LIKE = str.maketrans(
    {
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "l",
        "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "у": "y", "ѵ": "v", "ԝ": "w",
        "х": "x", "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
        "τ": "t", "υ": "u", "χ": "x", "օ": "o", "ո": "n", "ս": "u", "հ": "h", "ɑ": "a", "ɡ": "g", "ı": "i",
        "ł": "l", "ø": "o", "đ": "d", "0": "o", "1": "l", "|": "l", "5": "s",
    }
)  # fmt: skip
# Capitals are drawn alike where the small letters are not: Ν is drawn like N, ν like v, and I like l.
_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅI", "ABEZHlKMNOPTYXABEKMHOPCTYXlJSl")


def skeleton(text: str) -> str:
    """Texts that look alike have the same skeleton: letter case, accents and blanks do not count."""
    folded = unicodedata.normalize("NFKC", text).translate(_CAPITALS).casefold().translate(_LOOKS_LIKE)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", folded) if not _is_mark(letter))
    return bare.translate(_LOOKS_LIKE).replace("rn", "m").replace("vv", "w")


def _is_mark(letter: str) -> bool:
    return unicodedata.combining(letter) != 0 or letter.isspace() or unicodedata.category(letter) == "Cf"


def lint_roster(students: Sequence[Student]) -> list[str]:
    """A line for each thing in a roster that is allowed and probably a mistake, safe to print."""
    return [*_alike(students), *_hidden(students), *_mixed(students)]


def _alike(students: Sequence[Student]) -> Iterator[str]:
    for column in ("identifier", "login", "name"):
        groups: dict[str, list[Student]] = {}
        for student in students:
            text = getattr(student, column)
            if text:
                groups.setdefault(skeleton(text), []).append(student)
        for group in groups.values():
            if len(group) > 1:
                texts = [visible(getattr(student, column)) for student in group]
                same = "are the same" if len(set(texts)) == 1 else "look alike"
                who = ", ".join(visible(student.identifier) for student in group)
                shown = texts[0] if len(set(texts)) == 1 else " and ".join(texts)
                yield f"{column}: {shown} {same} ({who}): is this one person twice?"


def _hidden(students: Iterable[Student]) -> Iterator[str]:
    for student in students:
        for column in ("identifier", "name"):
            text = getattr(student, column)
            if visible(text) != text:
                yield f"{column}: {visible(text)} has a character that nobody can see"
            elif unicodedata.normalize("NFC", text) != text:
                yield f"{column}: {text} has accents apart from their letters, type it anew"


def _mixed(students: Iterable[Student]) -> Iterator[str]:
    for student in students:
        for column in ("identifier", "name"):
            for word in getattr(student, column).split():
                alphabets = sorted({_alphabet(letter) for letter in word if letter.isalpha()})
                if len(alphabets) > 1 and "LATIN" in alphabets:
                    yield f"{column}: {visible(word)} mixes letters of {' and '.join(alphabets).lower()}"


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "unknown").partition(" ")[0]
