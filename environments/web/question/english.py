"""English words and numbers as questions need them: articles, plurals, counts, rounded figures, negated verbs."""

import re
from collections.abc import Sequence

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth")
IRREGULAR = {"people": "person", "currencies": "currency", "seas": "sea"}
BASE = {
    "is": "is not",
    "are": "are not",
    "was": "was not",
    "has": "does not have",
    "had": "did not have",
    "became": "did not become",
}
"""Verbs in the third person whose negation is not `does not` with the letters before the s."""
STOPS = re.compile(r" (?:that|of|to|in|from|on|under|by|with|for|at|which|where) ")


def noun(type_: str) -> str:
    """The type of an entity as a noun."""
    return type_.replace("_", " ")


def plural(word: str) -> str:
    """The plural of a noun, or of the noun that ends a phrase."""
    for many, one in IRREGULAR.items():
        if word.endswith(one):
            return word.removesuffix(one) + many
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def singular(words: str) -> str:
    """The singular of a unit."""
    head, space, rest = words.partition(" ") if words.endswith("dollars") else ("", "", words)
    return f"{head}{space}{IRREGULAR.get(rest, rest.removesuffix('s'))}"


def with_article(phrase: str) -> str:
    """The phrase behind a or an."""
    return f"{'an' if phrase[:1].lower() in 'aeiou' else 'a'} {phrase}"


def counted(count: int, word: str) -> str:
    """So many of what the word names: two countries."""
    return f"{COUNTS[count] if count < len(COUNTS) else f'{count:,}'} {word if count == 1 else plural(word)}"


def figure(number: float) -> str:
    """A number as people write it: 1.5 million, 20,000, 0.4."""
    for scale, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if abs(number) >= scale and (number / scale * 100).is_integer():
            return f"{number / scale:g} {word}"
    return f"{number:,}" if isinstance(number, int) or not float(number).is_integer() else f"{int(number):,}"


def measured(number: float, unit: str) -> str:
    """A number with its unit."""
    word = singular(unit) if number == 1 else unit
    return f"{figure(number)} {word}".strip()


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Parts as a series: a; a and b; a, b, and c."""
    if len(parts) < 3:
        return f" {word} ".join(parts)
    return f"{', '.join(parts[:-1])}, {word} {parts[-1]}"


def denied(verb_phrase: str) -> str:
    """A verb phrase in the third person, denied: borders France -> does not border France."""
    verb, space, rest = verb_phrase.partition(" ")
    if verb in BASE:
        return f"{BASE[verb]}{space}{rest}"
    if verb.endswith("ed"):
        return f"did not {verb.removesuffix('ed')}{space}{rest}"
    if verb.endswith("ies") and len(verb) > 4:
        base = f"{verb.removesuffix('ies')}y"
    else:
        base = verb.removesuffix("es") if re.search(r"(ss|ch|sh|x|o)es$", verb) else verb.removesuffix("s")
    return f"does not {base}{space}{rest}"


def head_of(phrase: str) -> tuple[str, str]:
    """What a noun phrase names, without its article, and what stands behind it."""
    bare = re.sub(r"^(?:an?|the) ", "", phrase)
    found = STOPS.search(bare)
    return (bare, "") if found is None else (bare[: found.start()], bare[found.start() :])


def sentence(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]
