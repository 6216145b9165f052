"""Numerals: reads how people and models write a number, exactly.

No float takes part: `0.1` is 1/10 and `1e-400` is not 0. A percent sign is kept apart from the figure, because "25%" answers both "what
share" (0.25) and "what percentage" (25). What is no single number, `1/0` and `1,23` included, is None; a number that would need more than
4,000 digits raises TooBig instead of being built.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

MAX_DIGITS = 4000
"""Below the 4,300 digits where Python itself refuses to convert, and far above any answer."""
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:_\d{3})+"
DECIMAL = rf"(?:(?:{GROUPED}|\d+)(?:\.\d*)?|\.\d+)"
SIGNED = rf"[+-]?\s*{DECIMAL}"
PATTERNS = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<figure>{DECIMAL})",
        rf"(?P<figure>{DECIMAL})[eE](?P<power>[+-]?\d+)",
        rf"(?:(?P<figure>{DECIMAL})\s*(?:\\times|\\cdot|x)\s*)?10\s*\^\s*(?:\{{\s*(?P<power>[+-]?\s*\d+)\s*\}}|(?P<bare>[+-]?\d+))",
        r"(?P<whole>\d+)\s*\\frac\s*\{\s*(?P<top>\d+)\s*\}\s*\{\s*(?P<bottom>\d+)\s*\}",
        r"(?P<whole>\d+)\s+(?P<top>\d+)\s*/\s*(?P<bottom>\d+)",
        rf"\\frac\s*\{{\s*(?P<top>{SIGNED})\s*\}}\s*\{{\s*(?P<bottom>{SIGNED})\s*\}}",
        rf"(?P<top>{DECIMAL})\s*/\s*(?P<bottom>{DECIMAL})",
        r"(?P<figure>\d+\.(?P<start>\d*))\\overline\s*\{(?P<repeats>\d+)\}",
    )
]
SIGN_AND_MONEY = re.compile(
    r"(?P<sign>[+-]?)\s*[$€£¥₹]?\s*(?P<late>[+-]?)\s*(?P<body>.*?)\s*[€£¥₹$]?\s*(?P<percent>%?)", re.DOTALL
)


class TooBig(ValueError):
    """The numeral stands for a number with too many digits to build."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: `figure` is what stands in front of the percent sign."""

    figure: Fraction
    percent: bool = False

    @property
    def value(self) -> Fraction:
        return self.figure / 100 if self.percent else self.figure


def whole_number(text: str) -> int | None:
    """The integer that `text` is without any dress, as most answers and golds are; None for everything else."""
    return int(text) if WHOLE.fullmatch(text) else None


def read_numeral(text: str) -> Numeral | None:
    """The number that `plain` text is, None when it is something else. Raises TooBig."""
    whole = whole_number(text)
    if whole is not None:
        return Numeral(Fraction(whole))
    outer = SIGN_AND_MONEY.fullmatch(text.strip())
    if outer is None or (outer["sign"] and outer["late"]):
        return None
    body = unwrapped(outer["body"])
    for pattern in PATTERNS:
        found = pattern.fullmatch(body)
        if found:
            if len(body) > MAX_DIGITS:
                raise TooBig(f"a numeral of {len(body):,} characters")
            size = size_of(found.groupdict())
            negative = "-" in (outer["sign"], outer["late"])
            return None if size is None else Numeral(-size if negative else size, bool(outer["percent"]))
    return None


def unwrapped(body: str) -> str:
    """`body` without brackets or braces around the whole of it: (5), {5}."""
    while len(body) > 2 and (body[0], body[-1]) in (("(", ")"), ("{", "}")) and not re.search(r"[(){}]", body[1:-1]):
        body = body[1:-1].strip()
    return body


def size_of(part: dict[str, str | None]) -> Fraction | None:
    """The number that the parts of a match make; None for a division by zero."""
    top, bottom, figure = part.get("top"), part.get("bottom"), part.get("figure")
    if top is not None and bottom is not None:
        whole, above, below = part.get("whole"), decimal(top), decimal(bottom)
        if below == 0 or (whole and above >= below):  # 2\frac{5}{3} may as well be a product
            return None
        return decimal(whole or "0") + above / below
    size = decimal(figure) if figure else Fraction(1)
    repeats = part.get("repeats")
    if repeats:
        return size + Fraction(int(repeats), (10 ** len(repeats) - 1) * 10 ** len(part.get("start") or ""))
    power = (part.get("power") or part.get("bare") or "0").replace(" ", "")
    if len(power) > 6 or abs(int(power)) > MAX_DIGITS:
        raise TooBig(f"a numeral with the exponent {power[:12]}")
    return size * Fraction(10) ** int(power)


def decimal(text: str) -> Fraction:
    """A signed decimal with or without separators of thousands."""
    return Fraction(re.sub(r"[,_\s]", "", text).rstrip("."))
