"""Calls a WSGI application with a request that came from elsewhere than a server."""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

App = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""A web site: a WSGI application."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an application has answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def call_app(app: App, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """The answer of `app`; one that raises answers 500."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, told: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        started[:] = [(status, told)]
        return written.append

    try:
        chunks = app(environ_of(method, url, headers, body), start_response)
        try:
            written += chunks
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, told = started[0]
    except Exception as error:  # noqa: BLE001  # a site of somebody else's may raise anything; a server would answer 500
        return Reply(500, [("Content-Type", "text/plain; charset=utf-8")], f"{type(error).__name__}: {error}".encode())
    return Reply(int(status.split()[0]), told, b"".join(written))


def environ_of(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The environment of a request, as PEP 3333 has it."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme or "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
