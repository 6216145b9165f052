"""NFKC that ends in time: Python sorts the marks on one letter by insertion, so a million of them would take minutes inside C code.

Unicode's own stream-safe format allows 30 marks in a row (UAX #15, section 13). What goes beyond is left out here.
"""

from unicodedata import combining, normalize

MAX_MARKS = 30


def nfkc(text: str) -> str:
    """`text` in the form NFKC, with at most 30 marks on one letter."""
    return text if text.isascii() else normalize("NFKC", without_piles(text))


def without_piles(text: str) -> str:
    """`text` with at most 30 marks on one letter."""
    if text.isascii() or not any(map(combining, text)):
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if combining(sign) else 0
        if marks <= MAX_MARKS:
            kept.append(sign)
    return "".join(kept)
