"""Backend: what drives pages. Two stand behind the same protocol, Chromium and a reader of HTML without scripts in our process.

The three kinds of error hold here too: what the agent did wrong (a ref that is gone, an address that does not exist) raises InvalidAction
and has changed nothing; a browser that died or hangs raises EnvFailure; wrong settings raise UsageError.
"""

from dataclasses import dataclass
from typing import Protocol

from envgym.browser.action import BrowserAction
from envgym.browser.page_state import PageState


@dataclass(frozen=True, slots=True)
class Request:
    """One request that a page, or the agent, has made."""

    method: str
    url: str
    status: int
    """0 where it was blocked or failed."""
    body: str = ""


class Backend(Protocol):
    """One episode's browser: some tabs, cookies and storage of its own, no way out of its sites."""

    def open(self, url: str, *, seed: int) -> None:
        """Starts over at an address: one tab, no cookies, no storage, no history, random numbers of pages by `seed`."""

    def act(self, action: BrowserAction) -> None:
        """Does it, and waits until the page has come to rest. Raises InvalidAction with nothing changed, or EnvFailure."""

    def state(self) -> PageState:
        """What is to be seen now; `events` are those since it was last asked."""

    def screenshot(self) -> bytes:
        """The viewport as PNG. Raises InvalidAction where there is no picture."""

    def requests(self) -> list[Request]:
        """All requests of the episode, in order."""

    def close(self) -> None:
        """Gives everything back; twice is fine."""
