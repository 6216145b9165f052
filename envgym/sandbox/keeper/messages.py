"""Messages between us and the keeper's processes: a length, a dictionary by marshal, and descriptors beside it.

Both ends are one interpreter, and neither is ever in the hands of what a sandbox runs, so marshal may be read.
"""

import _socket
import marshal
import sys
from typing import Any

LENGTH = 4
MOST = 4
"""Descriptors of one message."""


def send(sock: _socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Raises OSError where the other end is gone."""
    body = marshal.dumps(message)
    data = memoryview(len(body).to_bytes(LENGTH, sys.byteorder) + body)
    packed = b"".join(number.to_bytes(4, sys.byteorder) for number in descriptors)
    beside = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)] if packed else []
    sent = sock.sendmsg([data], beside, _socket.MSG_NOSIGNAL)
    if sent < len(data):
        sock.sendall(data[sent:], _socket.MSG_NOSIGNAL)


def receive(sock: _socket.socket) -> tuple[dict[str, Any], tuple[int, ...]] | None:
    """The next message and its descriptors, which are the caller's to close; None at the end."""
    head, beside, _, _ = sock.recvmsg(LENGTH, _socket.CMSG_SPACE(4 * MOST), _socket.MSG_CMSG_CLOEXEC)
    descriptors = tuple(
        int.from_bytes(packed[start : start + 4], sys.byteorder)
        for _, _, packed in beside
        for start in range(0, len(packed), 4)
    )
    rest = _exactly(sock, LENGTH - len(head)) if head else None
    if rest is None:
        return None
    body = _exactly(sock, int.from_bytes(head + rest, sys.byteorder))
    return None if body is None else (marshal.loads(body), descriptors)


def _exactly(sock: _socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = sock.recv(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
