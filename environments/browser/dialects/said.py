"""What a dialect can say besides an action, and how its parts are checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from envgym.browser.action import BrowserAction
from envgym.errors import InvalidAction

MOST_CALLS = 20
MOST_CHARS = 50_000


@dataclass(frozen=True, slots=True)
class Look:
    """Wants to see the page as text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Wants to see the page as a picture."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Ends the episode with an answer."""

    answer: str = ""


Said = BrowserAction | Look | Picture | Finish
Meaning = Callable[..., list[Said]]
"""What a call means. Its parameters are those of the call; it raises InvalidAction for values that cannot be."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Size of the viewport, for dialects that measure by shares of it."""

    width: int = 1280
    height: int = 720


def meaning_of(
    dialect: str, name: str, arguments: Mapping[str, Any], known: Mapping[str, Meaning], *given: Any
) -> list[Said]:
    """What a call by name means. Raises InvalidAction for an unknown one, and for missing or unknown arguments."""
    meaning = known.get(name) if isinstance(name, str) else None
    if meaning is None:
        raise bad(dialect, f"there is no {str(name)[:60]!r}; there are {', '.join(sorted(known))}")
    try:
        bound = signature(meaning).bind(*given, **arguments)
    except TypeError as error:
        raise bad(dialect, f"{name}: {error}") from None
    return meaning(*bound.args, **bound.kwargs)


def bad(dialect: str, why: str) -> InvalidAction:
    return InvalidAction(f"{dialect}: {why}", code="dialect.malformed")


def pixels(dialect: str, name: str, value: Any) -> float:
    """A number as it stands. Raises InvalidAction for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e6:
        raise bad(dialect, f"{name} is a number, not {str(value)[:60]!r}")
    return float(value)
