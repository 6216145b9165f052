"""Tab: a page and the way that led to it."""

from dataclasses import dataclass, field

from envgym.browser.text_backend.document import BLANK, EMPTY, Document
from envgym.errors import InvalidAction

LONGEST = 100
"""Addresses that are remembered."""


@dataclass(slots=True)
class Tab:
    """One tab; `at` is the place of its page in `history`."""

    document: Document = field(default_factory=lambda: Document(BLANK, EMPTY))
    history: list[str] = field(default_factory=lambda: [BLANK])
    at: int = 0

    def show(self, document: Document, *, remember: bool = True) -> None:
        """Puts a page into the tab, as a new entry of its history unless it is the same address again."""
        self.document = document
        if self.history == [BLANK]:
            self.history = [document.url]
        elif remember and self.history[self.at] != document.url:
            del self.history[self.at + 1 :]
            self.history.append(document.url)
            del self.history[:-LONGEST]
            self.at = len(self.history) - 1
        else:
            self.history[self.at] = document.url

    def entry(self, to: str) -> int:
        """The place in the history that `back`, `forward` or `reload` leads to. Raises InvalidAction where there is none."""
        at = self.at + {"back": -1, "forward": 1, "reload": 0}[to]
        if not 0 <= at < len(self.history):
            raise InvalidAction(f"there is no page to go {to} to", code="browser.history")
        return at
