"""Saying: whether some characters of a page say a value. It is checked for every fact when a corpus is built.

Numbers are read as English pages write them: `1,246,700`, `-28`, `.15`, `1.284 million`.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

Kind = Literal["entity", "text", "number", "year"]
Value = str | int | float
NUMBER = re.compile(
    r"(?<![\w.,])(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|-?\.\d+)(?:\s+(thousand|million|billion|trillion)\b)?"
)
SCALE = {"": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
YEAR = re.compile(r"(?<![\d,.])\d{1,4}(?![\d,])")


def numbers_in(text: str) -> list[int | float]:
    """The numbers that a text writes, in order; whole ones as int."""
    return [scaled(match[1], match[2] or "") for match in NUMBER.finditer(text)]


def scaled(digits: str, word: str = "") -> int | float:
    """The number of `digits` with its commas, times the word behind it: 1.284 and million give 1284000."""
    number = Decimal(digits.replace(",", "")) * SCALE[word]
    return int(number) if number == number.to_integral_value() else float(number)


def folded(text: str) -> str:
    """Text for comparison: no accents, no case, single spaces."""
    plain = text
    if not text.isascii():
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def says(span: str, spellings: Iterable[Value], kind: Kind) -> bool:
    """Whether `span` writes one of the spellings: a number or year as such, anything else as whole words."""
    if kind == "number":
        return any(spelling in numbers_in(span) for spelling in spellings)
    if kind == "year":
        return any(str(spelling) in YEAR.findall(span) for spelling in spellings)
    text = folded(span)
    return any(re.search(rf"(?<!\w){re.escape(folded(str(spelling)))}(?!\w)", text) for spelling in spellings)
