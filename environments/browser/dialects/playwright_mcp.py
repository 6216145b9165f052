"""playwright-mcp's tools (version 0.0.83): browser_click, browser_type and the others, by the refs of its snapshots, which are ours.

Tools that run code or read what is not on the page (evaluate, console messages, network requests, uploads) are not offered.
"""

from collections.abc import Mapping
from typing import Any

from envgym.browser import action as do
from envgym.environments.browser.dialects.openai_computer import as_object
from envgym.environments.browser.dialects.said import MOST_CALLS, Look, Meaning, Picture, Said, bad, meaning_of, pixels

DIALECT = "playwright_mcp"


def read_playwright_mcp(name: str, arguments: str | Mapping[str, Any]) -> list[Said]:
    """The actions of one tool call. Raises InvalidAction that says what is wrong."""
    given = dict(as_object(DIALECT, arguments or "{}"))
    if "target" in given and "ref" not in given:
        given["ref"] = given.pop("target")
    given.pop("element", None)
    return meaning_of(DIALECT, name, given, TOOLS)


def _click(ref: Any, doubleClick: bool = False, button: Any = "left", modifiers: Any = ()) -> list[Said]:  # noqa: N803
    return [do.checked(do.Click, ref=ref, button=button, modifiers=modifiers, count=2 if doubleClick else 1)]


def _form(fields: Any) -> list[Said]:
    if not (
        isinstance(fields, list)
        and 1 <= len(fields) <= MOST_CALLS
        and all(isinstance(each, Mapping) for each in fields)
    ):
        raise bad(DIALECT, f"fields is a list of 1 to {MOST_CALLS} objects with ref, type and value")
    return [_field(field.get("ref", field.get("target")), field.get("type"), field.get("value")) for field in fields]


def _field(ref: Any, kind: Any, value: Any) -> Said:
    if kind == "combobox":
        return do.checked(do.Select, ref=ref, values=(value,))
    if kind not in ("textbox", "slider"):
        raise bad(DIALECT, f"browser_fill_form: a field of type {str(kind)[:40]!r} is clicked: use browser_click")
    return do.checked(do.Fill, ref=ref, text=value)


def _tabs(action: Any, index: Any = None, url: Any = "") -> list[Said]:
    if action == "list":
        return [Look()]
    return [do.checked(do.Tabs, what={"select": "focus"}.get(str(action), action), index=index, url=url)]


def _wait(time: Any = None, text: Any = None, textGone: Any = None) -> list[Said]:  # noqa: N803
    if time is None:
        raise bad(DIALECT, "browser_wait_for: only time can be waited for; look for the text afterwards")
    return [do.checked(do.Wait, ms=min(5_000, max(0, round(pixels(DIALECT, "time", time) * 1000))))]


def _drag_xy(startX: Any, startY: Any, endX: Any, endY: Any) -> list[Said]:  # noqa: N803
    return [do.checked(do.DragPath, path=({"x": startX, "y": startY}, {"x": endX, "y": endY}))]


TOOLS: dict[str, Meaning] = {
    "browser_click": _click,
    "browser_type": lambda ref, text, submit=False, slowly=False: [
        do.checked(do.Fill, ref=ref, text=text, submit=submit)
    ],
    "browser_fill_form": _form,
    "browser_select_option": lambda ref, values: [do.checked(do.Select, ref=ref, values=values)],
    "browser_press_key": lambda key: [do.checked(do.Press, keys=key)],
    "browser_hover": lambda ref: [do.checked(do.Hover, ref=ref)],
    "browser_drag": lambda startRef, endRef, startElement="", endElement="": [  # noqa: N803
        do.checked(do.Drag, ref=startRef, to=endRef)
    ],
    "browser_navigate": lambda url: [do.checked(do.Goto, url=url)],
    "browser_navigate_back": lambda: [do.History(to="back")],
    "browser_tabs": _tabs,
    "browser_handle_dialog": lambda accept, promptText="": [  # noqa: N803
        do.checked(do.Dialog, accept=accept, text=promptText)
    ],
    "browser_wait_for": _wait,
    "browser_snapshot": lambda: [Look()],
    "browser_take_screenshot": lambda **options: [Picture()],
    "browser_mouse_click_xy": lambda x, y: [do.checked(do.ClickAt, x=x, y=y)],
    "browser_mouse_move_xy": lambda x, y: [do.checked(do.MoveTo, x=x, y=y)],
    "browser_mouse_drag_xy": _drag_xy,
}
