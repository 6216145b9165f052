"""A real Chromium, a small site that is awkward in every way, and hands to act on it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from envgym.browser.action import BrowserAction, Click
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.discovery import find_chromium, require_playwright
from envgym.browser.page_state import Node, PageState
from envgym.browser.pool import stop_pool
from envgym.environments.browser.miniwob.source import folder
from envgym.errors import UsageError

HOME = "http://site.test/"
Pages = dict[str, str | bytes | tuple[str, list[tuple[str, str]], bytes]]


def site(pages: Pages) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A web site of fixed pages by path; what is posted is echoed."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        page = pages.get(environ["PATH_INFO"])
        if isinstance(page, tuple):
            start_response(page[0], page[1])
            return [page[2]]
        body = page.encode() if isinstance(page, str) else page
        posted = environ["wsgi.input"].read().decode()
        start_response("404 Not Found" if body is None else "200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [b"<title>none</title>no page" if body is None else body.replace(b"{posted}", posted.encode())]

    return app


class Hand:
    """A backend with the page as it is, found and acted on by names."""

    def __init__(self, backend: ChromiumBackend) -> None:
        self.backend = backend
        self.page = backend.state()

    def node(self, name: str, role: str = "") -> Node:
        return next(
            node for node in self.page.root.walk() if node.ref and node.name == name and role in ("", node.role)
        )

    def act(self, action: BrowserAction) -> PageState:
        self.backend.act(action)
        self.page = self.backend.state()
        return self.page

    def click(self, name: str) -> PageState:
        return self.act(Click(ref=self.node(name).ref))

    def texts(self) -> list[str]:
        return [node.name for node in self.page.root.walk() if node.name]


@pytest.fixture(scope="session")
def chromium() -> Iterator[None]:
    """Skips where there is none; ends all browsers afterwards."""
    try:
        require_playwright()
        find_chromium()
    except UsageError as missing:
        pytest.skip(str(missing))
    yield
    stop_pool()


@pytest.fixture(scope="session")
def miniwob(chromium: None) -> None:
    try:
        folder()
    except UsageError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def opened(chromium: None) -> Iterator[Callable[..., Hand]]:
    """Opens pages, given as HTML by path, at `/`."""
    made: list[ChromiumBackend] = []

    def open_pages(home: str, /, *, seed: int = 1, settings: dict[str, Any] | None = None, **pages: Any) -> Hand:
        every: Pages = {"/": home, **{f"/{name}": page for name, page in pages.items()}}
        backend = ChromiumBackend(apps={"site.test": site(every)}, **(settings or {}))
        made.append(backend)
        backend.open(HOME, seed=seed)
        return Hand(backend)

    yield open_pages
    for backend in made:
        backend.close()
