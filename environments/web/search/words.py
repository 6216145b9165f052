"""Words of a text as a search engine compares them: without case, accents and plural endings, each with where it stands.

The endings are those of Harman's S-stemmer (JASIS 42, 1991): three rules for English plurals, which join countries with country and never
two words that differ in more. A number is one word with or without commas between its thousands.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import combining, normalize

from envgym.verifiers.unicode_form import without_piles

WORD = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)|[^\W_]+")
MAX_LETTERS = 60
"""Of a word: longer ones are cut."""
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    a about after all also an and any are as at be been before being between both but by can could did do does during
    each for from had has have having he her here him his how i if in into is it its itself me more most my no nor
    not of on once only or other our out over own s same she should so some such t than that the their them then
    there these they this those through to too under until up very was we were what when where which while who whom
    whose why will with would you your
    """,
    )
)


def words_of(text: str) -> list[str]:
    """The words that count, in order, without stop words."""
    return [word for word, _ in placed_words(text)]


def placed_words(text: str) -> Iterator[tuple[str, int]]:
    """The same with the character at which each begins."""
    for found in WORD.finditer(text):
        word = plain(found[0])
        if word:
            yield word, found.start()


@lru_cache(maxsize=1 << 17)
def plain(word: str) -> str:
    """One word in the form that is compared; empty for a stop word."""
    short = without_piles(word[:MAX_LETTERS])
    bare = short if short.isascii() else "".join(sign for sign in normalize("NFKD", short) if not combining(sign))
    bare = bare.casefold().replace(",", "")
    return "" if bare in STOP_WORDS else singular(bare)


def singular(word: str) -> str:
    """`word` without an English plural ending; short words and those in -us and -ss stay."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    return word if word[-2] in "us" else word[:-1]
