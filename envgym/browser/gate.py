"""The only way out of a browser: a proxy on the loopback that knows the sites of the running episodes and nothing else.

Chromium sends every request for a host here (loopback too, unless it was started for sites on it). The context that asks is known by a
header that only its browser context sends; what it may reach are its own sites, each a WSGI application that is called in one thread. Any
other request is refused, tunnels for https and web sockets included, and counted.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from envgym.browser.wsgi_call import App, call_app

TOKEN = "x-envgym-episode"
LEFT_OUT = frozenset({TOKEN, "proxy-connection", "connection", "host"})
OURS_TO_SET = frozenset({"content-length", "transfer-encoding", "connection", "date", "server"})
MAX_BODY = 20_000_000
KEPT_S = 0.3
"""How long a connection is kept open for the next request: pages are loaded in bursts."""


@dataclass(slots=True)
class Ways:
    """Where one context may go."""

    apps: Mapping[str, App]
    blocked: list[str] = field(default_factory=list)


class Gate:
    """The proxy, on the loop that starts it."""

    def __init__(self) -> None:
        self.port = 0
        self._ways: dict[str, Ways] = {}
        self._runner: web.ServerRunner | None = None
        self._sites = ThreadPoolExecutor(1, thread_name_prefix="envgym-sites")

    async def start(self) -> None:
        self._runner = web.ServerRunner(
            web.Server(self._answer, access_log=None, keepalive_timeout=KEPT_S), handle_signals=False
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=512)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._sites.shutdown(wait=False, cancel_futures=True)

    def let(self, token: str, apps: Mapping[str, App]) -> Ways:
        """From now on requests with this token reach these sites."""
        ways = self._ways[token] = Ways(apps)
        return ways

    def forget(self, token: str) -> None:
        self._ways.pop(token, None)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        ways = self._ways.get(request.headers.get(TOKEN, ""))
        host = request.host
        app = None if ways is None or request.method == "CONNECT" else ways.apps.get(host)
        if app is None:
            return web.Response(status=403, text=f"{host} is not one of the sites here")
        request._client_max_size = MAX_BODY
        url = f"http://{host}{urlsplit(request.path_qs)._replace(scheme='', netloc='').geturl() or '/'}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in LEFT_OUT}
        body = await request.read()
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(
            self._sites, call_app, app, request.method, url, headers | {"Host": host}, body
        )
        response = web.Response(status=reply.status, body=reply.body)
        response.headers.popall("Content-Type", None)
        for name, value in reply.headers:
            if name.lower() not in OURS_TO_SET:
                response.headers.add(name, value)
        return response
