"""Items: the parts of a list in running text, with where they stand.

Commas and semicolons part items, but not inside parentheses and not inside a number such as 1,246.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SEPARATOR = re.compile(r"[,;](?=\s|$)")
PARENTHESES = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Item:
    """Some characters of a text, from `start` up to `end`."""

    text: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        """Without what stands in parentheses."""
        return PARENTHESES.sub("", self.text).strip()


def items(text: str) -> list[Item]:
    """The items of a list, without the spaces around them."""
    return list(_cut(text))


def _cut(text: str) -> Iterator[Item]:
    begin = depth = 0
    cuts = {match.start() for match in SEPARATOR.finditer(text)}
    for place, letter in enumerate(text):
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        if place in cuts and depth == 0:
            yield from _trimmed(text, begin, place)
            begin = place + 1
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Item]:
    part = text[start:end]
    inner = part.strip()
    if inner:
        start += len(part) - len(part.lstrip())
        yield Item(inner, start, start + len(inner))
