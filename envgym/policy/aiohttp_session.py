"""aiohttp as the client of the policy: TLS, proxies, every corner of HTTP.

aiohttp's own `trust_env` would look the proxy up in a thread for every request, so it is given from outside.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)

from envgym.policy.http_session import BrokenAnswer, CannotConnect


class LibraryAnswer:
    """A response of aiohttp."""

    def __init__(self, response: ClientResponse) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._content = response.content

    async def readany(self) -> bytes:
        return await self._content.readany()


class AiohttpSession:
    """Connections without a limit of their own, to one server."""

    def __init__(
        self, address: str, headers: Mapping[str, str], *, proxy: str | None, idle_s: float, connect_s: float
    ) -> None:
        self._address = address
        self._proxy = proxy
        self._connect_s = connect_s
        self._session = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=idle_s), cookie_jar=DummyCookieJar(), headers=headers
        )

    @asynccontextmanager
    async def request(self, method: str, path: str, data: bytes, *, timeout_s: float) -> AsyncIterator[LibraryAnswer]:
        limit = ClientTimeout(total=timeout_s, sock_connect=self._connect_s)
        try:
            async with self._session.request(
                method, self._address + path, data=data, timeout=limit, proxy=self._proxy, allow_redirects=False
            ) as response:
                yield LibraryAnswer(response)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            inner = getattr(error, "os_error", None)
            raise CannotConnect(getattr(inner, "errno", None), str(inner or error)) from error
        except TimeoutError:
            raise
        except ClientError as error:
            raise BrokenAnswer(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._session.close()
