"""Snippet: the stretch of a page that says most of what was asked."""

from collections.abc import Sequence

CHARACTERS = 240
LEAD = 40
"""Characters before the first word of the window."""


def best_window(places: Sequence[tuple[int, int]], weights: Sequence[int]) -> int:
    """Where the stretch begins whose different words weigh most; the first of equals. 0 where there are no words.

    `places` are pairs of character and word; `weights` are those of the words by number.
    """
    best = weight = begins = after = 0
    ordered = sorted(places)
    held = [0] * len(weights)
    for place, word in ordered:
        reach = place + CHARACTERS - LEAD
        while after < len(ordered) and ordered[after][0] < reach:
            entering = ordered[after][1]
            weight += 0 if held[entering] else weights[entering]
            held[entering] += 1
            after += 1
        if weight > best:
            best, begins = weight, place
        held[word] -= 1
        weight -= 0 if held[word] else weights[word]
    return begins


def cut_out(text: str, begins: int) -> str:
    """The stretch around `begins` on one line, with an ellipsis where the text goes on."""
    start = max(0, begins - LEAD)
    if start:
        start = text.find(" ", start, begins) + 1 or start
    end = start + CHARACTERS
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + CHARACTERS // 2)
    stretch = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{stretch}{' …' if end < len(text) else ''}"
