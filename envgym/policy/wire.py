"""One connection to a server: bytes come into a buffer, and one reader waits for them."""

import asyncio

from envgym.policy.http_session import BrokenAnswer

MOST_HEAD = 65_536
"""Bytes of a response's head, or of one line between chunks."""


class Wire(asyncio.Protocol):
    """What has arrived and was not taken yet is in `buffer`."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.closed = False
        self.idle_since = 0.0
        self._error: Exception | None = None
        self._expired = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed, self._error = True, error
        self._wake()

    def expire(self) -> None:
        """The reader's time is up."""
        self._expired = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def more(self) -> bool:
        """Waits until more bytes came; False once none will come. Raises TimeoutError, or BrokenAnswer after a reset."""
        before = len(self.buffer)
        while len(self.buffer) == before:
            if self._expired:
                raise TimeoutError
            if self._error is not None:
                raise BrokenAnswer(f"the connection broke: {self._error}")
            if self.closed:
                return False
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return True

    async def until(self, mark: bytes) -> bytes:
        """Takes what stands before `mark`, and drops the mark. Raises BrokenAnswer where none comes."""
        while (at := self.buffer.find(mark)) < 0:
            if len(self.buffer) > MOST_HEAD:
                raise BrokenAnswer("the server's answer is no HTTP: a line or head in it has no end")
            if not await self.more():
                raise BrokenAnswer("the server closed the connection in the middle of its answer, or before it")
        taken = bytes(self.buffer[:at])
        del self.buffer[: at + len(mark)]
        return taken

    async def some(self, most: int) -> bytes:
        """Takes 1 to `most` bytes. Raises BrokenAnswer where none come."""
        if not self.buffer and not await self.more():
            raise BrokenAnswer("the server closed the connection in the middle of its answer")
        taken = bytes(self.buffer[:most])
        del self.buffer[:most]
        return taken
