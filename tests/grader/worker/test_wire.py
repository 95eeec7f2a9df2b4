"""The wire between judge and worker: what crosses, and what is refused."""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograding.grader.worker.wire import (
    HEADER,
    MAX_ARRAYS,
    MAX_JSON,
    Reference,
    Unsendable,
    WireClosed,
    WireError,
    WireTimeout,
    decode,
    encode,
    receive,
    send,
)


def refuse(value: Any) -> Reference:
    raise Unsendable(type(value).__name__)


def round_trip(value: Any) -> Any:
    text, parts = encode(value, refuse)
    return decode(text, b"".join(parts))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)
sendable_arrays = arrays.arrays(
    dtype=st.sampled_from(["float32", "float64", "float16", "int8", "int64", "uint8", "bool"]),
    shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)


@given(plain)
def test_plain_values_cross_unchanged_in_value_and_type(value: Any) -> None:
    assert repr(round_trip(value)) == repr(value)


@given(sendable_arrays)
def test_arrays_cross_unchanged_in_dtype_shape_and_bytes(array: np.ndarray[Any, Any]) -> None:
    back = round_trip(array)
    assert (type(back), back.dtype, back.shape, back.tobytes()) == (
        np.ndarray,
        array.dtype,
        array.shape,
        array.tobytes(),
    )


@given(st.binary(), st.binary())
def test_arbitrary_bytes_are_decoded_or_refused_but_never_crash(text: bytes, data: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(text, data)


def test_nan_and_infinities_cross_as_themselves() -> None:
    nan, positive, negative = round_trip((math.nan, math.inf, -math.inf))
    assert math.isnan(nan)
    assert (positive, negative) == (math.inf, -math.inf)


def test_an_array_in_fortran_order_arrives_with_the_same_values() -> None:
    array = np.asfortranarray(np.arange(6).reshape(2, 3))
    assert np.array_equal(round_trip(array), array)


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        ([np.float32(0.5), np.float64("inf")], [0.5, math.inf]),
        ((np.int64(3), np.uint8(255), np.bool_(True)), (3, 255, True)),
        ({"epochs": np.int32(7), np.int64(1): [np.float16(2.0)]}, {"epochs": 7, 1: [2.0]}),
    ],
    ids=["list", "tuple", "dict"],
)
def test_numbers_of_numpy_in_a_container_can_be_sent_as_those_of_python(value: Any, arrives: Any) -> None:
    sent = encode(value, refuse, numbers_from=1)
    assert repr(decode(sent[0], b"".join(sent[1]))) == repr(arrives)


def test_they_are_not_unless_it_is_said_how_deep() -> None:
    with pytest.raises(Unsendable):
        encode([np.float32(0.5)], refuse)
    with pytest.raises(Unsendable):
        encode({"ok": np.float32(0.5)}, refuse, numbers_from=2)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(1.0),
        [type("Liar", (np.float64,), {})(1.0)],
        np.ones(2).view(type("Lazy", (np.ndarray,), {})),
        np.array([object()]),
        np.array([1j]),
        type("Liar", (float,), {})(1.0),
        type("Count", (int,), {})(1),
        b"bytes",
        {1, 2},
    ],
    ids=[
        "scalar",
        "scalar subclass",
        "subclass",
        "objects",
        "complex",
        "float subclass",
        "int subclass",
        "bytes",
        "set",
    ],
)
def test_only_the_documented_exact_types_cross_by_value(value: Any) -> None:
    with pytest.raises(Unsendable):
        encode(value, refuse)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"NaN", b""),
        (b'{"t":"int","v":"zz"}', b""),
        (b'{"t":"int","v":"0x1","extra":1}', b""),
        (b'{"t":"float","v":"1.0"}', b""),
        (b'{"t":"array","d":"|O","s":[1]}', b"12345678"),
        (b'{"t":"array","d":"<f4","s":[2]}', b"1234"),
        (b'{"t":"array","d":"<f4","s":[-1]}', b""),
        (b'{"t":"array","d":"<f4","s":[1]}', b"12345678"),
        (b'{"t":"pickle","v":"gASVAAAA"}', b""),
        (b'{"t":"dict","v":[[[1],2]]}', b""),
        (b'{"t":"ref","n":0,"n":1,"y":"x"}', b""),
        (b'{"t":"ref","n":-1,"y":"x"}', b""),
        (b'{"t":"ref","n":true,"y":"x"}', b""),
        (b'{"t":"dict","v":[[1,2],[true,3]]}', b""),
        (b'{"t":"dict","v":[[{"t":"ref","n":0,"y":"x"},2]]}', b""),
        (b'{"t":"dict","v":[' + b",".join(b"[%d,0]" % n for n in range(10_001)) + b"]}", b""),
        (b'{"t":"int","v":"0x1"}', b""),
        (b'{"t":"int","v":"0x1_0000_0000_0000_0000"}', b""),
        (b"99999999999999999999", b""),
        (b"1e999", b""),
        (b'{"t":"array","d":"|b1","s":[1]}', b"\x02"),
        (b'{"t":"array","d":"<f4","s":[268435456,268435456,268435456,0]}', b""),
        (b"[" * 5000 + b"]" * 5000, b""),
    ],
    ids=[
        "bare NaN",
        "bad int",
        "extra key",
        "finite float tagged",
        "object dtype",
        "too few bytes",
        "negative shape",
        "bytes left over",
        "unknown tag",
        "unhashable key",
        "duplicate key",
        "negative reference",
        "reference that is a bool",
        "equal keys of different types",
        "object as key",
        "too many entries",
        "small int tagged",
        "int with underscores",
        "large int bare",
        "float too large",
        "bool of another byte",
        "empty array of impossible shape",
        "deep nesting",
    ],
)
def test_anything_but_the_documented_form_is_refused(text: bytes, data: bytes) -> None:
    with pytest.raises(WireError):
        decode(text, data)


@pytest.mark.parametrize("sizes", [(MAX_JSON + 1, 0), (0, MAX_ARRAYS + 1)], ids=["json", "arrays"])
def test_a_size_over_the_limit_is_refused_before_anything_is_read(sizes: tuple[int, int]) -> None:
    ours, theirs = socket.socketpair()
    theirs.send(struct.pack(">II", *sizes))
    with pytest.raises(WireError, match="size limit"):
        receive(ours)


def test_two_messages_at_once_are_refused() -> None:
    ours, theirs = socket.socketpair()
    send(theirs, encode(1, refuse))
    send(theirs, encode(2, refuse))
    with pytest.raises(WireError, match="more than one"):
        receive(ours)


def test_a_large_message_that_comes_in_parts_is_received_whole() -> None:
    ours, theirs = socket.socketpair()
    array = np.arange(500_000, dtype=np.float32)
    thread = threading.Thread(target=send, args=(theirs, encode(array, refuse)))
    thread.start()
    assert np.array_equal(receive(ours), array)
    thread.join()


def test_a_message_that_does_not_come_in_time_is_a_timeout() -> None:
    ours, theirs = socket.socketpair()
    theirs.send(HEADER.pack(10, 0))
    with pytest.raises(WireTimeout):
        receive(ours, time.monotonic() + 0.05)


def test_a_closed_connection_is_told_apart_from_silence() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(WireClosed):
        receive(ours, time.monotonic() + 1)


def test_a_sent_message_is_received_whole() -> None:
    ours, theirs = socket.socketpair()
    send(theirs, encode({"op": "call", "args": [1.5]}, refuse))
    assert receive(ours) == {"op": "call", "args": [1.5]}
