"""OpenAI's computer-use actions: JSON objects with a `type`, points in pixels of the viewport."""

import json
from collections.abc import Mapping
from typing import Any

from envgym.browser import action as do
from envgym.environments.browser.dialects.key_names import key_name
from envgym.environments.browser.dialects.said import MOST_CALLS, MOST_CHARS, Meaning, Picture, Said, bad, meaning_of

DIALECT = "openai_computer"
BUTTONS = {"left": "left", "right": "right", "wheel": "middle"}


def read_openai_computer(given: str | Mapping[str, Any]) -> list[Said]:
    """The actions of one object, or of its text. Raises InvalidAction that says what is wrong."""
    action = as_object(DIALECT, given)
    action = action["action"] if isinstance(action.get("action"), Mapping) else action
    rest = {str(name): value for name, value in action.items() if name != "type"}
    return meaning_of(DIALECT, action.get("type", ""), rest, ACTIONS)


def as_object(dialect: str, given: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A JSON object. Raises InvalidAction for anything else."""
    if isinstance(given, str):
        if len(given) > MOST_CHARS:
            raise bad(dialect, f"{len(given):,} characters; at most {MOST_CHARS:,}")
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise bad(dialect, f"expected a JSON object: {str(error)[:200]}") from None
    if not isinstance(given, Mapping):
        raise bad(dialect, f"expected a JSON object, not {type(given).__name__}")
    return given


def _click(x: Any, y: Any, button: Any = "left", keys: Any = None) -> list[Said]:
    if button in ("back", "forward"):
        return [do.checked(do.History, to=button)]
    if keys:
        raise bad(DIALECT, "click: keys are not held here; use keypress")
    return [do.checked(do.ClickAt, x=x, y=y, button=BUTTONS.get(button, button) if isinstance(button, str) else button)]


def _keypress(keys: Any) -> list[Said]:
    if not (isinstance(keys, list) and 1 <= len(keys) <= MOST_CALLS and all(isinstance(key, str) for key in keys)):
        raise bad(DIALECT, "keypress: keys is a list of names")
    return [do.checked(do.Press, keys="+".join(map(key_name, keys)))]


def _scroll(x: Any, y: Any, scroll_x: Any = 0, scroll_y: Any = 0) -> list[Said]:
    return [do.checked(do.Scroll, at={"x": x, "y": y}, dx=scroll_x, dy=scroll_y)]


ACTIONS: dict[str, Meaning] = {
    "click": _click,
    "double_click": lambda x, y, keys=None: [do.checked(do.ClickAt, x=x, y=y, count=2)],
    "drag": lambda path, keys=None: [do.checked(do.DragPath, path=path)],
    "keypress": _keypress,
    "move": lambda x, y, keys=None: [do.checked(do.MoveTo, x=x, y=y)],
    "screenshot": lambda: [Picture()],
    "scroll": _scroll,
    "type": lambda text: [do.checked(do.TypeText, text=text)],
    "wait": lambda ms=1000: [do.checked(do.Wait, ms=ms)],
}
