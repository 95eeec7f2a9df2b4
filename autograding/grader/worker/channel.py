"""Frames over the connection that a sandboxed program starts with: a length, then that many bytes."""

from __future__ import annotations

import os
import socket
import struct
import time

LENGTH = struct.Struct(">Q")
CHUNK = 2**20


class FrameError(Exception):
    """A frame that broke off: the other side is gone."""


class FrameTooLarge(Exception):
    """A frame over the size limit."""


def take_standard_input() -> socket.socket:
    """The connection to the judge, which a sandboxed program starts with as its standard input.

    Student code finds an empty input in its place.
    """
    connection = socket.socket(fileno=os.dup(0))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return connection


def send_frame(connection: socket.socket, data: bytes) -> None:
    """Write one frame. Raises FrameError when nobody reads."""
    try:
        connection.sendall(LENGTH.pack(len(data)) + data)
    except ConnectionError as error:
        raise FrameError("the other side is gone") from error


def receive_frame(connection: socket.socket, limit: int, deadline: float | None = None) -> bytes:
    """Read one frame of at most `limit` bytes; `deadline` is a `time.monotonic` instant.

    Raises FrameTooLarge, FrameError when the other side is gone, and TimeoutError after the deadline.
    """
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size, deadline))
    if length > limit:
        raise FrameTooLarge(f"a frame of {length} bytes")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        if deadline is not None:
            connection.settimeout(max(1e-3, deadline - time.monotonic()))
        try:
            part = connection.recv(min(CHUNK, count - len(data)))
        except ConnectionError as error:
            raise FrameError("the other side is gone") from error
        if not part:
            raise FrameError("the other side is gone")
        data += part
    return bytes(data)
