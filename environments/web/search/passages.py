"""Passages: pages in stretches that can be ranked and shown alone. All are ranges of characters of the page's text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envgym.environments.web.corpus.page import Page

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a page as a document."""

    url: str
    title: str
    text: str
    start: int


def parts_of(text: str, size: int) -> list[Range]:
    """The parts that a page is read in, of at most `size` characters, cut at the ends of lines, else between words."""
    return list(_cut(text, 0, len(text), size)) or [(0, 0)]


def passages_of(text: str, size: int) -> list[Range]:
    """Stretches of whole lines, of at most `size` characters unless cut out of a longer line; a heading begins a new one."""
    found: list[Range] = []
    for line in re.finditer(r"[^\n]+", text):
        start, end = line.span()
        if found and end - found[-1][0] <= size and not line[0].startswith("#"):
            found[-1] = (found[-1][0], end)
        else:
            found += _cut(text, start, end, size)
    return found


def passages(pages: Iterable[Page], size: int) -> list[Passage]:
    """All passages of some pages, in order; whole pages where `size` is 0."""
    return [
        Passage(page.url, page.title, page.text[start:end], start)
        for page in pages
        for start, end in (passages_of(page.text, size) if size else [(0, len(page.text))])
    ]


def _cut(text: str, start: int, end: int, size: int) -> Iterator[Range]:
    while end - start > size:
        at = text.rfind("\n", start + size // 2, start + size) + 1
        at = at or text.rfind(" ", start + size // 2, start + size) + 1 or start + size
        yield start, at
        start = at
    if end > start:
        yield start, end
