"""A small HTTP server for tests: in the running event loop (`serve`), or in a thread with a loop of its own (`with server`).

After the `with` block nothing is left: no thread, no socket, no request that waits.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Self

from envgym.errors import UsageError
from envgym.policy.open_files import allow_many_open_files
from envgym.testing.http_exchange import Exchange, HttpConnection

BACKLOG = 4096
"""A thousand clients connect at once; with the usual 100 the rest waits a second for its first retry."""


class HttpServer:
    """Listens on 127.0.0.1. Write `answer`; port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.accepted = 0
        """Connections so far."""
        self.in_flight = 0
        self.peak_in_flight = 0
        self.connections: set[HttpConnection] = set()
        self._failed: OSError | None = None
        self._thread: threading.Thread | None = None

    def answer(self, exchange: Exchange) -> None:
        """Answers a request, now or later."""
        raise UsageError(f"{type(self).__name__} needs answer(exchange)")

    def begin(self, exchange: Exchange) -> None:
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        self.answer(exchange)

    def end(self, exchange: Exchange) -> None:
        self.in_flight -= 1

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="envgym-http-server", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def __exit__(self, *error: object) -> None:
        if self._thread is not None:
            self.loop.call_soon_threadsafe(self.stop)
            self._thread.join()
            self._thread = None

    def _run(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self.serve(ready.set))
        except OSError as error:
            self._failed = error
            ready.set()

    async def serve(self, ready: Callable[[], object]) -> None:
        """Serves until `stop`; calls `ready` once the port is known. Raises OSError where it is taken."""
        allow_many_open_files()
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self.loop.create_server(self._connect, "127.0.0.1", self.port, backlog=BACKLOG)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        try:
            await self._stop.wait()
        finally:
            server.close()
            for _ in range(3):  # rounds of the loop in which a connection that was just accepted gets its transport
                await asyncio.sleep(0)
            for connection in list(self.connections):
                connection.transport.abort()
            await server.wait_closed()
            while self.connections:
                await asyncio.sleep(0)

    def _connect(self) -> HttpConnection:
        self.accepted += 1
        return HttpConnection(self)

    def stop(self) -> None:
        """Ends `serve`. Only for callbacks of the server's own loop."""
        self._stop.set()
