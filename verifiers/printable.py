"""Model text and other people's values for a verdict's reason or evidence: short, and always writable as JSON.

A lone surrogate is a legal Python string and a legal JSON escape, but no UTF-8: a verdict that carries one cannot be written to a record.
"""

from reprlib import Repr
from typing import Any


def printable(text: str, limit: int = 200) -> str:
    """The first `limit` characters of `text`, lone surrogates spelled out as \\udXXX."""
    return text[:limit].encode("utf-8", "backslashreplace").decode("utf-8")


class Short(Repr):
    """Values for a message, bounded in depth and size. Integers of thousands of digits cannot even be written."""

    def repr_int(self, x: int, level: int) -> str:
        return "a huge integer" if x.bit_length() > 400 else super().repr_int(x, level)


SHORT = Short()
SHORT.maxlevel, SHORT.maxstring, SHORT.maxother = 3, 60, 60


def shortened(value: Any, limit: int = 80) -> str:
    """Any value for a message, however deep, large or hostile its own `repr` is."""
    return printable(SHORT.repr(value), limit)
