"""`tt`: the student's package as a test sees it, spoken to across the border.

Attribute access, calls and operators on `tt` and on the handles that come out
of it become requests to the worker. Plain values come back by value, anything
else as another handle.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import numpy as np

from autograding.grader.testing import NotPlain, show
from autograding.grader.worker.wire import Reference

Plain = TypeVar("Plain")
CALL_TEXT_LIMIT = 160

CATCHABLE: tuple[type[Exception], ...] = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    ZeroDivisionError,
    FloatingPointError,
    OverflowError,
    ArithmeticError,
    LookupError,
    NameError,
    ModuleNotFoundError,
    ImportError,
    FileNotFoundError,
    OSError,
    MemoryError,
    AssertionError,
)


class StudentError(Exception):
    """An exception raised by student code, as data; also an instance of its builtin class."""

    type_name: str
    message: str
    frames: tuple[str, ...]

    def __str__(self) -> str:
        return self.message


def student_error(reply: Any) -> StudentError:
    """The exception for an `{"error": …}` reply, catchable as the builtin class it was."""
    details = reply if isinstance(reply, dict) else {}
    names = details.get("bases")
    bases = set(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else set()
    builtin = next((cls for cls in CATCHABLE if cls.__name__ in bases), None)
    parents = (StudentError, builtin) if builtin else (StudentError,)
    name = _text(details.get("type"), "")
    error: StudentError = type(name if name.isidentifier() else "StudentError", parents, {})()
    error.type_name = name or "an error"
    error.message = _text(details.get("message"), "")
    frames = details.get("frames")
    error.frames = tuple(_text(frame, "") for frame in frames[:5]) if isinstance(frames, list) else ()
    return error


def _text(value: Any, default: str) -> str:
    return value[:2000] if isinstance(value, str) else default


class Asked(Protocol):
    """Whoever answers requests: a `Session` with a worker, for every grade."""

    def request(self, op: str, *args: Any, **kwargs: Any) -> Any:
        """The reply to one request: `{"ok": value}` or `{"error": details}`."""


class Border:
    """What `tt` and all handles of one test share: the session and the last call, as text."""

    def __init__(self, session: Asked) -> None:
        self.session = session
        self.called = ""

    def ask(self, text: str, op: str, *args: Any, **kwargs: Any) -> Any:
        """One request; `text` is how the result reads in a message. Raises StudentError, WorkerLost."""
        reply = self.session.request(
            op,
            *(_outgoing(item) for item in args),
            **{name: _outgoing(item) for name, item in kwargs.items()},
        )
        if "error" in reply:
            raise student_error(reply["error"])
        return self._incoming(reply["ok"], text)

    def note(self, text: str) -> str:
        """Remember what is being called, for the `called` line of a failure."""
        self.called = text if len(text) <= CALL_TEXT_LIMIT else text[: CALL_TEXT_LIMIT - 1] + "…"
        return self.called

    def _incoming(self, value: Any, text: str) -> Any:
        kind = type(value)
        if kind is Reference:
            return Handle(self, value, text)
        if kind is list:
            return [self._incoming(item, text) for item in value]
        if kind is tuple:
            return tuple(self._incoming(item, text) for item in value)
        if kind is dict:
            return {self._incoming(key, text): self._incoming(item, text) for key, item in value.items()}
        return value


def _outgoing(value: Any) -> Any:
    kind = type(value)
    if kind is Handle:
        return _reference(value)
    if kind is list:
        return [_outgoing(item) for item in value]
    if kind is tuple:
        return tuple(_outgoing(item) for item in value)
    if kind is dict:
        return {_outgoing(key): _outgoing(item) for key, item in value.items()}
    if kind is slice or value is Ellipsis or isinstance(value, (np.generic, np.dtype, type)):
        raise TypeError(f"a test sends plain values to tt, not {kind.__name__}: use tt.keep or plain numbers")
    return value


def _reference(handle: Handle) -> Reference:
    reference: Reference = object.__getattribute__(handle, "_reference")
    return reference


def _border(handle: Handle) -> Border:
    border: Border = object.__getattribute__(handle, "_border")
    return border


def describe(value: Any) -> str:
    """A value as it stands in a `called` line: arrays by their shape, the rest shortened."""
    if type(value) is Handle:
        text: str = object.__getattribute__(value, "_text")
        return text
    if type(value) is np.ndarray:
        return f"array{value.shape}"
    if type(value) is list and len(value) > 8:
        return f"[{len(value)} items]"
    return show(value, 60)


def _describe_key(key: Any) -> str:
    parts = key if type(key) is tuple else (key,)
    return ", ".join("..." if part is Ellipsis else _describe_slice(part) for part in parts)


def _describe_slice(part: Any) -> str:
    if type(part) is not slice:
        return describe(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join([*ends, str(part.step)] if part.step is not None else ends)


class Handle:
    """An object that lives in the worker."""

    __slots__ = ("_border", "_reference", "_text")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, border: Border, reference: Reference, text: str) -> None:
        object.__setattr__(self, "_border", border)
        object.__setattr__(self, "_reference", reference)
        object.__setattr__(self, "_text", text)

    @staticmethod
    def remote_type_name(handle: Handle) -> str:
        return _reference(handle).type_name

    def __getattr__(self, name: str) -> Any:
        # numpy asks any object where its memory is, and would read there.
        if name.startswith("__array"):
            raise AttributeError(name)
        return _border(self).ask(f"{describe(self)}.{name}", "getattr", self, name)

    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise NotPlain("an ndarray", self.remote_type_name(self))

    def __setattr__(self, name: str, value: Any) -> None:
        border = _border(self)
        border.ask(border.note(f"{describe(self)}.{name} = {describe(value)}"), "setattr", self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        border = _border(self)
        shown = [describe(item) for item in args]
        shown += [f"{name}={describe(item)}" for name, item in kwargs.items()]
        return border.ask(border.note(f"{describe(self)}({', '.join(shown)})"), "call", self, *args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        border = _border(self)
        text = border.note(f"{describe(self)}[{_describe_key(key)}]")
        return border.ask(text, "getitem", self, _sendable_key(border, key))

    def __setitem__(self, key: Any, value: Any) -> None:
        border = _border(self)
        text = border.note(f"{describe(self)}[{_describe_key(key)}] = {describe(value)}")
        border.ask(text, "setitem", self, _sendable_key(border, key), value)

    def __len__(self) -> int:
        return _converted(self, "len", int)

    def __bool__(self) -> bool:
        return _converted(self, "bool", bool)

    def __float__(self) -> float:
        return _converted(self, "float", float)

    def __int__(self) -> int:
        return _converted(self, "int", int)

    def __index__(self) -> int:
        return _converted(self, "index", int)

    def __iter__(self) -> Iterator[Any]:
        return iter(_converted(self, "list", list))

    def __str__(self) -> str:
        return _texted(self, "str")

    def __repr__(self) -> str:
        return _texted(self, "repr")


def _sendable_key(border: Border, key: Any) -> Any:
    """An index in which slices and `...`, which do not cross by value, are made in the worker."""
    if type(key) is tuple:
        return tuple(_sendable_key(border, part) for part in key)
    if type(key) is slice:
        make = border.ask("slice", "getattr", border.ask("builtins", "module", "builtins"), "slice")
        return border.ask("slice", "call", make, key.start, key.stop, key.step)
    if key is Ellipsis:
        return border.ask("...", "getattr", border.ask("builtins", "module", "builtins"), "Ellipsis")
    return key


def _converted(handle: Handle, name: str, kind: type[Plain]) -> Plain:
    border = _border(handle)
    value = border.ask(border.note(f"{name}({describe(handle)})"), "convert", name, handle)
    if type(value) is not kind:
        raise TypeError(f"{name}() gave {show(value)}")
    return value


def _texted(handle: Handle, name: str) -> str:
    value = _border(handle).ask(f"{name}({describe(handle)})", "text", name, handle)
    return value if type(value) is str else show(value)


SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


def _binary(name: str, symbol: str, reflected: bool) -> Callable[[Handle, Any], Any]:
    def apply(self: Handle, other: Any) -> Any:
        pair = (other, self) if reflected else (self, other)
        border = _border(self)
        text = border.note(f"{describe(pair[0])} {symbol} {describe(pair[1])}")
        return border.ask(f"({text})", "operator", name, *pair)

    return apply


def _comparison(symbol: str) -> Callable[[Handle, Any], Any]:
    """Refuses: the object could say that it is equal to anything."""

    def apply(self: Handle, other: Any) -> Any:
        border = _border(self)
        border.note(f"{describe(self)} {symbol} {describe(other)}")
        raise NotPlain(
            f"a plain value of type {type(other).__name__}",
            f"an object of type {self.remote_type_name(self)}",
        )

    return apply


def _unary(name: str, symbol: str) -> Callable[[Handle], Any]:
    def apply(self: Handle) -> Any:
        border = _border(self)
        text = border.note(f"{symbol}{describe(self)}")
        return border.ask(text, "operator", name, self)

    return apply


for _name, _symbol in SYMBOLS.items():
    setattr(Handle, f"__{_name}__", _binary(_name, _symbol, reflected=False))
    setattr(Handle, f"__r{_name}__", _binary(_name, _symbol, reflected=True))
for _name, _symbol in COMPARISONS.items():
    setattr(Handle, f"__{_name}__", _comparison(_symbol))
for _name, _symbol in {"neg": "-", "pos": "+", "abs": "abs "}.items():
    setattr(Handle, f"__{_name}__", _unary(_name, _symbol))


class Package:
    """`tt`: the top level of the student's `tinytorch`, plus what a test needs to do in the worker."""

    def __init__(self, border: Border) -> None:
        self._border = border
        self._root: Handle | None = None

    def __getattr__(self, name: str) -> Any:
        if self._root is None:
            self._root = self._border.ask(self._border.note("import tinytorch"), "module", "tinytorch")
        return self._border.ask(self._border.note(name), "getattr", self._root, name)

    def keep(self, value: Any) -> Handle:
        """Put a plain value into the worker and get a handle to that one object."""
        reply = self._border.ask(describe(value), "keep", value)
        if type(reply) is not Handle:
            raise TypeError(f"keep gave {show(reply)}")
        return reply

    def same(self, first: Any, second: Any) -> bool:
        """Whether two handles are one object in the worker."""
        return operator.is_(self._border.ask("same", "same", first, second), True)

    def patch(self, target: str, *, returns: Any = None, raises: str | None = None) -> None:
        """Replace the function `target` (dotted) for the rest of the test."""
        self._border.ask(self._border.note(f"import {target}"), "patch", target, returns, raises)

    def hide(self, name: str) -> None:
        """Make `import name` fail in the worker for the rest of the test, as if it were not installed."""
        self._border.ask(f"hide {name}", "hide", name)

    def fresh_import(self, name: str) -> Handle:
        """Import a module of the package anew in the worker."""
        handle: Handle = self._border.ask(self._border.note(f"import {name}"), "fresh_import", name)
        return handle
