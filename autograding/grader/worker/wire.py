"""The wire format between judge and worker: framed JSON and raw array bytes, never pickle.

A frame is an 8-byte header (length of the JSON part, length of the array part,
both big-endian) followed by the two parts. JSON carries None, bool, str, finite
floats, 64-bit ints and lists as themselves; everything else is a tagged object
with exactly the keys given in `_decode_tagged`. Every value has one form, and
reading accepts no other. Both sides read strictly: the judge because the other
end may be hostile, the worker for symmetry.

This file imports only the standard library and numpy, because it is all that
the sandbox gets to see of the grader (with `server.py` and its neighbours).
"""

from __future__ import annotations

import json
import math
import re
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER = struct.Struct(">II")
# Between judge and fork server: an action with a process number, and a process number in answer.
REQUEST, REPLY, READY = struct.Struct(">cI"), struct.Struct(">I"), 0
MAX_JSON = 8 * 2**20
MAX_ARRAYS = 64 * 2**20
FIRST_READ = 64 * 2**10
MAX_DEPTH = 32
MAX_TYPE_NAME = 80
MAX_INT_DIGITS = 4000
# A reader builds a table of the entries; with keys made to collide, its time grows with the square.
MAX_ENTRIES = 10_000
ARRAY_KINDS = "biuf"
NUMBERS = frozenset(np.dtype(code).type for code in "?efd" + np.typecodes["AllInteger"])
BIG_INT = re.compile(r"-?0x[1-9a-f][0-9a-f]*")


class WireError(Exception):
    """A frame that does not follow the format."""


class WireTimeout(Exception):
    """The other side did not answer in time."""


class WireClosed(Exception):
    """The other side is gone."""


@dataclass(frozen=True)
class Reference:
    """An object that stays in the worker: its number there and the name of its type."""

    number: int
    type_name: str = ""


class Unsendable(Exception):
    """A value that does not cross the border by value."""


def encode(
    value: Any, reference_for: Callable[[Any], Reference], *, numbers_from: int = MAX_DEPTH
) -> tuple[bytes, list[bytes]]:
    """JSON bytes and array parts of one message.

    `reference_for` is asked for every object that is not a plain value; it may
    raise Unsendable. Numbers of numpy that lie `numbers_from` lists, tuples or
    dicts deep, or deeper, are sent as the numbers of Python they are equal to.
    """
    arrays: list[bytes] = []
    tree = _Encoder(reference_for, arrays, numbers_from).encode(value, 0)
    text = json.dumps(tree, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.encode(), arrays


@dataclass(frozen=True)
class _Encoder:
    reference_for: Callable[[Any], Reference]
    arrays: list[bytes]
    numbers_from: int

    def encode(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if _is_small(value) else {"t": "int", "v": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
        if depth >= MAX_DEPTH:
            raise Unsendable("nested too deeply")
        if depth >= self.numbers_from and kind in NUMBERS:
            return self.encode(value.item(), depth)
        if kind is list:
            return self._items(value, depth)
        if kind is tuple:
            return {"t": "tuple", "v": self._items(value, depth)}
        if kind is dict and len(value) <= MAX_ENTRIES and all(self._is_key(key, depth) for key in value):
            return {"t": "dict", "v": [self._items(pair, depth) for pair in value.items()]}
        if kind is np.ndarray and value.dtype.kind in ARRAY_KINDS and value.dtype.itemsize <= 8:
            data = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
            self.arrays.append(data.tobytes())
            return {"t": "array", "d": data.dtype.str, "s": list(value.shape)}
        reference = value if kind is Reference else self.reference_for(value)
        return {"t": "ref", "n": reference.number, "y": reference.type_name}

    def _items(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.encode(item, depth + 1) for item in values]

    def _is_key(self, value: Any, depth: int) -> bool:
        return _is_key(value, NUMBERS if depth + 1 >= self.numbers_from else frozenset())


def _is_key(value: Any, numbers: frozenset[type] = frozenset()) -> bool:
    """Whether a value is a key on both sides: an object of the worker has no hash for the judge."""
    if type(value) is tuple:
        return all(_is_key(item, numbers) for item in value)
    return value is None or type(value) in (bool, int, float, str) or type(value) in numbers


def _is_small(value: int) -> bool:
    return -(2**63) <= value < 2**63


def decode(text: bytes | memoryview, arrays: bytes | memoryview) -> Any:
    """The value of one message. Raises WireError for anything but the documented form."""
    try:
        tree = json.loads(bytes(text), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {type(error).__name__}") from error
    reader = _ArrayReader(arrays)
    value = _decode(tree, reader, 0)
    if reader.position != len(arrays):
        raise WireError("array bytes left over")
    return value


class _ArrayReader:
    def __init__(self, data: bytes | memoryview) -> None:
        self.data = data
        self.position = 0

    def take(self, dtype: np.dtype[Any], shape: list[int]) -> np.ndarray[Any, Any]:
        size = math.prod(shape) * dtype.itemsize
        if size > len(self.data) - self.position:
            raise WireError("an array is larger than its bytes")
        flat = np.frombuffer(self.data, dtype, count=math.prod(shape), offset=self.position)
        self.position += size
        # numpy keeps whatever byte a bool has, and then neither counts nor compares it as a truth value.
        if dtype.kind == "b" and flat.view(np.uint8).max(initial=0) > 1:
            raise WireError("a truth value that is neither true nor false")
        return flat.reshape(shape).astype(dtype.newbyteorder("="), copy=True)


def _decode(tree: Any, arrays: _ArrayReader, depth: int) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise WireError("nested too deeply")
    if isinstance(tree, list):
        return [_decode(item, arrays, depth + 1) for item in tree]
    if isinstance(tree, dict):
        return _decode_tagged(tree, arrays, depth)
    if type(tree) is float and not math.isfinite(tree):
        raise WireError("a number too large for a float")
    if type(tree) is int and not _is_small(tree):
        raise WireError("a bare integer of more than 64 bits")
    return tree


def _decode_tagged(tree: dict[str, Any], arrays: _ArrayReader, depth: int) -> Any:
    match tree:
        case {"t": "int", "v": str(digits), **rest} if not rest:
            return _big_int(digits)
        case {"t": "float", "v": "nan" | "inf" | "-inf" as name, **rest} if not rest:
            return float(name)
        case {"t": "tuple", "v": list(items), **rest} if not rest:
            return tuple(_decode(item, arrays, depth + 1) for item in items)
        case {"t": "dict", "v": list(pairs), **rest} if not rest:
            return _decode_dict(pairs, arrays, depth + 1)
        case {"t": "array", "d": str(name), "s": list(shape), **rest} if not rest:
            return arrays.take(_array_dtype(name), _array_shape(shape))
        case {"t": "ref", "n": int(number), "y": str(type_name), **rest} if not rest:
            return Reference(_count(number), type_name[:MAX_TYPE_NAME])
    raise WireError("a value of no known form")


def _decode_dict(pairs: list[Any], arrays: _ArrayReader, depth: int) -> dict[Any, Any]:
    if len(pairs) > MAX_ENTRIES:
        raise WireError("a dict with too many entries")
    result = dict(_decode_pair(pair, arrays, depth) for pair in pairs)
    # 1, 1.0 and True are one key: a dict that held two of them never existed.
    if len(result) != len(pairs):
        raise WireError("two dict keys that are equal")
    return result


def _decode_pair(pair: Any, arrays: _ArrayReader, depth: int) -> tuple[Any, Any]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise WireError("a dict entry that is no pair")
    key, value = (_decode(item, arrays, depth) for item in pair)
    if not _is_key(key):
        raise WireError("a dict key that cannot be one")
    return key, value


def _array_dtype(name: str) -> np.dtype[Any]:
    if name not in {"|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind in "iuf" for size in (2, 4, 8))}:
        raise WireError("an array dtype that does not cross the border")
    return np.dtype(name)


def _array_shape(shape: list[Any]) -> list[int]:
    if len(shape) > 32 or not all(type(size) is int and 0 <= size <= MAX_ARRAYS for size in shape):
        raise WireError("an array shape that cannot be one")
    # numpy counts the other sizes of an empty array too, and refuses what they add up to.
    if math.prod(size for size in shape if size) > MAX_ARRAYS:
        raise WireError("an array shape that cannot be one")
    return shape


def _big_int(digits: str) -> int:
    if len(digits) > MAX_INT_DIGITS or not BIG_INT.fullmatch(digits) or _is_small(int(digits, 16)):
        raise WireError("a number that cannot be one")
    return int(digits, 16)


def _count(number: int) -> int:
    if type(number) is not int or not 0 <= number < 2**63:
        raise WireError("a reference that cannot be one")
    return number


def _refuse_constant(name: str) -> None:
    raise WireError(f"a bare {name}")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > 3:
        raise WireError("a value of no known form")
    result = dict(pairs)
    if len(result) != len(pairs):
        raise WireError("a key that stands twice")
    return result


def send(
    connection: socket.socket, message: tuple[bytes, list[bytes]], deadline: float | None = None
) -> None:
    """Write one frame until `deadline`, a `time.monotonic` instant.

    Raises Unsendable when it is over the limits, WireTimeout when nobody reads in
    time and WireClosed when nobody can.
    """
    text, arrays = message
    length = sum(map(len, arrays))
    if len(text) > MAX_JSON or length > MAX_ARRAYS:
        raise Unsendable(f"too large to send ({(len(text) + length) >> 20} MiB)")
    _set_timeout(connection, deadline)
    try:
        connection.sendall(b"".join([HEADER.pack(len(text), length), text, *arrays]))
    except TimeoutError as error:
        raise WireTimeout from error
    except OSError as error:
        raise WireClosed from error


def expect_silence(connection: socket.socket) -> None:
    """Raises WireError when the other side has said something without being asked."""
    waiting, _, _ = select.select([connection], [], [], 0)
    if waiting and connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
        raise WireError("an answer to nothing")


def receive(connection: socket.socket, deadline: float | None = None) -> Any:
    """Read one message; `deadline` is a `time.monotonic` instant.

    Sizes are checked before anything is allocated. Each side speaks when it is
    asked, so more than one message at a time is an error. Raises WireError,
    WireTimeout or WireClosed.
    """
    data = bytearray()
    while len(data) < HEADER.size:
        data += _part(connection, FIRST_READ, deadline)
    text_length, array_length = HEADER.unpack_from(data)
    if text_length > MAX_JSON or array_length > MAX_ARRAYS:
        raise WireError("a message over the size limit")
    end = HEADER.size + text_length
    if len(data) > end + array_length:
        raise WireError("more than one message at a time")
    while len(data) < end + array_length:
        data += _part(connection, min(end + array_length - len(data), 2**20), deadline)
    view = memoryview(data)
    return decode(view[HEADER.size : end], view[end:])


def _part(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    _set_timeout(connection, deadline)
    try:
        part = connection.recv(count)
    except TimeoutError as error:
        raise WireTimeout from error
    except OSError as error:
        raise WireClosed from error
    if not part:
        raise WireClosed
    return part


def _set_timeout(connection: socket.socket, deadline: float | None) -> None:
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise WireTimeout
    connection.settimeout(left)
