"""The kinds of values in course files, each with the words that say what is expected."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo
from pydantic_core import PydanticCustomError

from autograding.course.mistakes import nearest
from autograding.grader.notebook.rules import is_construct

BANDS = ("9-10", "7-8", "5-6", "3-4", "0-2")
"""The bands of a rubric, best first."""

YEARS = range(2000, 2100)


class Keys(BaseModel):
    """A group of keys in a course file: no others than these, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def expected(wanted: str, mend: str | None = None, got: str = "") -> PydanticCustomError:
    """The error of a value that is not what was wanted."""
    return PydanticCustomError("expected", "expected {wanted}", {"wanted": wanted, "mend": mend, "got": got})


def _matching(pattern: str, wanted: str, value: Any) -> str:
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise expected(wanted)
    return value


def _like(pattern: str, wanted: str) -> BeforeValidator:
    return BeforeValidator(partial(_matching, pattern, wanted))


def _number(kind: type, wanted: str, low: float, high: float, value: Any) -> Any:
    numeric = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if not numeric or not low <= value <= high:
        raise expected(wanted)
    return kind(value)


def _quantity(kind: type, wanted: str, *, low: float = 0, high: float = 1_000_000) -> BeforeValidator:
    return BeforeValidator(partial(_number, kind, wanted, low, high))


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, bool | int | float):
        raise expected("text", "put it in quotes")
    raise expected("text")


def _exact_text(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text", "for a block of code write | after the colon and the lines below, indented")
    return value


def _construct(value: Any) -> str:
    if not isinstance(value, str) or not is_construct(value):
        raise expected("a construct such as numpy.dot, .dot, map, '@', '**', for, while or comprehension")
    return value


def _hours(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return _matching(r"[0-9]+(-[0-9]+)?", "hours such as 5 or 4-6", text)


def _zone(value: Any) -> ZoneInfo:
    wanted = "the name of a time zone such as Europe/Zurich or America/New_York"
    if not isinstance(value, str):
        raise expected(wanted)
    try:
        return ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        near = nearest(value, sorted(available_timezones()))
        raise expected(wanted, f"did you mean {near}?" if near else None) from None


def _moment(value: Any, info: ValidationInfo) -> datetime:
    wanted = "a date with time and offset such as 2027-02-05T23:59:00-05:00"
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise expected(wanted) from None
    if moment.year not in YEARS:
        raise expected(f"a year from {YEARS[0]} to {YEARS[-1]}")
    if moment.tzinfo is None:
        raise expected("a date with a time zone", _with_offset(value, moment, info.context))
    return moment


def _with_offset(value: str, moment: datetime, zone: ZoneInfo | None) -> str:
    """How a date without an offset is written right. A date alone means the end of that day."""
    if _is_date(value):
        moment = datetime.combine(moment, time(23, 59))
    reason = f", the offset of {zone.key} on that day" if zone else ", with the offset of your time zone"
    return f"write {moment.replace(tzinfo=zone or UTC).isoformat()}{reason}"


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


LOGIN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}"
_NAME = r"[a-z][a-z0-9_]*"
ASSIGNMENT_ID = rf"(?:[0-9]{{2}}|[0-9]{{4}})_{_NAME}"
DATA_FILE = r"[a-z0-9_]+\.[a-z0-9]+"
_PYTHON_NAME = "[A-Za-z_][A-Za-z0-9_]*"
LESSON_FILE = rf"{_NAME}\.py"

Text = Annotated[str, BeforeValidator(_text)]
ExactText = Annotated[str, BeforeValidator(_exact_text)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Hours = Annotated[str, BeforeValidator(_hours)]
Points = Annotated[float, _quantity(float, "points, a number from 0.5", low=0.5)]
Percent = Annotated[float, _quantity(float, "percent, a number from 0 to 100", high=100)]
Seconds = Annotated[float, _quantity(float, "seconds, a number from 0.1", low=0.1)]
Mebibytes = Annotated[int, _quantity(int, "MiB, a whole number from 64", low=64)]
Minutes = Annotated[int, _quantity(int, "minutes, a whole number from 0")]
Days = Annotated[int, _quantity(int, "days, a whole number from 0 to 100", high=100)]
Weight = Annotated[float, _quantity(float, "a weight, a number from 0 to 100", high=100)]
AssignmentId = Annotated[
    str,
    _like(
        ASSIGNMENT_ID,
        "two digits (or a year) and a name in lower case such as 01_tensor or 1986_mlp",
    ),
]
ShortId = Annotated[
    str, _like(_NAME, "an id in lower case (letters, digits, _), beginning with a letter, such as matmul")
]
Login = Annotated[str, _like(LOGIN, "a GitHub login such as ada-lovelace, without @ or https://")]
Organization = Annotated[str, _like(LOGIN, "the name of a GitHub organization such as my-course")]
Branch = Annotated[
    str, _like(r"(?!.*(\.\.|//))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![./])", "the name of a branch such as main")
]
Package = Annotated[
    str,
    _like(rf"tinytorch(\.{_NAME})+", "a dotted path such as tinytorch.core.tensor"),
]
LessonFile = Annotated[str, _like(LESSON_FILE, "the name of a file in this folder such as tensor.py")]
DataFile = Annotated[str, _like(DATA_FILE, "the name of a file in the folder data/ such as digits.npz")]
ImportName = Annotated[str, _like(_PYTHON_NAME, "the name of a package such as numpy")]
Construct = Annotated[str, BeforeValidator(_construct)]
FunctionName = Annotated[
    str,
    _like(
        rf"{_PYTHON_NAME}(\.{_PYTHON_NAME})*",
        "the name of a function, class or method such as Linear.forward",
    ),
]
BandPoints = Annotated[str, _like("|".join(BANDS), f"one of {', '.join(BANDS)}")]
