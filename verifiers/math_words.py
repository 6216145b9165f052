"""Golds that are no mathematics: words, the letter of a choice, a time of day, digits in a stated base."""

import re

from envgym.verdict import Verdict
from envgym.verifiers.math_text import compact

WORDS = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]")
CHOICE = re.compile(r"\(?([A-J])[).]?")
LETTERED_GOLD = re.compile(r"\\text\{\s*\(([A-J])\)\s*\}\s*(.+)")
LETTERED = re.compile(r"\(([A-J])\)")
"""The letter in front of a choice that is written out: (B) 12."""
ARTICLE = re.compile(r"^(?:[Tt]he|[Aa]n?) (?=[A-Za-z]{3})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?: ?([ap])\.? ?m\.?)?", re.IGNORECASE)
BASED = re.compile(r"(?P<digits>[0-9][0-9A-Z]*)_\{?(?P<base>\d+)\}?")


def equal(reason: str) -> Verdict:
    return Verdict.of(1, code="math.equal", reason=reason)


def not_equal(reason: str) -> Verdict:
    return Verdict.of(0, code="math.not_equal", reason=reason)


def asked_for(given: str, wanted: str) -> str:
    """The letter or the value of a gold such as \\text{(A)} 5: what kind of answer was given says which is wanted."""
    lettered = LETTERED_GOLD.fullmatch(wanted)
    return (lettered[1] if chosen_letter(given) else lettered[2]) if lettered else wanted


def judge_words(given: str, wanted: str) -> Verdict | None:
    """Golds that are no mathematics: words, the letter of a choice, a time of day, digits in a stated base. None for other golds."""
    word = unwrapped(wanted)
    words, wrapped = WORDS.fullmatch(word), word != wanted
    in_words = words or wrapped
    if in_words and same_words(unwrapped(given), word):
        return equal("the same words")
    if (words and wrapped) or (in_words and len(re.sub("[^A-Za-z]", "", word)) > 3):  # xyz may be a product
        return not_equal("other words")
    choice, chosen = CHOICE.fullmatch(word), chosen_letter(given)
    if choice and chosen:
        return equal("the same choice") if choice[1] == chosen else not_equal("another choice")
    clock, time = clock_of(wanted), clock_of(given)
    if clock and time and (clock[2] or time[2]):  # which half of the day may be left out, since the question states it
        agree = clock[:2] == time[:2] and (clock[2] == time[2] or not (clock[2] and time[2]))
        return equal("the same time") if agree else not_equal("another time")
    based, ours = BASED.fullmatch(compact(wanted)), BASED.fullmatch(compact(given))
    if based or ours:  # the base may be left out, since the question states it, but not be another one
        one, two = (based["digits"] if based else compact(wanted)), (ours["digits"] if ours else compact(given))
        agree = one == two and not (based and ours and based["base"] != ours["base"])
        return equal("the same digits") if agree else not_equal("other digits or another base")
    return None


def chosen_letter(given: str) -> str | None:
    """The letter of a choice that an answer names, alone or in front of what it stands for."""
    alone = CHOICE.fullmatch(unwrapped(given))
    if alone:
        return alone[1]
    letters = LETTERED.findall(given)
    return letters[0] if len(letters) == 1 and LETTERED.match(given.removeprefix(r"\text{").lstrip()) else None


def clock_of(text: str) -> tuple[int, int, str] | None:
    """Hours, minutes and a, p or nothing of a time such as 3:45 p.m."""
    found = CLOCK.fullmatch(" ".join(re.sub(r"\\text|[{}]", " ", text).split()))
    return (int(found[1]), int(found[2]), (found[3] or "").lower()) if found else None


def unwrapped(text: str) -> str:
    r"""The words in `\text{...}`, where that is the whole answer."""
    found = re.fullmatch(r"\\text\{([^{}]*)\}\.?", text)
    return found[1].strip() if found else text


def same_words(given: str, wanted: str) -> bool:
    one, two = (ARTICLE.sub("", re.sub(r"[\s-]+", " ", text).strip(" .")).casefold() for text in (given, wanted))
    return one == two
