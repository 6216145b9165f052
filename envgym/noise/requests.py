"""Noise in the words of the request: slips of the keyboard, wrong case, missing punctuation, talk that has nothing to do with it."""

import re

from envgym.noise.kinds import Rewriting, Rng, register
from envgym.noise.request_text import RequestText

WORD = re.compile(r"[a-z]{4,}")
BEFORE = (
    "Hi there, hope the week is treating you well.",
    "Sorry for the long message, I am typing this on the train.",
    "Morning! The coffee machine is broken again, so bear with me.",
    "I meant to write yesterday, but it was one of those days.",
    "First of all, thanks for the help last time.",
    "It is raining cats and dogs here, by the way.",
)
AFTER = (
    "Thanks a lot in advance!",
    "No rush, I am off to lunch in a bit anyway.",
    "My cat just walked over the keyboard, so excuse the rest.",
    "That is all, have a good one.",
    "Anyway, enough of that, the kids want their dinner.",
    "Greetings from a very noisy office.",
)


@register
class Typos(Rewriting):
    """Letters inside a word swapped, lost or doubled; first letters stay."""

    name = "typos"

    def rewritten(self, request: RequestText, level: float, rng: Rng) -> RequestText:
        def slip(found: "re.Match[str]") -> str:
            word = found[0]
            if rng.random() >= level:
                return word
            at = rng.randrange(1, len(word) - 1)
            head, one, two, rest = word[:at], word[at], word[at + 1], word[at + 2 :]
            return head + rng.choice([two + one, two, one + one + two]) + rest

        return request.with_words(lambda words: WORD.sub(slip, words))


@register
class LetterCase(Rewriting):
    """Sentences begin small, and words shout."""

    name = "letter_case"

    def rewritten(self, request: RequestText, level: float, rng: Rng) -> RequestText:
        def change(found: "re.Match[str]") -> str:
            word = found[0]
            if rng.random() >= level:
                return word
            return word.lower() if word[0].isupper() else word.upper()

        return request.with_words(lambda words: re.sub(r"[A-Za-z]{2,}", change, words))


@register
class Punctuation(Rewriting):
    """Marks after a word are left out; between literals, where they tell things apart, they stay."""

    name = "punctuation"

    def rewritten(self, request: RequestText, level: float, rng: Rng) -> RequestText:
        def drop(found: "re.Match[str]") -> str:
            return "" if rng.random() < level else found[0]

        return request.with_words(lambda words: re.sub(r"(?<=[a-z])[,.;:!?](?=\s|$)", drop, words))


@register
class Chatter(Rewriting):
    """A sentence before or after that asks for nothing."""

    name = "chatter"

    def rewritten(self, request: RequestText, level: float, rng: Rng) -> RequestText:
        first, *pieces = request.pieces
        *rest, last = [first, *pieces]
        before = f"{rng.choice(BEFORE)}\n\n" if rng.random() < min(1.0, 2 * level) else ""
        after = f"\n\n{rng.choice(AFTER)}" if rng.random() < min(1.0, 2 * level) else ""
        if not rest:
            return RequestText((before + last + after,))
        return RequestText((before + rest[0], *rest[1:], last + after))
