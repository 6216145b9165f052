"""A browser that can be kept: a backend with the list of all that was done to it since its first page.

No browser goes into a snapshot. What goes in is the list, and a copy plays it on a fresh browser when it is first needed. Sites and pages
draw nothing from outside an episode (seeded random numbers, a virtual clock where there are timers), so the copy gets where the original
was; where the page is another one all the same, that is told as a failure of the world and never goes unseen.
"""

from collections.abc import Callable
from typing import Any

from envgym.browser.action import BrowserAction
from envgym.browser.backend import Backend
from envgym.browser.page_state import PageState
from envgym.errors import EnvFailure

Opening = Callable[[], tuple[Backend, PageState]]
"""Makes a fresh backend, opens the first page of the episode and looks at it."""


class RecordedBrowser:
    """The browser of one episode. `page` is what was seen last; `opening` is given with each call, as it cannot be kept."""

    def __init__(self) -> None:
        self.played: list[BrowserAction] = []
        self.page: PageState | None = None
        self._live: Backend | None = None

    def backend(self, opening: Opening) -> Backend:
        """The backend, at the page that was seen last. Raises EnvFailure where a replay ends at another page."""
        if self._live is None:
            self._live, page = opening()
            for action in self.played:
                self._live.act(action)
                page = self._live.state()
            if self.page is not None and (page.url, page.root, page.dialog) != (
                self.page.url,
                self.page.root,
                self.page.dialog,
            ):
                raise EnvFailure(f"a replay of {len(self.played)} actions ended at another page: {page.url}")
            self.page = page if self.page is None else self.page
        return self._live

    def act(self, action: BrowserAction, opening: Opening) -> PageState:
        """Does it and looks. Raises InvalidAction with nothing changed, EnvFailure where the browser is of no more use."""
        backend = self.backend(opening)
        try:
            backend.act(action)
            self.page = backend.state()
        except EnvFailure:
            self.close()
            raise
        self.played.append(action)
        return self.page

    def close(self) -> None:
        """Gives the browser back; what is recorded stays."""
        live, self._live = self._live, None
        if live is not None:
            live.close()

    def __eq__(self, other: object) -> bool:
        """Whether the same was done and seen; which browser did it does not count."""
        return isinstance(other, RecordedBrowser) and (self.played, self.page) == (other.played, other.page)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_live": None}
