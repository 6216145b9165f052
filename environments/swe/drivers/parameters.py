"""The cases of a parametrized test and the ids that pytest gives them."""

from __future__ import annotations

import enum
import inspect
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.swe.drivers.pytest_stand_in import Unsupported

LONGEST = 100
"""Characters of a text that stands in an id; longer ones are told differently by different releases."""
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127)} | {9: "\\t", 10: "\\n", 13: "\\r"}


@dataclass(frozen=True)
class Case:
    """One combination of parameters."""

    ids: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    """Arguments of the test."""
    requested: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """What fixtures get as request.param, with its number."""
    marks: tuple[Any, ...] = ()

    def joined(self, other: Case) -> Case:
        return Case(
            self.ids + other.ids,
            self.values | other.values,
            self.requested | other.requested,
            self.marks + other.marks,
        )

    @property
    def suffix(self) -> str:
        """What follows the name of the test."""
        return f"[{'-'.join(self.ids)}]" if self.ids else ""


def combined(cases: list[Case], more: list[Case]) -> list[Case]:
    """Every case with each of `more`."""
    return [case.joined(each) for case in cases for each in more]


def cases_of_mark(arguments: Any) -> list[Case]:
    """The cases of one parametrize mark."""
    names, rows, single, indirect, ids = _bound(arguments)
    sets = [_values(row, single) for row in rows]
    if any(len(values) != len(names) for values, _, _ in sets):
        raise Unsupported("another number of values than of names")
    if not sets:
        raise Unsupported("no parameters")
    through = set(names) if indirect is True else set(indirect or ())
    cases = []
    for number, (identity, (values, marks, _)) in enumerate(zip(case_ids(sets, names, ids), sets, strict=True)):
        if identity is None:
            continue
        direct = {name: value for name, value in zip(names, values, strict=True) if name not in through}
        asked = {name: (number, value) for name, value in zip(names, values, strict=True) if name in through}
        cases.append(Case((identity,), direct, asked, tuple(marks)))
    return cases


def cases_of_fixture(name: str, params: Sequence[Any], ids: Any) -> list[Case]:
    """The cases that a fixture with parameters makes of a test."""
    sets = [_values(param, True) for param in params]
    return [
        Case((identity,), {}, {name: (number, values[0])}, tuple(marks))
        for number, (identity, (values, marks, _)) in enumerate(zip(case_ids(sets, [name], ids), sets, strict=True))
        if identity is not None
    ]


def case_ids(sets: Sequence[tuple[Any, Any, str | None]], names: Sequence[str], ids: Any) -> list[str | None]:
    """An id for each set of values, no two alike; None for one whose id depends on the release of pytest."""
    given: Callable[[Any], Any] | None = ids if callable(ids) else None
    listed = [] if ids is None or given else list(ids)
    if listed and len(listed) != len(sets):
        raise Unsupported("another number of ids than of cases")
    found: list[str | None] = []
    for number, (values, _, own) in enumerate(sets):
        if own is not None:
            found.append(escaped(own))
        elif number < len(listed) and listed[number] is not None:
            found.append(_required(listed[number]))
        else:
            parts = [_of_value(value, f"{name}{number}", given) for name, value in zip(names, values, strict=True)]
            found.append(None if None in parts else "-".join(map(str, parts)))
    return _made_unique(found)


def _made_unique(found: list[str | None]) -> list[str | None]:
    """Ids that occur more than once get numbers, each the next that is free."""
    count, made = Counter(found), list(found)
    following: Counter[str] = Counter()
    for place, identity in enumerate(found):
        if identity is None or count[identity] == 1:
            continue
        between = "_" if identity and identity[-1].isdigit() else ""
        while f"{identity}{between}{following[identity]}" in made:
            following[identity] += 1
        made[place] = f"{identity}{between}{following[identity]}"
        following[identity] += 1
    return made


def _of_value(value: Any, otherwise: str, given: Callable[[Any], Any] | None) -> str | None:
    told = given(value) if given is not None else None
    if told is not None:
        told = _told(told)
        if told is not None:
            return told
    if isinstance(value, str | bytes) and len(value) > LONGEST:
        return None
    told = _told(value)
    return otherwise if told is None else told


def _told(value: Any) -> str | None:
    if isinstance(value, str | bytes):
        return escaped(value)
    if value is None or isinstance(value, float | int | complex):
        return str(value)
    if isinstance(value, re.Pattern):
        return escaped(value.pattern)
    if isinstance(value, enum.Enum):
        return str(value)
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else None


def _required(value: Any) -> str:
    told = _told(value)
    if told is None:
        raise Unsupported(f"{value!r} as an id")
    return told


def escaped(text: str | bytes) -> str:
    """Only printable ASCII."""
    if isinstance(text, bytes):
        return text.decode("ascii", "backslashreplace").translate(CONTROL)
    return text.encode("unicode_escape").decode("ascii").translate(CONTROL)


def _bound(mark: Any) -> tuple[list[str], list[Any], bool, Any, Any]:
    """Names, rows, whether a row is the value itself, and what else a parametrize mark says."""

    def parametrize(argnames: Any, argvalues: Any, indirect: Any = False, ids: Any = None, scope: Any = None) -> None:
        """The signature of the mark."""

    try:
        given = inspect.signature(parametrize).bind(*mark.args, **mark.kwargs).arguments
    except TypeError as error:
        raise Unsupported(str(error)) from None
    names = given["argnames"]
    split = [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else list(names)
    single = isinstance(names, str) and len(split) == 1
    return split, list(given["argvalues"]), single, given.get("indirect", False), given.get("ids")


def _values(row: Any, single: bool) -> tuple[tuple[Any, ...], Any, str | None]:
    """Values, marks and id of one case."""
    if not (hasattr(row, "marks") and hasattr(row, "values") and hasattr(row, "id")):
        return (row,) if single else tuple(row), (), None
    if row.id is not None and not isinstance(row.id, str):
        raise Unsupported("an id that is no text")
    return tuple(row.values), row.marks, row.id
