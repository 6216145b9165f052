"""Other people's words for actions: each is read into ours, and nothing that an agent can write raises anything but InvalidAction."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.browser import action as do
from envgym.environments.browser.dialects.browsergym_calls import CALLS, read_browsergym
from envgym.environments.browser.dialects.gemini_computer import FUNCTIONS, read_gemini_computer
from envgym.environments.browser.dialects.openai_computer import ACTIONS, read_openai_computer
from envgym.environments.browser.dialects.playwright_mcp import TOOLS, read_playwright_mcp
from envgym.environments.browser.dialects.said import Finish, Look, Picture, Said, Screen
from envgym.environments.browser.dialects.speech import Dialect, read_reply
from envgym.errors import InvalidAction
from envgym.message import assistant, call

SCREEN = Screen(1000, 500)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('click("e4")', [do.Click(ref="e4")]),
        (
            "click('e4', button='right', modifiers=['Shift'])",
            [do.Click(ref="e4", button="right", modifiers=("Shift",))],
        ),
        (
            "```python\nfill('e3', \"it's\")\npress('e3', 'Enter')\n```",
            [do.Fill(ref="e3", text="it's"), do.Press(ref="e3", keys="Enter")],
        ),
        ('select_option("e1", "red")', [do.Select(ref="e1", values=("red",))]),
        ('select_option("e1", ["red", "blue"])', [do.Select(ref="e1", values=("red", "blue"))]),
        ("scroll(0, -200)", [do.Scroll(dx=0, dy=-200)]),
        ("mouse_click(10, 20.5)", [do.ClickAt(x=10, y=20.5)]),
        ("tab_focus(1)", [do.Tabs(what="focus", index=1)]),
        ('send_msg_to_user("42")', [Finish("42")]),
        ("noop()", [do.Wait(ms=1000)]),
    ],
)
def test_browsergym_calls_are_read_as_syntax(text: str, said: list[Said]) -> None:
    assert read_browsergym(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "click(e4)",
        'click("e4"',
        'os.system("true")',
        '__import__("os").system("true")',
        'click(("e" + "4"))',
        'click(**{"bid": "e4"})',
        'click("e4", "left", (), 1)',
        "click()",
        'x = click("e4")',
        'click("a12")',
        'click("e4", button="middle finger")',
        'clik("e4")',
        "click('e4')\n" * 30,
        "(" * 100_000,
        "-" * 40_000 + "1",
        'fill("e1", 3)',
        "click('\x00')",
        "\ud800",
        'drag_and_drop("e1", [1])',
    ],
)
def test_a_malformed_browsergym_call_is_told(text: str) -> None:
    with pytest.raises(InvalidAction, match=r"browsergym|click|fill|drag"):
        read_browsergym(text)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"type": "click", "x": 3, "y": 4, "button": "left"}, [do.ClickAt(x=3, y=4)]),
        ({"type": "click", "x": 3, "y": 4, "button": "wheel"}, [do.ClickAt(x=3, y=4, button="middle")]),
        ({"type": "click", "x": 3, "y": 4, "button": "back"}, [do.History(to="back")]),
        ({"type": "double_click", "x": 3, "y": 4}, [do.ClickAt(x=3, y=4, count=2)]),
        (
            {"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
            [do.DragPath(path=(do.Point(x=1, y=2), do.Point(x=3, y=4)))],
        ),
        ({"type": "keypress", "keys": ["CTRL", "A"]}, [do.Press(keys="Control+a")]),
        (
            {"type": "scroll", "x": 1, "y": 2, "scroll_x": 0, "scroll_y": 300},
            [do.Scroll(dy=300, dx=0, at=do.Point(x=1, y=2))],
        ),
        ({"type": "screenshot"}, [Picture()]),
        ({"action": {"type": "type", "text": "hi"}}, [do.TypeText(text="hi")]),
    ],
)
def test_openai_computer_actions_are_read(action: dict[str, Any], said: list[Said]) -> None:
    assert read_openai_computer(action) == read_openai_computer(json.dumps(action)) == said


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("click_at", {"x": 500, "y": 500}, [do.ClickAt(x=500, y=250)]),
        ("navigate", {"url": "/a"}, [do.Goto(url="/a")]),
        ("key_combination", {"keys": "control+c"}, [do.Press(keys="Control+c")]),
        ("scroll_document", {"direction": "down"}, [do.Scroll(dy=400, dx=0)]),
        (
            "drag_and_drop",
            {"x": 0, "y": 0, "destination_x": 100, "destination_y": 100},
            [do.DragPath(path=(do.Point(x=0, y=0), do.Point(x=100, y=50)))],
        ),
        (
            "type_text_at",
            {"x": 0, "y": 0, "text": "a", "press_enter": False, "clear_before_typing": False},
            [do.ClickAt(x=0, y=0), do.TypeText(text="a")],
        ),
    ],
)
def test_gemini_points_lie_on_a_grid_of_a_thousand(name: str, arguments: dict[str, Any], said: list[Said]) -> None:
    assert read_gemini_computer(name, arguments, SCREEN) == said


def test_gemini_points_off_the_grid_and_calls_to_be_confirmed_are_told() -> None:
    with pytest.raises(InvalidAction, match="outside the grid"):
        read_gemini_computer("click_at", {"x": 1000, "y": 0}, SCREEN)
    with pytest.raises(InvalidAction, match="confirmed"):
        read_gemini_computer(
            "click_at", {"x": 1, "y": 1, "safety_decision": {"decision": "require_confirmation"}}, SCREEN
        )


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("browser_click", {"element": "the button", "ref": "e4", "doubleClick": True}, [do.Click(ref="e4", count=2)]),
        ("browser_click", {"target": "e4"}, [do.Click(ref="e4")]),
        ("browser_type", {"ref": "e4", "text": "a", "submit": True}, [do.Fill(ref="e4", text="a", submit=True)]),
        (
            "browser_fill_form",
            {"fields": [{"name": "n", "type": "textbox", "ref": "e1", "value": "a"}]},
            [do.Fill(ref="e1", text="a")],
        ),
        ("browser_tabs", {"action": "select", "index": 1}, [do.Tabs(what="focus", index=1)]),
        ("browser_handle_dialog", {"accept": True, "promptText": "x"}, [do.Dialog(accept=True, text="x")]),
        ("browser_wait_for", {"time": 1.5}, [do.Wait(ms=1500)]),
        ("browser_snapshot", {}, [Look()]),
        (
            "browser_drag",
            {"startElement": "a", "startRef": "e1", "endElement": "b", "endRef": "e2"},
            [do.Drag(ref="e1", to="e2")],
        ),
    ],
)
def test_playwright_mcp_tools_are_read(name: str, arguments: dict[str, Any], said: list[Said]) -> None:
    assert read_playwright_mcp(name, arguments) == said


@given(
    st.text(max_size=200)
    | st.sampled_from(sorted(CALLS)).flatmap(
        lambda name: st.builds(lambda a: f"{name}({', '.join(map(repr, a))})", st.lists(JSON, max_size=4))
    )
)
def test_no_text_makes_browsergym_raise_anything_else(text: str) -> None:
    read_or_told(lambda: read_browsergym(text))


@given(
    st.sampled_from(sorted(ACTIONS)) | JSON,
    st.dictionaries(st.sampled_from(["x", "y", "button", "keys", "path", "text", "ms", "scroll_y"]), JSON),
)
def test_no_object_makes_openai_computer_raise_anything_else(kind: Any, rest: dict[str, Any]) -> None:
    read_or_told(lambda: read_openai_computer({"type": kind, **rest}))


@given(
    st.sampled_from(sorted(FUNCTIONS)) | st.text(),
    st.dictionaries(
        st.sampled_from(["x", "y", "text", "direction", "keys", "url", "magnitude", "safety_decision"]), JSON
    ),
)
def test_no_call_makes_gemini_computer_raise_anything_else(name: str, arguments: dict[str, Any]) -> None:
    read_or_told(lambda: read_gemini_computer(name, arguments, SCREEN))


@given(
    st.sampled_from(sorted(TOOLS)) | st.text(),
    st.dictionaries(
        st.sampled_from(["ref", "target", "text", "fields", "values", "key", "action", "time", "accept"]), JSON
    )
    | st.text(),
)
def test_no_call_makes_playwright_mcp_raise_anything_else(name: str, arguments: Any) -> None:
    read_or_told(lambda: read_playwright_mcp(name, arguments))


def read_or_told(read: Any) -> None:
    try:
        said = read()
    except InvalidAction:
        return
    for each in said:
        if not isinstance(each, Look | Picture | Finish):
            assert do.ACTION.validate_json(each.model_dump_json()) == each


def test_a_reply_is_read_in_its_dialect() -> None:
    assert read_reply("browsergym", assistant('click("e1")'), SCREEN) == [("", [do.Click(ref="e1")])]
    assert read_reply("playwright_mcp", call("browser_click", ref="e1"), SCREEN) == [("call_0", [do.Click(ref="e1")])]
    assert read_reply("openai_computer", call("computer", type="wait"), SCREEN) == [("call_0", [do.Wait(ms=1000)])]
    others: tuple[Dialect, ...] = ("openai_computer", "gemini_computer", "playwright_mcp")
    for dialect in others:
        assert read_reply(dialect, assistant("It is 42."), SCREEN) == [("", [Finish("It is 42.")])]
