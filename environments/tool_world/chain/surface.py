"""How values are said: the forms that a person may use for a date, an amount, a small number or a word of the database."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from envgym.environments.tool_world.calendar import Calendar, days_between
from envgym.environments.tool_world.fields import Field

NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NEAR = 120
"""Days from today within which nobody says the year."""


def forms(field: Field, value: Any, calendar: Calendar) -> Sequence[str]:
    """Every form in which a stored value may be said; the first is the plainest."""
    if value is None:
        return ("nothing",)
    if field.kind == "flag":
        return ("yes", "on") if value else ("no", "off")
    if field.kind == "date":
        return _dates(value, calendar)
    if field.kind == "moment":
        return tuple(f"{day} at {time}" for day in _dates(value[:10], calendar) for time in _times(value[11:]))
    if field.kind == "time":
        return _times(value)
    if field.kind == "cents":
        whole = (f"{value // 100} dollars", f"${value // 100}") if value % 100 == 0 and value >= 100 else ()
        return (f"{value / 100:.2f}", f"${value / 100:.2f}", *whole)
    if field.kind == "integer" and 2 <= value < len(NUMBERS) + 2:
        return (str(value), NUMBERS[value - 2])
    if field.choices:
        return (str(value).replace("_", " "),)
    return (str(value),)


def said(field: Field, value: Any, calendar: Calendar, rng: Random, *, relative: bool = True) -> str:
    """One of the forms; without `relative` none like "in 3 days", which not every sentence can take."""
    return rng.choice([form for form in forms(field, value, calendar) if relative or "days" not in form])


def _dates(value: str, calendar: Calendar) -> tuple[str, ...]:
    day = datetime.strptime(value, "%Y-%m-%d")
    found = [value, f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}, {day.year}"]
    gap = days_between(calendar.today, value)
    if abs(gap) <= NEAR:
        found += [f"{day.day} {day:%B}", f"{day:%A} {day.day} {day:%B}"]
    named = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(gap)
    if named is not None:
        found.append(named)
    elif 2 <= abs(gap) <= 12:
        found.append(f"in {gap} days" if gap > 0 else f"{-gap} days ago")
    return tuple(found)


def _times(value: str) -> tuple[str, ...]:
    """09:30, 9:30 am; 14:00, 2 pm."""
    hour, minute = int(value[:2]), value[3:5]
    clock = f"{hour % 12 or 12}{'' if minute == '00' else f':{minute}'} {'am' if hour < 12 else 'pm'}"
    return (value, clock)
