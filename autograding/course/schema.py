"""Check a document against a model, and say what is wrong in the words of the file.

This is the one place where pydantic's errors become ours. A model says what
each value is; checks say how values fit together. Checks look at the document
as it was written, so that a mistake in one place does not hide another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autograding.course.document import Document, Location, show_key
from autograding.course.mistakes import Mistake, advise, describe, nearest, refuse
from autograding.grader.grade import plain_number

Model = TypeVar("Model", bound=BaseModel)
Check = Callable[[Document], Iterable[Mistake]]


def read_model(
    document: Document, model: type[Model], checks: Iterable[Check], zone: ZoneInfo | None = None
) -> Model:
    """The document as a model. Raises ConfigurationError with every mistake there is in it.

    `zone` is the time zone in which a date without one is spelled out for the reader.
    """
    found, mistakes = examine(document, model, checks, zone)
    refuse(mistakes)
    assert found is not None
    return found


def examine(
    document: Document, model: type[Model], checks: Iterable[Check], zone: ZoneInfo | None = None
) -> tuple[Model | None, list[Mistake]]:
    """The document as a model, or None and the mistakes that keep it from being one."""
    mistakes = [*document.mistakes, *(mistake for check in checks for mistake in check(document))]
    try:
        found = model.model_validate(document.value, context=zone)
    except ValidationError as error:
        return None, [*mistakes, *_translate(document, model, error)]
    return (None if mistakes else found), mistakes


def _translate(document: Document, model: type[BaseModel], error: ValidationError) -> Iterator[Mistake]:
    details = error.errors(include_url=False)
    unknown = [item["loc"] for item in details if item["type"] == "extra_forbidden"]
    for item in details:
        location = item["loc"]
        keys = list(_keys(model, location[:-1] if location else ()))
        if item["type"] == "extra_forbidden":
            yield document.mistake(location, "unknown key", _known(str(location[-1]), keys, item["input"]))
        elif item["type"] == "missing":
            # A misspelt key is reported once, as unknown, with the key it was meant to be.
            typed = [str(other[-1]) for other in unknown if other[:-1] == location[:-1]]
            if location[-1] not in [nearest(word, keys) for word in typed]:
                yield document.mistake(location, "the key is missing", _missing(model, location))
        else:
            yield document.mistake(location, *_wrong(item, model))


def _known(word: str, keys: list[str], value: object) -> str:
    advice = advise(word, keys, "known keys")
    if value is None and nearest(word, keys) is None:
        # {title: dot, matmul} is read as a title and a key without a value.
        return f"put a text that contains a comma in quotes ({advice})"
    return advice


def _missing(model: type[BaseModel], location: Location) -> str:
    parent = _model_at(model, location[:-1])
    assert parent is not None
    return f"add {show_key(str(location[-1]))}: {parent.model_fields[str(location[-1])].description}"


def _wrong(item: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    context = item.get("ctx", {})
    got = describe(item["input"])
    if item["type"] == "expected":
        return f"expected {context['wanted']}, got {context['got'] or got}", context["mend"]
    if item["type"] == "literal_error":
        choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
        near = nearest(str(item["input"]), choices)
        return f"expected one of {', '.join(choices)}, got {got}", f"did you mean {near}?" if near else None
    if item["type"] == "tuple_type":
        return f"expected a list, got {got}", "write each entry on a line of its own, beginning with '- '"
    if item["type"] == "model_type":
        keys = ", ".join(_keys(model, item["loc"]))
        if item["input"] is None and not item["loc"]:
            return "the file is empty", f"it has the keys {keys}"
        return f"expected the keys {keys}, got {got}", None
    return f"{item['msg'][0].lower()}{item['msg'][1:]}, got {got}", None


def _keys(model: type[BaseModel], location: Location) -> Iterable[str]:
    parent = _model_at(model, location)
    return parent.model_fields if parent else ()


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """The model that describes the value at a location."""
    found: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, str) and found is not None:
            field = found.model_fields.get(step)
            found = _model_in(field.annotation) if field else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def unique(document: Document, locations: Iterable[Location], kind: str) -> Iterator[Mistake]:
    """The texts at these locations differ, letter case aside. Says nothing about what is not text."""
    seen: dict[str, Location] = {}
    for location in locations:
        value = document.get(*location)
        if isinstance(value, str) and seen.setdefault(value.lower(), location) != location:
            line = document.line(seen[value.lower()])
            yield document.mistake(
                location, f"the {kind} {describe(value)} stands twice, first in line {line}"
            )


def adds_up(
    document: Document, total: float, locations: Iterable[Location], where: Location
) -> Iterator[Mistake]:
    """The numbers at these locations add up. Says nothing while one of them is not a number."""
    numbers = [document.get(*location) for location in locations]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        return
    if abs(sum(numbers) - total) > 1e-6:
        terms = " + ".join(str(plain_number(number)) for number in numbers)
        got = f"{terms} = {plain_number(sum(numbers))}" if numbers else "none"
        yield document.mistake(where, f"expected numbers that add up to {plain_number(total)}, got {got}")
