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

    def error(self) -> ConfigurationError:
        """The mistake as the error that commands print."""
        place = f"{self.where}:{self.line}" if self.line else self.where
        return ConfigurationError(self.what, where=place, mend=self.mend)


class ConfigurationMistakes(ConfigurationError):
    """Several mistakes at once; its text is theirs, one after the other."""

    def __init__(self, errors: Sequence[ConfigurationError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise all mistakes as one ConfigurationError, each file's in the order of its lines."""
    found = list(dict.fromkeys(mistakes))
    files = list(dict.fromkeys(mistake.where for mistake in found))
    found.sort(key=lambda mistake: (files.index(mistake.where), mistake.line))
    if len(found) == 1:
        raise found[0].error()
    if found:
        raise ConfigurationMistakes([mistake.error() for mistake in found])


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
