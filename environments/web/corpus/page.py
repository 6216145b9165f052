"""Page: one document of a corpus, as plain text with its links. What an agent reads, what a search engine indexes, what a proof points
into.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from one page to another, in the words under which it stands in the text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `text` has one paragraph per line; a line that starts with `# ` or `## ` is a heading."""

    url: str
    title: str
    text: str
    links: tuple[Link, ...] = ()
    source: str = ""
    """Name of the package that it was made from; empty in a corpus with a single source."""

    def quote(self, start: int, end: int) -> str:
        """The characters of the text from `start` (counted from 0) up to `end`."""
        return self.text[start:end]
