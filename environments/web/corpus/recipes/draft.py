"""A page that is being written from data: each line with the facts that it states, so that spans cannot slip."""

import re
from dataclasses import dataclass, field

from envgym.environments.web.corpus.facts import Fact
from envgym.environments.web.corpus.page import Link, Page
from envgym.verifiers.saying import Value

Stated = tuple[str, Value, str]
"""Relation, value, and the words of the line that say it; empty words: the whole line."""


@dataclass
class Draft:
    """The lines of one page about one entity."""

    subject: str
    url: str
    title: str
    lines: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Words by the url that they lead to."""
    length: int = 0

    def __post_init__(self) -> None:
        self.say(f"# {self.title}")

    def say(self, line: str, *stated: Stated) -> None:
        """Adds a line. Raises ValueError where the words of a fact are not in it."""
        line = " ".join(line.split())
        for relation, value, words in stated:
            inner = place_of(words, line) if words else 0
            if inner < 0:
                raise ValueError(f"{words!r} does not stand in {line!r}")
            start = self.length + inner
            self.facts.append(Fact(self.subject, relation, value, self.url, start, start + len(words or line)))
        self.lines.append(line)
        self.length += len(line) + 1

    def link(self, words: str, url: str) -> None:
        """Adds a link, unless one leads there already."""
        if url != self.url:
            self.links.setdefault(url, words)

    def page(self) -> Page:
        links = tuple(Link(words, url) for url, words in self.links.items())
        return Page(self.url, self.title, "\n".join(self.lines), links)


def place_of(words: str, line: str) -> int:
    """Where whole words first stand in a line; -1 where they do not."""
    found = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", line)
    return found.start() if found else -1
