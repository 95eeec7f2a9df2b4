"""What a module's tests are written with: exercises, comparisons and expected errors.

The same tests run against the sandboxed worker (where `tt` is a proxy and a
student's objects are handles) and in-process for a student with a debugger.
Comparisons check in the order type, shape, dtype, values, each with a message
of its own, because "arrays differ" helps nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import pytest

Test = TypeVar("Test", bound=Callable[..., Any])


class Mismatch(AssertionError):
    """What was expected and what came out, as two texts a student reads."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected: {expected}\n     got: {got}")
        self.expected = expected
        self.got = got


class NotPlain(BaseException):
    """An object of the student's stands where a check needs a plain value, as two texts a student reads.

    Comparing it would let the object decide. This ends the test: no `except Exception`,
    in the test or in numpy, may make something else of it.
    """

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def exercise(id: str, *, hint: str, weight: float = 1.0) -> Callable[[Test], Test]:
    """Say which exercise a test scores, and the hint a student sees when it fails.

    `id` is the short id of `module.yml` (`matmul`). Tests of one exercise share
    its points by weight. A hint names the likely cause and never the solution.
    """
    return pytest.mark.exercise(id, hint=hint, weight=weight)


def type_name(value: Any) -> str:
    """The name of a value's type, also for an object that lives in the worker."""
    return getattr(type(value), "remote_type_name", lambda item: type(item).__name__)(value)


def expect(condition: Any, expected: str, got: str) -> None:
    """Fail with two readable texts unless `condition` is exactly True."""
    if condition is not True and not (isinstance(condition, np.bool_) and bool(condition)):
        raise Mismatch(expected, got)


def assert_equal(actual: Any, expected: Any) -> None:
    """`actual` is a plain value of exactly the type of `expected`, and equal to it."""
    if type(actual) is not type(expected):
        raise Mismatch(
            f"{show(expected)} of type {type(expected).__name__}",
            f"{show(actual)} of type {type_name(actual)}",
        )
    if actual != expected:
        raise Mismatch(show(expected), show(actual))


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    dtype: Any = None,
) -> None:
    """`actual` is an ndarray with the shape and values of `expected`.

    `dtype`, when given, is checked too. NaN equals NaN. An ndarray subclass is
    not an ndarray here.
    """
    wanted = np.asarray(expected)
    if type(actual) is not np.ndarray:
        raise Mismatch(f"an ndarray of shape {wanted.shape}", f"{type_name(actual)}: {show(actual)}")
    if actual.shape != wanted.shape:
        raise Mismatch(f"shape {wanted.shape}", f"shape {actual.shape}")
    if dtype is not None and actual.dtype != np.dtype(dtype):
        raise Mismatch(f"dtype {np.dtype(dtype).name}", f"dtype {actual.dtype.name}")
    if not (np.issubdtype(actual.dtype, np.number) or actual.dtype == np.bool_):
        raise Mismatch("numbers", f"dtype {actual.dtype.name}")
    if not np.allclose(actual, wanted, rtol=rtol, atol=atol, equal_nan=True):
        where = _first_difference(actual, wanted, rtol, atol)
        raise Mismatch(f"{show(wanted)}{where[0]}", f"{show(actual)}{where[1]}")


@contextmanager
def raises(error: type[Exception], *, mentions: Sequence[str] = ()) -> Iterator[None]:
    """The block raises `error`, and its message contains each text of `mentions`."""
    wanted = error.__name__ + (f" mentioning {', '.join(mentions)}" if mentions else "")
    try:
        yield
    except error as caught:
        missing = [text for text in mentions if text not in str(caught)]
        if missing:
            raise Mismatch(wanted, f"{error.__name__}: {str(caught)[:300]}") from caught
    except Mismatch:
        raise
    except Exception as caught:
        if getattr(caught, "ends_the_test", False):
            raise
        name = getattr(caught, "type_name", type(caught).__name__)
        raise Mismatch(wanted, f"{name}: {str(caught)[:300]}") from caught
    else:
        raise Mismatch(wanted, "no error")


def show(value: Any, limit: int = 200) -> str:
    """A value on one line, short enough for a table."""
    if type(value) is np.ndarray:
        body = np.array2string(value, precision=5, threshold=12, edgeitems=2, separator=", ")
        text = f"array{value.shape} {' '.join(body.split())}"
    else:
        text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _first_difference(actual: Any, expected: Any, rtol: float, atol: float) -> tuple[str, str]:
    if actual.ndim == 0:
        return "", ""
    differs = np.argwhere(~np.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True))
    index = tuple(int(axis) for axis in differs[0])
    place = ", ".join(map(str, index))
    return f", at [{place}] {expected[index]:.6g}", f", at [{place}] {actual[index]:.6g}"
