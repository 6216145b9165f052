"""A text as a reader sees it, for patterns to be matched against, and where each of its characters stands in the original.

Fullwidth and styled letters (NFKC), invisible characters and the Cyrillic and Greek letters that look Latin are a cheap way past any
pattern: a judge model reads through all of them.
"""

import unicodedata
from functools import lru_cache

from envgym.verdict import Evidence
from envgym.verifiers.printable import printable

UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Drawn as nothing although their category is not Cf: fillers, joiners and variation selectors."""
LOOKALIKE = str.maketrans(
    "авеікмнорстухАВЕІКМНОРСТУХѕјԁҺοαεινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abeikmhopctyxABEIKMHOPCTYXsjdhoaeivABEZHIKMNOPTYX"
)


@lru_cache(maxsize=4096)
def seen(char: str) -> str:
    """What a reader makes of one character; nothing where it cannot be seen."""
    if unicodedata.category(char) == "Cf" or char in UNSEEN:
        return ""
    return unicodedata.normalize("NFKC", char).translate(LOOKALIKE)


class SeenText:
    """`text` is what a reader sees of `original`."""

    def __init__(self, original: str, place: str = "reply") -> None:
        self.original, self._place = original, place
        self._origins: list[int] | None = None
        self.text = original
        if not original.isascii():
            parts = [seen(char) for char in original]
            self.text = "".join(parts)
            self._origins = [at for at, part in enumerate(parts) for _ in part]

    def span(self, start: int, end: int) -> Evidence:
        """The evidence for a match in `text`: place and words are those of the original."""
        if self._origins is not None and end > start:
            start, end = self._origins[start], self._origins[end - 1] + 1
        told = printable(self.original[start:end].strip())
        return Evidence(kind="span", text=told, data={"place": self._place, "start": start, "end": end})
