"""Compares a final answer with its gold by the type that the question asked for: integer, number, text, list, yes or no.

One answer must stand alone: "3 or 4", a sentence around the answer and a list with one item too many are wrong, whatever is right in them.
3.0 and "3" are the integer 3, 3.1 is not. A number is right within a relative tolerance that the question states. Nothing is evaluated.
"""

import math
import re
from collections import Counter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from envgym.verdict import Verdict
from envgym.verifiers.unicode_form import nfkc

MAX_CHARS = 10_000
FIGURE = re.compile(
    r"(?P<figure>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)(?:(?:e|\s*[x*]\s*10\^?)\(?(?P<power>[+-]?\d{1,4})\)?)?",
    re.IGNORECASE,
)
SIGNS = str.maketrans({"−": "-", "–": "-", "⁻": "-", "×": "x", "·": "x", "⋅": "x"})
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
QUOTES = "\"'`“”‘’"


class AnswerType(BaseModel):
    """What an answer must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["integer", "number", "text", "list", "yes_no"] = Field(
        "text", description="What is compared, and how."
    )
    unit: str = Field(default="", description="Unit of a number; an answer in text may repeat it, and no other.")
    tolerance: float = Field(default=0.0, ge=0, lt=1, description="Of a number, relative to the gold.")


class Unreadable(ValueError):
    """The answer is not of the type that was asked for."""


def typed_answer(answer: object, gold: object, *, asked: AnswerType) -> Verdict:
    """PASS when `answer`, JSON data or text, is the value `gold`; MALFORMED when it is not of the asked type.

    A gold that is not of its own type gives TASK_INVALID.
    """
    try:
        want = read(gold, asked)
    except Unreadable as error:
        return Verdict.task_invalid(f"the gold is no {asked.kind}: {error}", code="typed_answer.gold")
    try:
        got = read(answer, asked)
    except Unreadable as error:
        return Verdict.malformed(
            f"no {asked.kind.replace('_', ' or ')} can be read: {error}", code="typed_answer.unreadable"
        )
    if same(got, want, asked):
        return Verdict.of(1, code="typed_answer.equal", reason="it is the answer")
    return Verdict.of(0, code="typed_answer.not_equal", reason=f"it says {shown(answer)}, not {shown(gold)}")


def same(got: Any, want: Any, asked: AnswerType) -> bool:
    if asked.kind != "number":
        return bool(got == want)
    return bool(got == want or abs(got - want) <= asked.tolerance * abs(want) * (1 + 1e-9))


def read(answer: object, asked: AnswerType) -> Any:
    """`answer` as the value that is compared. Raises Unreadable."""
    if isinstance(answer, str) and len(answer) > MAX_CHARS:
        raise Unreadable(f"{len(answer):,} characters; at most {MAX_CHARS:,} are read")
    match asked.kind:
        case "yes_no":
            return as_truth(answer)
        case "list":
            return Counter(as_text(item) for item in as_items(answer))
        case "text":
            return as_text(answer)
        case "integer":
            return as_integer(answer, asked.unit)
    return as_number(answer, asked.unit)


def as_truth(answer: object) -> bool:
    if isinstance(answer, bool):
        return answer
    word = folded(answer) if isinstance(answer, str) else ""
    if word not in YES_NO:
        raise Unreadable(f"{shown(answer)} is neither yes nor no")
    return YES_NO[word]


def as_items(answer: object) -> list[object]:
    """A list as it is, or a text cut at its line ends, semicolons or commas, whichever is there first in this order."""
    if isinstance(answer, list | tuple):
        return list(answer)
    if not isinstance(answer, str):
        raise Unreadable(f"{shown(answer)} is no list")
    inside = answer.strip().removeprefix("[").removesuffix("]")
    mark = next((mark for mark in ("\n", ";", ",") if mark in inside.strip()), ",")
    return [item for item in inside.split(mark) if item.strip()]


def as_text(answer: object) -> str:
    if isinstance(answer, str):
        text = folded(answer)
    elif isinstance(answer, int | float) and not isinstance(answer, bool):
        text = shown(answer)
    else:
        raise Unreadable(f"{shown(answer)} is no text")
    if not text:
        raise Unreadable("it is empty")
    return text


def as_integer(answer: object, unit: str) -> int:
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    if isinstance(answer, str) and re.fullmatch(r"[+-]?\d{1,40}", plain(answer)):
        return int(plain(answer))
    number = as_number(answer, unit)
    if not number.is_integer() or abs(number) >= 2**53:
        raise Unreadable(f"{shown(answer)} is no integer")
    return int(number)


def as_number(answer: object, unit: str) -> float:
    """A finite number. Text may group thousands by commas, write a power of ten, and end in `unit`."""
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        try:
            number = float(answer)
        except OverflowError:
            raise Unreadable("it is too large") from None
    else:
        number = figure_in(answer, unit)
    if not math.isfinite(number):
        raise Unreadable(f"{shown(answer)} is not finite")
    return number


def figure_in(answer: object, unit: str) -> float:
    if not isinstance(answer, str):
        raise Unreadable(f"{shown(answer)} is no number")
    text = plain(answer.translate(SIGNS))
    if unit and plain_unit(text).endswith(plain_unit(unit)):
        text = without_unit(text, unit)
    found = FIGURE.fullmatch(text.strip())
    if found is None or not any(map(str.isdigit, found["figure"])):
        raise Unreadable(f"{shown(answer)} is not one number" + (f" in {unit}" if unit else ""))
    return float(f"{found['figure'].replace(',', '')}e{found['power'] or 0}")


def without_unit(text: str, unit: str) -> str:
    """`text` without the unit at its end, whatever spaces and signs of multiplication either is written with."""
    left = len(plain_unit(unit))
    end = len(text)
    while left:
        end -= 1
        left -= bool(plain_unit(text[end]))
    return text[:end]


def plain_unit(text: str) -> str:
    return re.sub(r"[\s^x*·]", "", plain(text.translate(SIGNS)))


def plain(text: str) -> str:
    return nfkc(text).strip()


def folded(text: str) -> str:
    """A text without its dress: case, compatibility forms, runs of spaces, quotes around it, a full stop behind it."""
    bare = " ".join(nfkc(text).casefold().split())
    stripped = bare.strip(QUOTES).removesuffix(".").strip(QUOTES).strip()
    return stripped or bare


def shown(value: object) -> str:
    """A value for a message, cut short. An integer of thousands of digits cannot even be written."""
    if isinstance(value, str):
        return repr(value[:80])
    if isinstance(value, list | tuple | dict) or (isinstance(value, int) and abs(value) > 10**40):
        return f"a {type(value).__name__} of {'many digits' if isinstance(value, int) else f'{len(value)} items'}"
    return repr(value)[:80]
