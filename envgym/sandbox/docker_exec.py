"""One command in a running container over the engine's own stream: stdin in, stdout and stderr apart, a cap and a deadline.

The stream is the engine's multiplexed format (Docker Engine API, "Attach to a container"): eight bytes, of which the first names the stream
and the last four are the length, then that many bytes.
"""

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WAIT = 'read -r go\nexec "$@"'
"""A command starts when we say so. What it printed before the answer's headers were read would be lost: the HTTP client may read it along
with them, into a buffer that nobody sees."""
HEADER = struct.Struct(">BxxxI")
CHUNK = 1 << 16


@dataclass(slots=True)
class Streamed:
    """What came over the stream."""

    outputs: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    truncated: bool = False
    timed_out: bool = False


def stream_command(
    api: Any,
    container: str,
    argv: Sequence[str],
    *,
    stdin: bytes,
    timeout_s: float,
    output_cap: int,
    env: Mapping[str, str],
    workdir: str,
    user: int,
) -> tuple[str, Streamed]:
    """Runs `argv` and returns the engine's number of the call with what came of it. Raises what the docker package raises, and OSError."""
    command = ["/bin/sh", "-c", WAIT, "wait", *argv]
    call = api.exec_create(
        container, command, stdin=True, environment=dict(env), workdir=workdir, user=f"{user}:{user}"
    )["Id"]
    wrapped = api.exec_start(call, socket=True)
    connection = getattr(wrapped, "_sock", wrapped)
    try:
        return call, _exchange(connection, b"\n" + stdin, time.monotonic() + timeout_s, output_cap)
    finally:
        with contextlib.suppress(OSError):
            connection.close()
        wrapped.close()


def _exchange(connection: socket.socket, stdin: bytes, deadline: float, cap: int) -> Streamed:
    got, left, held = Streamed(), memoryview(stdin), bytearray()
    connection.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            wait_s = deadline - time.monotonic()
            if wait_s <= 0:
                got.timed_out = True
                return got
            for _, events in selector.select(wait_s):
                if events & selectors.EVENT_WRITE:
                    left = _send(connection, left)
                    if not left:
                        selector.modify(connection, selectors.EVENT_READ)
                if events & selectors.EVENT_READ:
                    chunk = connection.recv(CHUNK)
                    if not chunk:
                        return got
                    held += chunk
                    _sort_out(held, got, cap)


def _send(connection: socket.socket, left: memoryview) -> memoryview:
    try:
        left = left[connection.send(left[:CHUNK]) :]
    except BlockingIOError:
        return left
    except OSError:  # nobody reads it any more
        left = left[len(left) :]
    if not left:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
    return left


def _sort_out(held: bytearray, got: Streamed, cap: int) -> None:
    """Moves whole frames out of `held`."""
    while len(held) >= HEADER.size:
        number, length = HEADER.unpack_from(held)
        end = HEADER.size + length
        if len(held) < end:
            return
        output = got.outputs[number == 2]
        room = max(0, cap - len(output))
        output += held[HEADER.size : HEADER.size + min(room, length)]
        got.truncated |= length > room
        del held[:end]
