"""What the policy needs of an HTTP client, and the two ways in which a request fails without an answer.

Two clients fit: `direct_http`, lean, for plain http without a proxy, and `aiohttp_session` for everything else.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from envgym.errors import PolicyFailure


class CannotConnect(OSError):
    """No connection came about: nothing listens there, or the name is unknown."""


class BrokenAnswer(OSError):
    """The connection ended before the whole answer was there, or the answer is no HTTP."""


class HttpAnswer(Protocol):
    """An answer whose head has come."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        ...

    async def readany(self) -> bytes:
        """The next piece of the body, b"" at its end. Raises BrokenAnswer where it is cut off."""
        ...


class HttpSession(Protocol):
    """Connections to one server, for one event loop."""

    def request(
        self, method: str, path: str, data: bytes, *, timeout_s: float
    ) -> AbstractAsyncContextManager[HttpAnswer]:
        """Sends a request; `path` goes after that of the address. Raises TimeoutError, CannotConnect or BrokenAnswer."""
        ...

    async def close(self) -> None: ...


async def read_whole(answer: HttpAnswer, most: int) -> bytes:
    """A whole body. Raises PolicyFailure once there are more than `most` bytes."""
    parts = []
    left = most
    while part := await answer.readany():
        left -= len(part)
        if left < 0:
            raise too_large(most)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def read_beginning(answer: HttpAnswer, most: int) -> bytes:
    """The first `most` bytes of a body; what follows is not waited for."""
    begun = b""
    while len(begun) < most and (part := await answer.readany()):
        begun += part
    return begun[:most]


def too_large(most: int) -> PolicyFailure:
    return PolicyFailure(f"the server's answer is larger than {most:,} bytes; it was cut off there")
