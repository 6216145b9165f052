"""How varied the language of tasks is: the share of word n-grams that are distinct."""

import re
from collections.abc import Iterable

SIZE = 3


def distinct_ngram_ratio(texts: Iterable[str], size: int = SIZE) -> float:
    """Distinct n-grams over all n-grams of words, 0.0 to 1.0; ids, dates and amounts count as one word each, so that they do not pass for
    variety.
    """
    seen: set[tuple[str, ...]] = set()
    total = 0
    for text in texts:
        words = [
            "0" if any(letter.isdigit() for letter in word) else word
            for word in re.findall(r"[\w@.#:$'-]+", text.lower())
        ]
        grams = [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
        seen.update(grams)
        total += len(grams)
    return len(seen) / total if total else 0.0
