"""The user of a tool world: scripted, so that it never invents anything and never ends the episode.

It knows a few facts, each under the name of a slot, and gives one only when asked about it; says yes to operations that it came for
and no to others; may change its mind when the agent has begun, and may ask for something more when a first part is done. `about` makes
asking exact; without it the words of the question are matched with the slots.
"""

import re
from collections.abc import Mapping
from typing import TypedDict

UNKNOWN = "Sorry, I don't know anything more about that."
YES = "Yes, please go ahead."
NO = "No, I did not ask for that."
COMMON = {
    "the",
    "a",
    "an",
    "what",
    "which",
    "is",
    "are",
    "your",
    "you",
    "of",
    "for",
    "to",
    "please",
    "do",
    "does",
    "can",
    "could",
    "tell",
    "me",
    "id",
}


class Revision(TypedDict):
    """A change of mind: said beside the answer to the agent's reply number `after`."""

    after: int
    say: str


class Later(TypedDict):
    """A further request: said when `after` changes were made, or when the agent wants to end before."""

    after: int
    say: str


class UserScript(TypedDict, total=False):
    """What the user of a task has up its sleeve."""

    facts: dict[str, str]
    """Sentences by the argument that they are about."""
    wants: list[str]
    """Tools that it agrees to."""
    revisions: list[Revision]
    later: list[Later]


def answer(script: Mapping[str, object], text: str, about: str | None) -> tuple[str, str | None]:
    """What the user says, and the tool that it has agreed to by that, if any."""
    facts: Mapping[str, str] = script.get("facts", {})  # type: ignore[assignment]
    wants: list[str] = script.get("wants", [])  # type: ignore[assignment]
    if about is not None:
        slot = next((slot for slot in facts if _named(slot) == _named(about)), None)
        if slot is not None:
            return facts[slot], None
        if about in wants:
            return YES, about
        return (NO, None) if _asks_leave(text) else (UNKNOWN, None)
    words = _words(text)
    known = {slot: len(words & _words(slot.replace("_", " "))) for slot in facts}
    best = max(known, key=lambda slot: known[slot], default=None)
    if best is not None and known[best] > 0:
        return facts[best], None
    wanted = [name for name in wants if _words(name.replace("_", " ")) <= words]
    return (YES, wanted[0]) if wanted else (UNKNOWN, None)


def _named(argument: str) -> set[str]:
    """The words of an argument's name, with or without its id: orderId, order_id and order are one."""
    return _words(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", argument).replace("_", " ")) or {argument}


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower())} - COMMON


def _asks_leave(text: str) -> bool:
    return text.rstrip().endswith("?") or "confirm" in text.lower()
