"""What an episode has requested, and what happened in it that the agent is told."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from envgym.browser.backend import Request

MOST_EVENTS = 50
REFUSED = 403
"""What the gate answers to a request for anything but a site."""


class Traffic:
    """Requests in the order in which they were made, and events since they were last taken."""

    def __init__(self, sites: Collection[str], *, loopback: bool = False) -> None:
        self.requests: list[Request] = []
        self.in_flight: set[Any] = set()
        self._sites = sites
        self._loopback = loopback
        self._number: dict[Any, int] = {}
        self._events: list[str] = []

    def tell(self, event: str) -> None:
        if len(self._events) < MOST_EVENTS:
            self._events.append(event)

    def take_events(self) -> tuple[str, ...]:
        """The events since the last call."""
        events, self._events = self._events, []
        return tuple(events)

    def console(self, kind: str, text: str) -> None:
        """Errors that scripts wrote; what Chromium writes itself of a resource is seen by its request."""
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.tell(f"console error: {text[:300]}")

    def refuse(self, download: Any) -> None:
        self.tell(f"download refused: {download.suggested_filename}")

    def thrown(self, error: Any) -> None:
        self.tell(f"error in the page: {error.message[:300]}")

    def requested(self, request: Any) -> None:
        if not request.url.startswith("http"):
            return
        self.in_flight.add(request)
        self._number[request] = len(self.requests)
        body = request.post_data_buffer or b""
        self.requests.append(Request(request.method, request.url, 0, body.decode("utf-8", "replace")))

    def answered(self, response: Any) -> None:
        number = self._number.get(response.request)
        if number is None:
            return
        made = self.requests[number]
        if response.status == REFUSED and self._leads_out(made.url):
            self._blocked(made.method, made.url)
        else:
            self.requests[number] = Request(made.method, made.url, response.status, made.body)

    def finished(self, request: Any) -> None:
        self.in_flight.discard(request)

    def failed(self, request: Any) -> None:
        self.in_flight.discard(request)
        if self._leads_out(request.url):
            self._blocked(request.method, request.url)

    def _leads_out(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._loopback and (parts.hostname in ("localhost", "127.0.0.1", "::1")):
            return False
        return bool(parts.netloc) and parts.netloc not in self._sites

    def _blocked(self, method: str, url: str) -> None:
        self.tell(f"blocked, as it leads out of the sites: {method} {url[:200]}")
