"""What marks say about whether a test runs and whether it may fail."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


def marks_of(owner: Any) -> list[Any]:
    """The marks that a function, class (with the classes that it is made of) or module carries."""
    places = reversed(owner.__mro__) if isinstance(owner, type) else [owner]
    found: list[Any] = []
    for place in places:
        marks = vars(place).get("pytestmark", [])
        found += marks if isinstance(marks, list | tuple) else [marks]
    return [getattr(mark, "mark", mark) for mark in found]


def named(name: str, marks: Iterable[Any]) -> Iterator[Any]:
    return (mark for mark in marks if mark.name == name)


def skip_reason(marks: Iterable[Any], names: Mapping[str, Any]) -> str | None:
    """Why a test is to be skipped; None where it is not. May raise what a condition raises."""
    for mark in marks:
        if mark.name == "skip":
            return str(mark.args[0] if mark.args else mark.kwargs.get("reason", ""))
        if mark.name == "skipif" and _holds(mark, names):
            return str(mark.kwargs.get("reason", ""))
    return None


@dataclass(frozen=True)
class Expectation:
    """That a test fails."""

    run: bool
    strict: bool | None
    """None where that is up to settings of pytest."""
    raises: Any
    reason: str


def expectation(marks: Iterable[Any], names: Mapping[str, Any]) -> Expectation | None:
    for mark in named("xfail", marks):
        if not (mark.args or "condition" in mark.kwargs) or _holds(mark, names):
            given = mark.kwargs
            return Expectation(
                given.get("run", True), given.get("strict"), given.get("raises"), given.get("reason", "")
            )
    return None


def _holds(mark: Any, names: Mapping[str, Any]) -> bool:
    conditions = [*mark.args, *([mark.kwargs["condition"]] if "condition" in mark.kwargs else [])]
    known = {"os": os, "sys": sys, "platform": platform, **names}
    return any(eval(each, known) if isinstance(each, str) else bool(each) for each in conditions)
