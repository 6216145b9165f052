"""From an address to an answer without a socket: WSGI apps by host, with cookies, redirects and a record of every request.

An app that raises is a world that failed: EnvFailure, never a page. Hosts without an app are not reached.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from envgym.browser.backend import Request
from envgym.browser.text_backend.addresses import parts, whole
from envgym.browser.text_backend.cookies import CookieJar
from envgym.browser.wsgi_call import App
from envgym.errors import EnvFailure, InvalidAction, told

MOST_REDIRECTS = 20
LARGEST = 16 * 2**20
"""Bytes of one answer."""


@dataclass(slots=True)
class Answer:
    """What came back at the end of all redirects."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """One header by its name in small letters; empty where it is not there."""
        return next((value for key, value in self.headers if key.casefold() == name), "")


class Wire:
    """The network of one episode."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        self.apps = apps
        self.jar = CookieJar()
        self.log: list[Request] = []

    def fetch(self, method: str, url: str, body: bytes = b"", content_type: str = "", referer: str = "") -> Answer:
        """Asks, and follows redirects. Raises InvalidAction for what leads nowhere, EnvFailure for an app that breaks."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(method, url, body, content_type, referer)
            target = answer.header("location") if answer.status in (301, 302, 303, 307, 308) else ""
            if not target:
                return answer
            fragment = parts(url).fragment
            url = whole(url, target)
            if fragment and "#" not in url:
                url = f"{url}#{fragment}"
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body, content_type = "GET", b"", ""
        raise InvalidAction(f"{url} was sent on more than {MOST_REDIRECTS} times", code="browser.redirects")

    def _once(self, method: str, url: str, body: bytes, content_type: str, referer: str) -> Answer:
        place = parts(url)
        app = self.apps.get(place.netloc) if place.scheme == "http" else None
        if app is None:
            self.log.append(Request(method, url, 0))
            raise InvalidAction(
                f"{url[:200]} cannot be reached; there is {', '.join(f'http://{host}/' for host in self.apps)}",
                code="browser.blocked",
            )
        path = place.path or "/"
        environ = {
            **_SAME,
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": place.query,
            "CONTENT_LENGTH": str(len(body)) if body else "",
            "CONTENT_TYPE": content_type,
            "SERVER_NAME": place.hostname or "",
            "HTTP_HOST": place.netloc,
            "HTTP_REFERER": referer,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        cookies = self.jar.header(place.netloc, path)
        if cookies:
            environ["HTTP_COOKIE"] = cookies
        status, headers, content = called(app, environ)
        self.log.append(Request(method, url, status, body.decode("utf-8", "replace")))
        set_by = [value for key, value in headers if key.casefold() == "set-cookie"]
        if set_by:
            self.jar.take(place.netloc, path, set_by)
        return Answer(url, status, headers, content)


_SAME = {
    "SCRIPT_NAME": "",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_ACCEPT": "text/html",
    "HTTP_USER_AGENT": "envgym text browser",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def called(app: App, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of one call. Raises EnvFailure where the app raises or sends too much."""
    started: list[Any] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        started[:] = [status, headers]
        return written.append

    try:
        answer = app(environ, start_response)
        try:
            size = 0
            for piece in answer:
                size += len(piece)
                if size > LARGEST:
                    raise EnvFailure(f"{environ['PATH_INFO']} sent more than {LARGEST:,} bytes")
                written.append(piece)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        return int(started[0][:3]), started[1], b"".join(written)
    except EnvFailure:
        raise
    except Exception as error:  # an app of a user's may raise anything
        raise EnvFailure(f"the site broke at {environ['PATH_INFO']}: {told(error)}") from error
