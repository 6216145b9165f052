"""SQL's text functions in linear time, each call charged to a budget.

SQLite's own LIKE, INSTR, REPLACE and TRIM take quadratic time or worse on one pair of strings, inside a single step that no work limit can
interrupt: `LIKE '%a%a%a%a%b'` on a thousand letters a runs for a minute. These find the leftmost fit of each part and never go back, which
gives the same answers.
"""

import re
import sqlite3
from collections.abc import Callable
from functools import lru_cache

Value = str | int | float | bytes | None
Charge = Callable[[int], None]
"""Takes the characters that a call must look at; raises when the budget is spent."""
PART_CHARS = 20
"""What one part of a pattern costs besides the characters that it is compared with."""
Part = tuple[str | None, ...]
"""Characters of a pattern between two `%`; None stands for `_`, any character."""


def install(connection: sqlite3.Connection, charge: Charge) -> None:
    """Replaces the functions on `connection`."""

    def like(pattern: Value, value: Value, escape: Value = "") -> int | None:
        if pattern is None or value is None or escape is None:
            return None
        parts = like_parts(text(pattern), text(escape))
        inner = max((len(part) for part in parts if None in part), default=1)
        charge(len(text(value)) * inner + PART_CHARS * len(parts))
        return int(matches(parts, lower_ascii(text(value))))

    def instr(value: Value, part: Value) -> int | None:
        if value is None or part is None:
            return None
        charge(len(text(value)))
        return text(value).find(text(part)) + 1

    def replace(value: Value, old: Value, new: Value) -> str | None:
        if value is None or old is None or new is None:
            return None
        charge(len(text(value)) * (1 + len(text(new))))
        return text(value).replace(text(old), text(new)) if text(old) else text(value)

    def strip(method: Callable[[str, str], str]) -> Callable[..., str | None]:
        def trim(value: Value, letters: Value = " ") -> str | None:
            if value is None or letters is None:
                return None
            charge(len(text(value)) + len(text(letters)))
            return method(text(value), "".join(set(text(letters)))) if text(letters) else text(value)

        return trim

    for name, counts, function in (
        ("like", (2, 3), like),
        ("instr", (2,), instr),
        ("replace", (3,), replace),
        ("trim", (1, 2), strip(str.strip)),
        ("ltrim", (1, 2), strip(str.lstrip)),
        ("rtrim", (1, 2), strip(str.rstrip)),
    ):
        for count in counts:
            connection.create_function(name, count, function, deterministic=True)


def text(value: Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def lower_ascii(value: str) -> str:
    """SQLite knows the case of ASCII letters only."""
    return value.lower() if value.isascii() else "".join(each.lower() if each.isascii() else each for each in value)


@lru_cache(maxsize=64)
def like_parts(pattern: str, escape: str = "") -> tuple[Part, ...]:
    """The parts of a LIKE pattern between its `%`, in lower case."""
    parts: list[list[str | None]] = [[]]
    letters = iter(pattern)
    for letter in letters:
        if escape and letter == escape:
            parts[-1].append(lower_ascii(next(letters, "")))
        elif letter == "%":
            parts.append([])
        else:
            parts[-1].append(None if letter == "_" else lower_ascii(letter))
    return tuple(map(tuple, parts))


def matches(parts: tuple[Part, ...], value: str) -> bool:
    """Whether `value` consists of the parts in order with anything between them."""
    first, *rest = parts
    if not rest:
        return len(value) == len(first) and fits(first, value, 0)
    last = rest.pop()
    if not fits(first, value, 0):
        return False
    at, end = len(first), len(value) - len(last)
    for part in rest:
        found = find(part, value, at)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end and fits(last, value, end)


def fits(part: Part, value: str, at: int) -> bool:
    within = at >= 0 and at + len(part) <= len(value)
    return within and all(want is None or want == value[at + offset] for offset, want in enumerate(part))


def find(part: Part, value: str, start: int) -> int:
    """Where `part` first fits at or after `start`; -1 where it does not."""
    if None not in part:
        return value.find("".join(map(str, part)), start)
    pattern = re.compile("".join("." if want is None else re.escape(want) for want in part), re.DOTALL)
    found = pattern.search(value, start)
    return found.start() if found else -1
