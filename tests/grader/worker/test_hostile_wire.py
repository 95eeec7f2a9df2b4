"""Whatever a worker sends, and whatever is sent to one: no crash, no lie that passes.

`uv run pytest -n 0 --hypothesis-profile=long tests/grader/worker/test_hostile_wire.py`
tries fifty times as many.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograding.grader.judge.plugin import failure_message
from autograding.grader.judge.proxy import Border, Package, StudentError, describe, student_error
from autograding.grader.manifest import Limits
from autograding.grader.testing import Mismatch, NotPlain, assert_close, assert_equal, raises
from autograding.grader.worker.session import ForkServer, Session, WorkerLost
from autograding.grader.worker.wire import (
    HEADER,
    Reference,
    Unsendable,
    WireClosed,
    WireError,
    WireTimeout,
    decode,
    encode,
    receive,
)

LIMITS = Limits(call_seconds=10.0, test_seconds=60.0, total_seconds=600.0, memory_mb=1024)
# Half a frame is waited for until the time is over.
IMPATIENT = replace(LIMITS, call_seconds=0.05)
OURS = (Mismatch, NotPlain, WorkerLost, StudentError, TypeError, AttributeError)


def refuse(value: Any) -> Reference:
    raise Unsendable(type(value).__name__)


def framed(text: bytes, data: bytes = b"") -> bytes:
    return HEADER.pack(len(text), len(data)) + text + data


def frame(value: Any) -> bytes:
    text, parts = encode(value, refuse)
    return framed(text, b"".join(parts))


texts = st.text(st.characters(codec=None), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
keys = st.recursive(scalars, lambda inner: st.lists(inner, max_size=2).map(tuple), max_leaves=3)
sendable = arrays.arrays(
    dtype=arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.unsigned_integer_dtypes(endianness="?")
    | arrays.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
laid_out = st.tuples(
    sendable, st.sampled_from([np.asfortranarray, np.transpose, lambda a: a[..., ::-1]])
).map(lambda pair: pair[1](pair[0]) if pair[0].ndim else pair[0])
references = st.builds(Reference, st.integers(0, 2**63 - 1), texts)
values = st.recursive(
    scalars | sendable | laid_out | references,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=12,
)
numbers = st.sampled_from([-1, 0, 1, 2, 255, 2**28, 2**62, 2**63, 2**64, True, 1.5, None, "1"])
dtypes = st.sampled_from(["|b1", "|u1", "<f4", "<f8", "<i8", ">f4", "|O", "<c8", "<f16", "<M8[s]", "", 4])
trees = st.recursive(
    scalars | numbers,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"t": st.just("tuple"), "v": inner | st.lists(inner, max_size=3)})
        | st.fixed_dictionaries(
            {"t": st.just("dict"), "v": inner | st.lists(st.lists(inner, min_size=2, max_size=2), max_size=4)}
        )
        | st.fixed_dictionaries({"t": st.just("array"), "d": dtypes, "s": st.lists(numbers, max_size=4)})
        | st.fixed_dictionaries({"t": st.just("ref"), "n": numbers, "y": inner | texts})
        | st.fixed_dictionaries({"t": st.sampled_from(["int", "float", "pickle"]), "v": inner})
    ),
    max_leaves=15,
)
errors = st.dictionaries(
    st.sampled_from(["type", "bases", "message", "frames"]),
    trees | st.just(["ValueError", "BaseException"]) | texts,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A frame in which some bytes are others, missing, or twice."""
    data = bytearray(frame({"ok": draw(values)}))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["change", "cut", "repeat"])):
            case "change":
                data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[place : place + draw(st.integers(1, 8))]
            case "repeat":
                data[place:place] = data[place : place + draw(st.integers(1, 8))]
    return bytes(data)


def same(first: Any, second: Any) -> bool:
    """Equal in type and bits all the way down: NaN is NaN, -0.0 is not 0.0, 1 is not True."""
    if type(first) is not type(second):
        return False
    if type(first) is np.ndarray:
        native = first.astype(first.dtype.newbyteorder("="))
        return (native.dtype, native.shape, native.tobytes()) == (
            second.dtype,
            second.shape,
            second.tobytes(),
        )
    if type(first) is float:
        return struct.pack(">d", first) == struct.pack(">d", second) or (first != first and second != second)
    if type(first) in (list, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if type(first) is dict:
        return same(list(first.items()), list(second.items()))
    return bool(first == second)


@given(values)
def test_any_value_crosses_unchanged_to_the_last_bit(value: Any) -> None:
    text, parts = encode(value, refuse)
    assert same(value, decode(text, b"".join(parts)))


@given(trees, st.binary(max_size=64))
def test_every_value_that_is_read_has_one_form(tree: Any, data: bytes) -> None:
    with contextlib.suppress(WireError):
        written, parts = encode(decode(json.dumps(tree).encode(), data), refuse)
        assert json.dumps(json.loads(written), sort_keys=True) == json.dumps(tree, sort_keys=True)
        assert b"".join(parts) == data


@given(mutated() | st.binary() | st.binary(min_size=8).map(lambda data: framed(data)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(WireError, WireClosed, WireTimeout):
            receive(ours, time.monotonic() + 10)


@given(errors | trees)
@example({"type": "ValueError", "message": "\ud800"})
def test_any_error_of_a_worker_becomes_a_message_that_a_file_can_hold(details: Any) -> None:
    message = failure_message(student_error(details), "f(x)")
    assert message.encode().decode() == message


class Alone:
    """Stands where a session reports what it lost."""

    def kill(self, process: int) -> None:
        pass

    def count_slow_import(self) -> None:
        pass


@contextlib.contextmanager
def answering(replies: list[bytes]) -> Iterator[Session]:
    """A session with somebody who answers each request with the next of `replies`, then leaves."""
    ours, theirs = socket.socketpair()

    def speak() -> None:
        with theirs, contextlib.suppress(OSError, WireClosed, WireError):
            for reply in replies:
                receive(theirs)
                theirs.sendall(reply)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield Session(ours, 0, Alone(), IMPATIENT)  # type: ignore[arg-type]
    finally:
        ours.close()
        thread.join()


def check_number(tt: Any, secret: Any) -> None:
    assert_equal(tt.Tensor(secret).item(), secret)


def check_array(tt: Any, secret: Any) -> None:
    assert_close((tt.Tensor(1.0) @ tt.Tensor(2.0)).data, np.array([secret, -secret]))


def check_container(tt: Any, secret: Any) -> None:
    assert_equal(tt.shape(), (secret, [secret]))


def check_with_numpy(tt: Any, secret: Any) -> None:
    assert np.array_equal(tt.f(), np.full(3, secret))


def check_by_comparing(tt: Any, secret: Any) -> None:
    assert tt.f() == secret


def check_by_searching(tt: Any, secret: Any) -> None:
    assert secret in tt.f()


def check_error(tt: Any, secret: Any) -> None:
    with raises(ValueError, mentions=[str(secret)]):
        tt.f()


CHECKS = [check_number, check_array, check_container, check_with_numpy, check_by_comparing]
CHECKS += [check_by_searching, check_error]
OBJECT = Reference(0, "Tensor")
lies = st.sampled_from([OBJECT, OBJECT, True, 0.0, [OBJECT], (OBJECT, [OBJECT])]).map(
    lambda value: frame({"ok": value})
)
others = (
    values.map(lambda value: frame({"ok": value}))
    | trees.map(lambda tree: framed(json.dumps({"t": "dict", "v": [["ok", tree]]}).encode()))
    | errors.map(lambda error: framed(json.dumps({"t": "dict", "v": [["error", error]]}).encode()))
    | mutated()
)
replies = st.lists(lies, min_size=3, max_size=8) | st.lists(lies | others, max_size=8)


@pytest.mark.parametrize("check", CHECKS)
@given(replies=replies)
@example(replies=[frame({"ok": value}) for value in (OBJECT, OBJECT, (OBJECT, [OBJECT]), True, True)])
@example(replies=[frame({"ok": value}) for value in (OBJECT, OBJECT, [OBJECT], True)])
def test_no_answers_pass_a_check_whose_value_they_do_not_know(check: Any, replies: list[bytes]) -> None:
    secret = random.SystemRandom().uniform(1e6, 2e6)
    with answering(replies) as session, pytest.raises((*OURS, AssertionError)) as caught:
        check(Package(Border(session)), secret)
    assert failure_message(caught.value, describe(secret)).encode()


def test_an_answer_before_the_question_loses_the_worker() -> None:
    ours, theirs = socket.socketpair()
    session = Session(ours, 0, Alone(), LIMITS)  # type: ignore[arg-type]
    theirs.sendall(frame({"ok": 1}))
    with pytest.raises(WorkerLost, match="an answer to nothing"):
        session.request("module", "tinytorch")
    theirs.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    folder = tmp_path_factory.mktemp("package")
    (folder / "tinytorch").mkdir()
    (folder / "tinytorch" / "__init__.py").write_text("def twice(value):\n    return 2 * value\n")
    with ForkServer(folder, LIMITS) as running:
        yield running


def ends(connection: socket.socket) -> bool:
    """Whether the worker answers in frames until it closes the connection."""
    try:
        while True:
            reply = receive(connection, time.monotonic() + 10)
            assert type(reply) is dict
            assert set(reply) <= {"ok", "error"}
    except WireClosed:
        return True


names = st.sampled_from(
    ["module", "getattr", "call", "getitem", "operator", "convert", "text", "same", "keep"]
)
requests = (
    st.fixed_dictionaries({"op": names | texts, "args": st.lists(values, max_size=3)})
    | st.fixed_dictionaries({"op": names}, optional={"args": values, "kwargs": values})
    | values
)


@given(data=requests.map(frame) | mutated() | st.binary(max_size=64))
def test_a_worker_answers_any_request_or_ends(server: ForkServer, data: bytes) -> None:
    session = server.session()
    connection = session._connection
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    assert ends(connection)
    session.close()
