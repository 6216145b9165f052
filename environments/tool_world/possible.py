"""What a value can be, as far as a domain says: one of some values, or a whole number between two ends.

What is said here is never too narrow: a value that a column can hold is always among what it can be. None stands for a value that is
not set. Days and hours are counted from today and from now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf, isinf
from typing import Any, Literal

from envgym.environments.tool_world.fields import Field

Unit = Literal["number", "day", "hour", "text"]
UNITS: dict[str, Unit] = {"date": "day", "moment": "hour", "integer": "number", "cents": "number", "flag": "number"}


@dataclass(frozen=True, slots=True)
class Possible:
    """`values`, where all that it can be is known one by one; else the ends, and whether it may be None (`unset`)."""

    unit: Unit
    values: frozenset[Any] | None = None
    low: float = -inf
    high: float = inf
    unset: bool = False

    @property
    def none(self) -> bool:
        """Whether there is nothing left that it could be."""
        return not self.values if self.values is not None else self.low > self.high and not self.unset

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number that it can be."""
        if self.values is None:
            return self.low, self.high
        numbers = [value for value in self.values if value is not None]
        if numbers and all(isinstance(value, int) for value in numbers):
            return min(numbers), max(numbers)
        return -inf, inf

    @property
    def single(self) -> frozenset[Any] | None:
        """The only value that it can be, in a set; None where there may be more."""
        if self.values is not None:
            return self.values if len(self.values) == 1 else None
        if self.low == self.high and not self.unset:
            return frozenset({self.low})
        return None

    def __str__(self) -> str:
        if self.values is not None:
            words = sorted("not set" if value is None else repr(value) for value in self.values)
            return " or ".join(words)
        low, high = self.low, self.high
        unit = {"day": " days from today", "hour": " hours from now"}.get(self.unit, "")
        if isinf(low) and isinf(high):
            return "anything, or not set" if self.unset else "always set" if self.unit == "text" else "any"
        span = f"at most {high}" if isinf(low) else f"at least {low}" if isinf(high) else f"{low} to {high}"
        return span + unit


def of_field(field: Field, *, optional: bool = False) -> Possible:
    """What a column of this kind, or an argument described by it, can hold. Of dates and money only the kind is certain: what they are
    drawn from bounds nothing."""
    unset = field.optional or optional
    if field.choices or field.kind == "flag":
        values = frozenset[Any](field.choices or (False, True))
        return Possible("number" if field.kind == "flag" else "text", values | {None} if unset else values)
    low = 0 if field.kind == "cents" else field.low if field.kind == "integer" and field.low is not None else -inf
    high = field.high if field.kind == "integer" and field.high is not None else inf
    return Possible(UNITS.get(field.kind, "text"), low=low, high=high, unset=unset)


def just(value: Any) -> Possible:
    """A constant."""
    return Possible("number" if isinstance(value, int) else "text", frozenset({value}))


def within(low: float, high: float, unit: Unit = "number") -> Possible:
    return Possible(unit, low=low, high=high)


def meet(one: Possible, other: Possible) -> Possible:
    """What is possible for both."""
    if one.values is None and other.values is None:
        low, high = max(one.low, other.low), min(one.high, other.high)
        return replace(one, low=low, high=high, unset=one.unset and other.unset)
    few, rest = (one, other) if one.values is not None else (other, one)
    assert few.values is not None
    return replace(few, unit=one.unit, values=frozenset(value for value in few.values if _holds(rest, value)))


def _holds(possible: Possible, value: Any) -> bool:
    if possible.values is not None:
        return value in possible.values
    if value is None:
        return possible.unset
    return not isinstance(value, int) or possible.low <= value <= possible.high


def join(one: Possible, other: Possible) -> Possible:
    """What is possible for one or the other."""
    if one.values is not None and other.values is not None:
        return replace(one, values=one.values | other.values)
    ends = (*one.ends, *other.ends)
    unset = any(each.unset if each.values is None else None in each.values for each in (one, other))
    return Possible(one.unit, low=min(ends), high=max(ends), unset=unset)


def without(possible: Possible, taken: Iterable[Any]) -> Possible:
    """What is left when these values are excluded."""
    gone = frozenset(taken)
    if possible.values is not None:
        return replace(possible, values=possible.values - gone)
    low, high = possible.low, possible.high
    whole = possible.unit in ("number", "day")
    return replace(
        possible,
        low=low + 1 if whole and low in gone else low,
        high=high - 1 if whole and high in gone else high,
        unset=possible.unset and None not in gone,
    )
