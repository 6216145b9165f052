"""Listens on a port for a service until it is told to stop."""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from envgym.errors import UsageError
from envgym.serve.door import MISSING, Door

if TYPE_CHECKING:
    from starlette.applications import Starlette

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Service(Protocol):
    """What is listened for."""

    door: Door

    def app(self) -> "Starlette": ...


def listen(service: Service, *, host: str, port: int, ready: Callable[[str], None], token_name: str, lets: str) -> None:
    """Serves until SIGTERM or Ctrl-C, then finishes the requests at work and returns. `ready` is told the address; port 0 takes a free one.

    Raises UsageError where an address other than this machine's own would be served without a token, which `lets` anybody do something, or
    the port is taken.
    """
    if service.door.is_open and host not in LOOPBACK:
        raise UsageError(f"serving on {host} without a token lets anybody {lets}; set {token_name}")
    try:
        import uvicorn
    except ImportError as error:
        raise UsageError(MISSING) from error
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from error
    with listening:
        config = uvicorn.Config(
            service.app(),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(service.door.deadline_s) + 1,
        )
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])
