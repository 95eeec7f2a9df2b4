"""Mistakes in course files, collected so that a person sees all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograding.grader.errors import ConfigurationError

_SHOWN = 60


@dataclass(frozen=True)
class Mistake:
    """One mistake: the file, the line (0 where there is none), what is wrong, how to mend it."""

    where: str
    line: int
    what: str
    mend: str | None = None

    @property
    def place(self) -> str:
        """The place as editors and terminals understand it: `classroom.yml:12`."""
        return f"{self.where}:{self.line}" if self.line else self.where


class ConfigurationMistakes(ConfigurationError):
    """All mistakes that were found; the text of several is theirs, one after the other."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        errors = [ConfigurationError(item.what, where=item.place, mend=item.mend) for item in mistakes]
        if len(errors) == 1:
            super().__init__(errors[0].what, where=errors[0].where, mend=errors[0].mend)
        else:
            super().__init__("\n".join(map(str, errors)))
        self.mistakes = tuple(mistakes)


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise the mistakes, if there are any, as one error: each file's in the order of its lines."""
    found = list(dict.fromkeys(mistakes))
    files = list(dict.fromkeys(mistake.where for mistake in found))
    if found:
        raise ConfigurationMistakes(sorted(found, key=lambda item: (files.index(item.where), item.line)))


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate a person most likely meant, or None where nothing comes near."""
    lowered = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(word[:100].lower(), lowered, n=1)
    return lowered[close[0]] if close else None


def advise(word: str, candidates: Sequence[str], kind: str) -> str:
    """How to mend a wrong name: the nearest one, and the ones there are."""
    near = nearest(word, candidates)
    known = f"{kind}: {', '.join(candidates)}" if candidates else f"{kind}: none"
    return f"did you mean {near}? ({known})" if near else known


def describe(value: object) -> str:
    """A value of a course file in the words of the person who wrote it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    return shorten(repr(value))


def shorten(text: str) -> str:
    """At most one line of a message."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
