"""What an agent reads of a page: a part of it by number, the passages that answer a question, or where some words stand.

Everything is a range of characters of the page's text, so that what was shown can be remembered, and checked later, as ranges.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from envgym.environments.web.corpus.page import Page
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.passages import Passage, Range, passages

PASSAGE = 500
"""Characters of a passage."""
CONTEXT = 120
"""Characters on either side of words that were found."""


def best_passages(page: Page, query: str, size: int) -> list[Range]:
    """The passages that answer `query` best, at most `size` characters in all, in the order of the page; none where none has its words."""
    stretches, engine = _indexed(page)
    chosen: list[Range] = []
    for number, _ in engine.top(query, len(stretches)):
        start, length = stretches[number].start, len(stretches[number].text)
        if length <= size:
            size -= length
            chosen.append((start, start + length))
    return merged(chosen)


@lru_cache(maxsize=256)
def _indexed(page: Page) -> tuple[list[Passage], Bm25]:
    stretches = passages([page], PASSAGE)
    return stretches, Bm25.of(stretches)


def places_of(text: str, words: str) -> list[Range]:
    """Where `words` stand in `text`, without regard to case and to how blanks and lines are broken."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]


def around(text: str, place: Range) -> Range:
    """A place with some words on either side."""
    start, end = max(0, place[0] - CONTEXT), min(len(text), place[1] + CONTEXT)
    if start:
        start = text.find(" ", start, place[0]) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", place[1], end), place[1])
    return start, end


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same characters as few ranges in order: those that touch or overlap, or have one character between them, are one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def holds(ranges: Iterable[Range], start: int, end: int) -> bool:
    """Whether one of the ranges holds all characters from `start` to `end`."""
    return any(first <= start and end <= last for first, last in ranges)
