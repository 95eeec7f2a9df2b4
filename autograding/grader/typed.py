"""Plain JSON as our frozen dataclasses, each value checked against the type that its field declares."""

from __future__ import annotations

import json
import math
import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")

WORDS = {str: "text", bool: "true or false", int: "a whole number", float: "a number", type(None): "null"}


def parse_json(text: str) -> Any:
    """JSON without NaN, infinities and half characters, which no file of ours holds. Raises ValueError."""
    content = json.loads(text, parse_constant=_refuse)
    # A lone surrogate can be escaped in JSON and cannot be written anywhere else.
    json.dumps(content, ensure_ascii=False).encode("utf-8")
    return content


def read_typed(kind: type[Record], raw: Any, place: str = "") -> Record:
    """`raw` as the dataclass `kind`, and so on for its fields. Raises ValueError that names the place."""
    value: Record = _read(kind, raw, place)
    return value


def _read(kind: Any, raw: Any, place: str) -> Any:
    if kind is Any:
        return raw
    if is_dataclass(kind):
        return _record(kind, raw, place)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        if not isinstance(raw, list):
            raise ValueError(f"{place}: expected a list")
        return tuple(_read(arguments[0], item, f"{place}[{number}]") for number, item in enumerate(raw))
    if origin is dict:
        if not isinstance(raw, dict):
            raise ValueError(f"{place}: expected an object")
        return {name: _read(arguments[1], item, f"{place}.{name}") for name, item in raw.items()}
    kinds = arguments if origin is types.UnionType else (kind,)
    if not any(_is(one, raw) for one in kinds):
        raise ValueError(f"{place}: expected {' or '.join(WORDS[one] for one in kinds)}")
    return raw


def _is(kind: type, raw: Any) -> bool:
    if kind is float:
        return type(raw) in (int, float) and math.isfinite(raw)
    return type(raw) is kind


def _record(kind: Any, raw: Any, place: str) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"{place or 'it'}: expected an object")
    hints = _hints(kind)
    unknown = [name for name in raw if name not in hints]
    missing = [
        field.name
        for field in fields(kind)
        if field.name not in raw and field.default is MISSING and field.default_factory is MISSING
    ]
    for names, problem in ((unknown, "unknown key"), (missing, "missing key")):
        if names:
            raise ValueError(f"{f'{place}: ' if place else ''}{problem} {names[0]!r:.60}")
    dot = f"{place}." if place else ""
    return kind(**{name: _read(hints[name], value, f"{dot}{name}") for name, value in raw.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"it contains {name}")
