"""Faults of a result: cut short, a field lost or under another name, out of date, broken JSON. Only of calls that can be made again."""

from typing import Any, ClassVar

from envgym.noise import marks
from envgym.noise.kinds import Rng, Spoiling, register
from envgym.noise.memory import Call, Memory

LEAST_CHARS = 40
"""A shorter text is not worth cutting."""


@register
class Truncated(Spoiling):
    """The first half. A list inside a JSON object is cut at an item, so that what is shown is right."""

    name = "truncated"

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        value = marks.as_json(result)
        if value is None:
            if len(result) < LEAST_CHARS:
                return None
            cut = len(result) // 2
            return marks.marked(result[:cut], "partial", f"the first {cut} of {len(result)} characters")
        if isinstance(value, list):
            kept = value[: len(value) // 2]
            return marks.marked(marks.dumped(kept), "partial", note(kept, value)) if len(value) > 1 else None
        lists = [key for key, part in value.items() if isinstance(part, list) and len(part) > 1]
        if not lists:
            return None
        longest = max(lists, key=lambda key: len(value[key]))
        kept = value[longest][: len(value[longest]) // 2]
        return marks.marked(marks.dumped({**value, longest: kept}), "partial", note(kept, value[longest], longest))


def note(kept: list[Any], whole: list[Any], where: str = "the list") -> str:
    return f"{len(kept)} of {len(whole)} items of {where}"


@register
class MissingField(Spoiling):
    """A JSON object without one of its fields; that one is missing is said, not which."""

    name = "missing_field"

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        value = marks.as_json(result)
        if not isinstance(value, dict) or len(value) < 2:
            return None
        lost = rng.choice(sorted(value))
        kept = {key: part for key, part in value.items() if key != lost}
        return marks.marked(marks.dumped(kept), "incomplete", "a field was lost on the way")


@register
class RenamedField(Spoiling):
    """A JSON object with one field under a near name, as after a new version of an interface. Nothing is lost, so it is not marked."""

    name = "renamed_field"
    turns: ClassVar[int] = 0
    harmless: ClassVar[bool] = True

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        value = marks.as_json(result)
        if not isinstance(value, dict) or not value:
            return None
        old = rng.choice(sorted(value))
        new = rng.choice([f"{old}_v2", f"x_{old}", old.title().replace("_", "") + "Value"])
        if new in value:
            return None
        return marks.dumped({new if key == old else key: part for key, part in value.items()})


@register
class StaleCache(Spoiling):
    """What the same call gave earlier, where that differs from now. `as_of` says so; the next call is answered by the world."""

    name = "stale_cache"

    def fits(self, call: Call, memory: Memory) -> bool:
        return super().fits(call, memory) and call.key in memory.results

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        number, earlier = memory.results[call.key]
        if earlier == result:
            return None
        return marks.marked(earlier, "as_of", f"call {number}, from a cache, and this is call {memory.number}")


@register
class MalformedJson(Spoiling):
    """A JSON result that breaks off in the middle."""

    name = "malformed_json"

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        if marks.as_json(result) is None or len(result) < 4:
            return None
        return result[: rng.randint(len(result) // 3, len(result) - 1)]
