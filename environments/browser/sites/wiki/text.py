"""A page of a corpus as HTML: its headings, its paragraphs, and each of its links where its words stand first."""

import re
from functools import lru_cache

from envgym.environments.browser.sites.markup import Markup, html, link
from envgym.environments.web.corpus.page import Page

KEPT = 2_000
"""Pages that are kept as HTML."""
Section = tuple[str, Markup]
"""A heading, empty for what stands before the first, and what stands below it."""


def slug(url: str) -> str:
    """The last part of the address of a page."""
    return url.rstrip("/").rsplit("/", 1)[-1]


@lru_cache(maxsize=KEPT)
def sections(page: Page) -> tuple[Section, ...]:
    """A page cut at its headings. The title, which is the first line, is left out."""
    linked = _Linked(page)
    made: list[tuple[str, list[Markup]]] = [("", [])]
    for line in page.text.splitlines():
        if line.startswith("## "):
            made.append((line[3:].strip(), []))
        elif line.strip() and not line.startswith("# "):
            made[-1][1].append(html("<p>{line}</p>", line=linked.line(line)))
    return tuple((heading, Markup("\n".join(lines))) for heading, lines in made)


class _Linked:
    """Puts links into lines, each once."""

    def __init__(self, page: Page) -> None:
        self.waiting = {each.text: each.url for each in reversed(page.links)}
        texts = sorted(self.waiting, key=len, reverse=True)
        self.pattern = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in texts)) if texts else None

    def line(self, line: str) -> Markup:
        if self.pattern is None:
            return html("{line}", line=line)
        pieces: list[str | Markup] = []
        at = 0
        for found in self.pattern.finditer(line):
            url = self.waiting.pop(found[0], None)
            if url is not None:
                pieces += [line[at : found.start()], link(f"/page/{slug(url)}", found[0])]
                at = found.end()
        return html("{pieces}", pieces=[*pieces, line[at:]])
