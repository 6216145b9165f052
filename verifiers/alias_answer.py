"""Compares an answer with a gold that has several names: Ivory Coast, Côte d'Ivoire, the Republic of Côte d'Ivoire.

As `typed_answer`, and a text is right under any of its names, with or without accents, hyphens, the sort of its apostrophes and a leading
"the". The whole answer has to be one name: a sentence around it, or a second name beside it, is wrong.
"""

from collections.abc import Sequence
from typing import Any
from unicodedata import combining, normalize

from envgym.verdict import Verdict
from envgym.verifiers.typed_answer import AnswerType, Unreadable, as_text, shown, typed_answer

SIGNS = str.maketrans({"’": "'", "‘": "'", "ʻ": "'", "`": "'", "-": " ", "‐": " ", "‑": " ", "–": " "})


def alias_answer(answer: object, gold: Any, *, asked: AnswerType, aliases: Sequence[Any] = ()) -> Verdict:
    """PASS when `answer` is `gold` or one of `aliases`; MALFORMED when it is not of the asked type.

    A gold that is not of its own type gives TASK_INVALID.
    """
    first = typed_answer(answer, gold, asked=asked)
    if first.score is None or first.passed or first.code == "typed_answer.unreadable":
        return first
    if asked.kind == "text":
        names = {plain_name(as_text(name)) for name in (gold, *aliases) if is_text(name)}
        right = plain_name(as_text(answer)) in names
    else:
        right = any(typed_answer(answer, each, asked=asked).passed for each in aliases)
    if right:
        return Verdict.of(1, code="alias_answer.equal", reason=f"{shown(answer)} is another name of the answer")
    return first


def is_text(name: object) -> bool:
    try:
        return bool(as_text(name))
    except Unreadable:
        return False


def plain_name(name: str) -> str:
    """A folded name without accents, hyphens and a leading article."""
    bare = "".join(sign for sign in normalize("NFKD", name) if not combining(sign)).translate(SIGNS)
    return " ".join(bare.split()).removeprefix("the ")
