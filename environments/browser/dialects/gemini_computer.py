"""Gemini's computer-use functions: points on a grid of 0 to 999 over the viewport, whatever its size."""

from collections.abc import Mapping
from typing import Any

from envgym.browser import action as do
from envgym.environments.browser.dialects.key_names import key_name
from envgym.environments.browser.dialects.openai_computer import as_object
from envgym.environments.browser.dialects.said import Look, Meaning, Said, Screen, bad, meaning_of, pixels

DIALECT = "gemini_computer"
GRID = 1000
DIRECTIONS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def read_gemini_computer(name: str, arguments: str | Mapping[str, Any], screen: Screen) -> list[Said]:
    """The actions of one function call. Raises InvalidAction that says what is wrong.

    A call that the model itself wants confirmed is refused: nobody is here to confirm it.
    """
    given = dict(as_object(DIALECT, arguments))
    safety = given.pop("safety_decision", None)
    if isinstance(safety, Mapping) and safety.get("decision") == "require_confirmation":
        raise bad(DIALECT, f"{name} wants to be confirmed, and nobody is here to do so")
    return meaning_of(DIALECT, name, given, FUNCTIONS, screen)


def _point(screen: Screen, x: Any, y: Any) -> dict[str, float]:
    across, down = pixels(DIALECT, "x", x), pixels(DIALECT, "y", y)
    if not (0 <= across < GRID and 0 <= down < GRID):
        raise bad(DIALECT, f"({across:g}, {down:g}) lies outside the grid of 0 to {GRID - 1}")
    return {"x": across * screen.width / GRID, "y": down * screen.height / GRID}


def _by(screen: Screen, direction: Any, magnitude: Any) -> dict[str, float]:
    if not (isinstance(direction, str) and direction in DIRECTIONS):
        raise bad(DIALECT, f"direction is one of {', '.join(DIRECTIONS)}, not {str(direction)[:40]!r}")
    across, down = DIRECTIONS[direction]
    size = pixels(DIALECT, "magnitude", magnitude)
    return {"dx": across * size * screen.width / GRID, "dy": down * size * screen.height / GRID}


def _type(
    screen: Screen, x: Any, y: Any, text: Any, press_enter: bool = True, clear_before_typing: bool = True
) -> list[Said]:
    clearing: list[Said] = [do.Press(keys="Control+A"), do.Press(keys="Delete")] if clear_before_typing else []
    ending: list[Said] = [do.Press(keys="Enter")] if press_enter else []
    return [
        do.checked(do.ClickAt, **_point(screen, x, y)),
        *clearing,
        do.checked(do.TypeText, text=text),
        *ending,
    ]


def _keys(screen: Screen, keys: Any) -> list[Said]:
    if not isinstance(keys, str):
        raise bad(DIALECT, "keys is a text such as control+a")
    return [do.checked(do.Press, keys="+".join(map(key_name, keys.split("+"))))]


def _scroll_at(screen: Screen, x: Any, y: Any, direction: Any, magnitude: Any = 800) -> list[Said]:
    return [do.checked(do.Scroll, at=_point(screen, x, y), **_by(screen, direction, magnitude))]


def _drag(screen: Screen, x: Any, y: Any, destination_x: Any, destination_y: Any) -> list[Said]:
    return [do.checked(do.DragPath, path=(_point(screen, x, y), _point(screen, destination_x, destination_y)))]


FUNCTIONS: dict[str, Meaning] = {
    "open_web_browser": lambda screen: [Look()],
    "wait_5_seconds": lambda screen: [do.Wait(ms=5_000)],
    "go_back": lambda screen: [do.History(to="back")],
    "go_forward": lambda screen: [do.History(to="forward")],
    "navigate": lambda screen, url: [do.checked(do.Goto, url=url)],
    "click_at": lambda screen, x, y: [do.checked(do.ClickAt, **_point(screen, x, y))],
    "hover_at": lambda screen, x, y: [do.checked(do.MoveTo, **_point(screen, x, y))],
    "type_text_at": _type,
    "key_combination": _keys,
    "scroll_document": lambda screen, direction: [do.checked(do.Scroll, **_by(screen, direction, 800))],
    "scroll_at": _scroll_at,
    "drag_and_drop": _drag,
}
