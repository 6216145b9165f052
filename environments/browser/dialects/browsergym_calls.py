"""BrowserGym's actions: Python call strings such as click("e4") or fill('e3', "x"), one a line, read as syntax and never run.

The names and arguments are those of its high-level action set (version 0.14.3); a bid is one of our refs.
"""

import ast
from typing import Any

from envgym.browser import action as do
from envgym.environments.browser.dialects.said import MOST_CALLS, MOST_CHARS, Finish, Meaning, Said, bad, meaning_of
from envgym.python_source import parse_python

DIALECT = "browsergym"


def read_browsergym(text: str) -> list[Said]:
    """The actions of a reply, in order. Raises InvalidAction that says what is wrong."""
    if len(text) > MOST_CHARS:
        raise bad(DIALECT, f"{len(text):,} characters; at most {MOST_CHARS:,}")
    try:
        body = parse_python(unfenced(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise bad(DIALECT, f'expected calls such as click("e4"), one a line: {str(error)[:200]}') from None
    if not 1 <= len(body) <= MOST_CALLS:
        raise bad(DIALECT, f"{len(body)} calls; expected 1 to {MOST_CALLS}")
    return [said for statement in body for said in read_call(statement)]


def unfenced(text: str) -> str:
    """Without the code fence that holds it all."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2].rpartition("```")[0]
    return text.strip()


def read_call(statement: ast.stmt) -> list[Said]:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        raise bad(DIALECT, 'each line is one call such as click("e4")')
    given = [literal(argument) for argument in call.args]
    named = {str(argument.arg): literal(argument.value) for argument in call.keywords if argument.arg is not None}
    if len(named) != len(call.keywords):
        raise bad(DIALECT, f"{call.func.id}: ** is not allowed")
    return meaning_of(DIALECT, call.func.id, named, CALLS, *given)


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise bad(DIALECT, "arguments are plain values: texts, numbers, lists") from None


def _keys(key_comb: Any) -> Any:
    return key_comb.replace("ControlOrMeta", "Control") if isinstance(key_comb, str) else key_comb


CALLS: dict[str, Meaning] = {
    "noop": lambda wait_ms=1000: [do.checked(do.Wait, ms=wait_ms)],
    "scroll": lambda delta_x, delta_y: [do.checked(do.Scroll, dx=delta_x, dy=delta_y)],
    "fill": lambda bid, value, enable_autocomplete_menu=False: [do.checked(do.Fill, ref=bid, text=value)],
    "clear": lambda bid: [do.checked(do.Fill, ref=bid, text="")],
    "select_option": lambda bid, options: [
        do.checked(do.Select, ref=bid, values=(options,) if isinstance(options, str) else options)
    ],
    "click": lambda bid, button="left", modifiers=(): [
        do.checked(do.Click, ref=bid, button=button, modifiers=modifiers)
    ],
    "dblclick": lambda bid, button="left", modifiers=(): [
        do.checked(do.Click, ref=bid, button=button, modifiers=modifiers, count=2)
    ],
    "hover": lambda bid: [do.checked(do.Hover, ref=bid)],
    "press": lambda bid, key_comb: [do.checked(do.Press, ref=bid, keys=_keys(key_comb))],
    "focus": lambda bid: [do.checked(do.Focus, ref=bid)],
    "drag_and_drop": lambda from_bid, to_bid: [do.checked(do.Drag, ref=from_bid, to=to_bid)],
    "mouse_move": lambda x, y: [do.checked(do.MoveTo, x=x, y=y)],
    "mouse_click": lambda x, y, button="left": [do.checked(do.ClickAt, x=x, y=y, button=button)],
    "mouse_dblclick": lambda x, y, button="left": [do.checked(do.ClickAt, x=x, y=y, button=button, count=2)],
    "mouse_drag_and_drop": lambda from_x, from_y, to_x, to_y: [
        do.checked(do.DragPath, path=({"x": from_x, "y": from_y}, {"x": to_x, "y": to_y}))
    ],
    "keyboard_press": lambda key: [do.checked(do.Press, keys=_keys(key))],
    "keyboard_type": lambda text: [do.checked(do.TypeText, text=text)],
    "keyboard_insert_text": lambda text: [do.checked(do.TypeText, text=text)],
    "goto": lambda url: [do.checked(do.Goto, url=url)],
    "go_back": lambda: [do.History(to="back")],
    "go_forward": lambda: [do.History(to="forward")],
    "new_tab": lambda: [do.checked(do.Tabs, what="new")],
    "tab_close": lambda: [do.checked(do.Tabs, what="close")],
    "tab_focus": lambda index: [do.checked(do.Tabs, what="focus", index=index)],
    "send_msg_to_user": lambda text: [Finish(str(text))],
    "report_infeasible": lambda reason: [Finish(str(reason))],
}
