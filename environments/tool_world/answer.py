"""Answers that an episode ends with, compared by their type and never as text within text."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from envgym.verdict import Verdict

Item = Annotated[str, StringConstraints(max_length=200)]
Answer = bool | int | float | Item | Annotated[list[Item], Field(max_length=200)] | None


def judged_answer(gold: Mapping[str, Any], given: Any) -> Verdict:
    """Compares with {"type": "number" | "text" | "flag" | "set" | "list", "value", "tolerance"}."""
    if same(gold["type"], gold["value"], given, gold.get("tolerance", 0.0)):
        return Verdict.of(1, code="world.answer", reason="the answer is right")
    return Verdict.of(0, code="world.answer", reason=f"answered {str(given)[:120]!r}")


def same(kind: str, wanted: Any, given: Any, tolerance: float) -> bool:
    if kind == "flag":
        return isinstance(given, bool) and given is wanted
    if kind == "number":
        return (
            isinstance(given, int | float) and not isinstance(given, bool) and abs(given - wanted) <= tolerance + 1e-9
        )
    if kind == "text":
        return isinstance(given, str) and given.strip().casefold() == str(wanted).casefold()
    if kind == "set":
        return isinstance(given, list) and len(given) == len(set(given)) and sorted(given) == sorted(wanted)
    return isinstance(given, list) and given == wanted
