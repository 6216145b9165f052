"""The browser without scripts: what it shows, what it does, and what it refuses."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from envgym.browser.action import (
    ACTION,
    Click,
    Dialog,
    Fill,
    Goto,
    History,
    Press,
    Select,
    Tabs,
    TypeText,
)
from envgym.browser.page_state import PageState
from envgym.browser.page_text import page_text
from envgym.browser.text_backend import TextBackend
from envgym.errors import EnvFailure, InvalidAction

Pages = dict[str, str]


def site(pages: Pages) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A site of fixed pages. `{sent}` in one is what was sent to it."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read().decode()
        sent = parse_qsl(body or environ["QUERY_STRING"], keep_blank_values=True)
        if path == "/broken":
            raise RuntimeError("out of order")
        if path in ("/moved", "/again"):
            start("302 Found", [("Location", "/again" if path == "/again" else "/there")])
            return [b""]
        if path == "/cookie":
            start("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "a=1; Path=/in"), ("Set-Cookie", "b=2")])
            return [b"set"]
        if path == "/file":
            start("200 OK", [("Content-Type", "application/zip")])
            return [b"PK"]
        page = pages.get(path)
        start("200 OK" if page is not None else "404 Not Found", [("Content-Type", "text/html; charset=utf-8")])
        shown = (page or "<title>none</title>nothing").replace("{sent}", repr(sent))
        return [shown.replace("{cookies}", environ.get("HTTP_COOKIE", "no cookies")).encode()]

    return app


def opened(page: str, **others: str) -> TextBackend:
    """A browser at a page; others by name."""
    pages = {"/": page, **{f"/{name}": text for name, text in others.items()}}
    browser = TextBackend({"t.test": site(pages)})
    browser.open("http://t.test/", seed=0)
    return browser


def shown(browser: TextBackend) -> list[str]:
    """The lines of the page, without its address and title."""
    return page_text(browser.state()).splitlines()[2:]


def ref(browser: TextBackend, role: str, name: str) -> str:
    return next(node.ref for node in browser.state().root.walk() if (node.role, node.name) == (role, name))


def click(browser: TextBackend, role: str, name: str) -> PageState:
    browser.act(Click(ref=ref(browser, role, name)))
    return browser.state()


def test_a_page_is_shown_by_roles_and_names() -> None:
    page = """<nav aria-label="Main"><a href="/a?x=1#y">Home</a></nav><h2>Hello <b>there</b></h2>
    <p>One <i>two</i> three<br>four</p><img src=x alt="A cat"><img src=x alt="">
    <table><caption>Stock</caption><tr><th>Name<th scope=row>Left<tr><td>Tea<td><a href="b">more</a></table>
    <ul><li>a<li>b <em>c</em></ul><p hidden>no</p><p style="display: none">no</p><p aria-hidden="true">no</p><script>no</script>"""
    assert shown(opened(page)) == [
        '- navigation "Main"',
        '  - link "Home" [ref=e1] -> /a?x=1#y',
        '- heading "Hello there" [level=2]',
        "- text: One two three",
        "- text: four",
        '- img "A cat"',
        '- table "Stock"',
        "  - row",
        '    - columnheader "Name"',
        '    - rowheader "Left"',
        "  - row",
        '    - cell "Tea"',
        "    - cell",
        '      - link "more" [ref=e2] -> /b',
        "- list",
        '  - listitem "a"',
        '  - listitem "b c"',
    ]


FORM = """<form method="post" action="/sent"><label>Name <input name="name" required></label><label for="q">How many</label>
<input id="q" type="number" name="q" value="3" min="1" max="9"><label><input type="checkbox" name="c"> Agree</label>
<select name="s" aria-label="Sort"><option>A<option value="2" selected>Bee<option disabled>Cee</select>
<select name="m" aria-label="Many" multiple><option>x<option>y<option>z</select>
<fieldset><legend>Kind</legend><label><input type="radio" name="k" value="1"> One</label>
<label><input type="radio" name="k" value="2" checked> Two</label></fieldset><textarea name="t" aria-label="Text">hey</textarea>
<input type="hidden" name="h" value="1"><input name="off" value="1" disabled aria-label="Off">
<button name="go" value="1">Send</button><button name="go" value="2" formaction="/other">Send there</button></form>"""


def test_a_form_shows_what_its_fields_hold() -> None:
    assert shown(opened(FORM)) == [
        '- textbox "Name" [ref=e1] [required]',
        '- spinbutton "How many" [ref=e2]: 3',
        '- checkbox "Agree" [ref=e3]',
        '- combobox "Sort" [ref=e4]: Bee',
        '  - option "A"',
        '  - option "Bee" [selected]',
        '  - option "Cee" [disabled]',
        '- listbox "Many" [ref=e5]',
        '  - option "x"',
        '  - option "y"',
        '  - option "z"',
        '- group "Kind"',
        '  - radio "One" [ref=e6]',
        '  - radio "Two" [ref=e7] [checked]',
        '- textbox "Text" [ref=e8] [multiline]: hey',
        '- textbox "Off" [ref=e9] [disabled]: 1',
        '- button "Send" [ref=e10]',
        '- button "Send there" [ref=e11]',
    ]


def test_a_form_sends_what_was_filled_ticked_and_chosen() -> None:
    browser = opened(FORM, sent="{sent}", other="other {sent}")
    browser.act(Fill(ref=ref(browser, "textbox", "Name"), text="Ann & Bö"))
    browser.state()
    for role, name in (("checkbox", "Agree"), ("radio", "One")):
        click(browser, role, name)
    browser.act(Select(ref=ref(browser, "combobox", "Sort"), values=("A",)))
    browser.act(Select(ref=ref(browser, "listbox", "Many"), values=("z", "x")))
    browser.act(Fill(ref=ref(browser, "textbox", "Text"), text="one\ntwo"))
    click(browser, "button", "Send")
    sent = [("name", "Ann & Bö"), ("q", "3"), ("c", "on"), ("s", "A"), ("m", "x"), ("m", "z"), ("k", "1")]
    sent += [("t", "one\r\ntwo"), ("h", "1"), ("go", "1")]
    assert shown(browser) == [f"- text: {sent!r}"]
    assert browser.requests()[-1].body.startswith("name=Ann+%26+B%C3%B6&q=3")


def test_a_button_may_send_the_form_elsewhere() -> None:
    browser = opened(FORM, other="other {sent}")
    browser.act(Fill(ref=ref(browser, "textbox", "Name"), text="x"))
    click(browser, "button", "Send there")
    assert browser.state().url == "http://t.test/other"
    assert "('go', '2')" in shown(browser)[0]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ('<input name="a" aria-label="A" required>', "", 'textbox "A": fill in this field'),
        ('<input name="a" aria-label="A" type="email">', "me", 'textbox "A": an email address is needed'),
        (
            '<input name="a" aria-label="A" pattern="[0-9]+" title="digits">',
            "x",
            'textbox "A": it must look like this: digits',
        ),
        ('<input name="a" aria-label="A" minlength="3">', "x", 'textbox "A": at least 3 characters are needed'),
        ('<input name="a" aria-label="A" type="number" max="5">', "6", 'spinbutton "A": it must be at most 5'),
        ('<input name="a" aria-label="A" type="number">', "1.5", 'spinbutton "A": it must be a multiple of 1'),
    ],
)
def test_a_form_that_a_browser_would_not_send_is_not_sent(field: str, value: str, told: str) -> None:
    browser = opened(f"<form>{field}<button>Go</button></form>")
    name = told.split(" ")[0]
    browser.act(Fill(ref=ref(browser, name, "A"), text=value))
    state = click(browser, "button", "Go")
    assert state.events == (f"form not sent: {told}",)
    assert state.focused == ref(browser, name, "A")
    assert len(browser.requests()) == 1


def test_unticked_and_unchosen_fields_keep_a_form_back_unless_it_wants_no_checks() -> None:
    fields = """<label><input type="checkbox" required> Yes</label><select aria-label="S" required><option value="">-<option>a</select>
    <button>Go</button><button formnovalidate>Just go</button>"""
    browser = opened(f"<form>{fields}</form>")
    assert click(browser, "button", "Go").events == ('form not sent: checkbox "Yes": tick this box',)
    click(browser, "checkbox", "Yes")
    assert click(browser, "button", "Go").events == ('form not sent: combobox "S": choose one of the list',)
    click(browser, "button", "Just go")
    assert len(browser.requests()) == 2


@pytest.mark.parametrize(
    ("field", "action", "told"),
    [
        ('<input aria-label="A" readonly>', {"type": "fill", "text": "x"}, "can only be read"),
        ('<input aria-label="A" disabled>', {"type": "click"}, "is disabled"),
        ('<fieldset disabled><input aria-label="A"></fieldset>', {"type": "fill", "text": "x"}, "is disabled"),
        ('<input aria-label="A" maxlength="2">', {"type": "fill", "text": "abc"}, "at most 2 characters"),
        ('<input aria-label="A" type="date">', {"type": "fill", "text": "May"}, "takes a date"),
        ('<input aria-label="A" type="number">', {"type": "fill", "text": "many"}, "takes a number"),
        ('<input aria-label="A" type="file">', {"type": "click"}, "cannot be uploaded"),
        ('<button aria-label="A">x</button>', {"type": "fill", "text": "x"}, "no field for text"),
        ('<select aria-label="A"><option>one</select>', {"type": "select", "values": ["two"]}, "there are 'one'"),
        (
            '<select aria-label="A"><option>a<option>b</select>',
            {"type": "select", "values": ["a", "b"]},
            "takes one option",
        ),
        ('<a href="mailto:x@y.z" aria-label="A">x</a>', {"type": "click"}, "cannot be opened here"),
        ('<button aria-label="A">x</button>', {"type": "hover"}, "no picture"),
        ('<button aria-label="A">x</button>', {"type": "drag", "to": "e1"}, "no picture"),
        ('<button aria-label="A">x</button>', {"type": "click", "button": "right"}, "no menu"),
    ],
)
def test_what_a_browser_would_not_do_is_told_and_changes_nothing(field: str, action: dict[str, Any], told: str) -> None:
    browser = opened(field)
    before = page_text(browser.state())
    with pytest.raises(InvalidAction, match=told):
        browser.act(ACTION.validate_python({"ref": "e1", **action}))
    assert page_text(browser.state()) == before


def test_enter_in_a_field_presses_the_first_button_of_its_form() -> None:
    browser = opened(
        '<form><input name="q" aria-label="Q"><button name="b" value="1">One</button><button name="b" value="2">Two</button></form>'
    )
    browser.act(Fill(ref=ref(browser, "textbox", "Q"), text="tea"))
    browser.act(Press(keys="Enter"))
    assert browser.state().url == "http://t.test/?q=tea&b=1"


def test_a_form_without_a_button_is_sent_by_enter_where_it_has_a_single_field() -> None:
    for more, url in (("", "http://t.test/?q=tea"), ('<input name="r">', "http://t.test/")):
        browser = opened(f'<form><input name="q" aria-label="Q">{more}</form>')
        browser.act(Fill(ref=ref(browser, "textbox", "Q"), text="tea", submit=True))
        assert browser.state().url == url


def test_tab_goes_through_what_takes_the_focus() -> None:
    browser = opened(
        '<a href="/x">a</a><input disabled><input aria-label="b"><p hidden><button>no</button></p><button>c</button>'
    )
    seen = []
    for keys in ("Tab", "Tab", "Tab", "Shift+Tab"):
        browser.act(Press(keys=keys))
        seen.append(browser.state().find(browser.state().focused))
    assert [node.name if node else "" for node in seen] == ["a", "b", "c", "b"]


def test_keys_type_and_choose() -> None:
    browser = opened(
        '<input aria-label="A" value="te"><select aria-label="S"><option>x<option>y</select><textarea aria-label="T"></textarea>'
    )
    browser.act(Press(keys="a", ref=ref(browser, "textbox", "A")))
    browser.act(TypeText(text="!!"))
    browser.act(Press(keys="Backspace"))
    browser.act(Press(keys="ArrowDown", ref=ref(browser, "combobox", "S")))
    browser.act(Press(keys="Enter", ref=ref(browser, "textbox", "T")))
    values = [node.value for node in browser.state().root.walk() if node.ref]
    assert values == ["tea!", "y", "\n"]
    with pytest.raises(InvalidAction, match="are no keys"):
        browser.act(Press(keys="Hyper+x"))


def test_a_closed_details_hides_what_it_holds() -> None:
    browser = opened("<details><summary>More</summary><a href='/x'>inside</a></details>")
    assert shown(browser) == ["- group", '  - button "More" [ref=e1] [collapsed]']
    click(browser, "button", "More")
    assert shown(browser)[1:] == ['  - button "More" [ref=e1] [expanded] [focused]', '  - link "inside" [ref=e2] -> /x']
    click(browser, "button", "More")
    with pytest.raises(InvalidAction, match="e2 is not on this page"):
        browser.act(Click(ref="e2"))


def test_a_ref_of_a_page_that_was_left_is_told_and_never_means_another_element() -> None:
    browser = opened('<a href="/b">to b</a>', b='<a href="/c">to c</a>', c="end")
    old = ref(browser, "link", "to b")
    click(browser, "link", "to b")
    assert ref(browser, "link", "to c") == "e2"
    with pytest.raises(InvalidAction, match="e1 is not on this page"):
        browser.act(Click(ref=old))
    assert browser.state().url == "http://t.test/b"


def test_history_goes_back_forward_and_again() -> None:
    browser = opened('<a href="/b">b</a>', b='<a href="/c">c</a>', c="end")
    click(browser, "link", "b")
    click(browser, "link", "c")
    urls = []
    for to in ("back", "back", "forward", "reload"):
        browser.act(ACTION.validate_python({"type": "history", "to": to}))
        urls.append(browser.state().url.removeprefix("http://t.test"))
    assert urls == ["/b", "/", "/b", "/b"]
    browser.act(History(to="back"))
    with pytest.raises(InvalidAction, match="no page to go back to"):
        browser.act(History(to="back"))


def test_a_jump_within_a_page_loads_nothing() -> None:
    browser = opened('<a href="#low">down</a><h2 id="low">Low</h2>')
    click(browser, "link", "down")
    assert browser.state().url == "http://t.test/#low"
    assert len(browser.requests()) == 1


def test_tabs_open_change_and_close() -> None:
    browser = opened('<a href="/b" target="_blank">b</a>', b="<title>B</title>b")
    state = click(browser, "link", "b")
    assert [tab.url for tab in state.tabs] == ["http://t.test/", "http://t.test/b"]
    assert (state.active, state.events) == (1, ("the page opened a tab",))
    browser.act(Tabs(what="focus", index=0))
    assert browser.state().url == "http://t.test/"
    browser.act(Tabs(what="close", index=1))
    browser.act(Tabs(what="new", url="/b"))
    assert (browser.state().title, len(browser.state().tabs)) == ("B", 2)
    browser.act(Tabs(what="close"))
    with pytest.raises(InvalidAction, match="last tab"):
        browser.act(Tabs(what="close"))
    with pytest.raises(InvalidAction, match="no tab 7"):
        browser.act(Tabs(what="focus", index=7))


def test_redirects_are_followed_but_not_for_ever() -> None:
    browser = opened("start", there="arrived")
    browser.act(Goto(url="/moved"))
    assert browser.state().url == "http://t.test/there"
    with pytest.raises(InvalidAction, match="more than 20 times"):
        browser.act(Goto(url="/again"))
    assert browser.state().url == "http://t.test/there"


def test_cookies_go_where_their_path_leads() -> None:
    browser = opened("start", **{"in": "{cookies}", "in/deep": "{cookies}", "inner": "{cookies}"})
    browser.act(Goto(url="/cookie"))
    seen = []
    for path in ("/in", "/in/deep", "/inner"):
        browser.act(Goto(url=path))
        seen.append(shown(browser)[0])
    assert seen == ["- text: a=1; b=2", "- text: a=1; b=2", "- text: b=2"]
    browser.open("http://t.test/in", seed=0)
    assert shown(browser) == ["- text: no cookies"]


def test_other_hosts_are_not_reached_and_the_try_is_on_record() -> None:
    browser = opened('<a href="https://elsewhere.example/">out</a>')
    with pytest.raises(InvalidAction, match=r"cannot be reached; there is http://t\.test/"):
        click(browser, "link", "out")
    with pytest.raises(InvalidAction, match="no address that can be opened"):
        browser.act(Goto(url="file:///etc/passwd"))
    assert (browser.requests()[-1].url, browser.requests()[-1].status) == ("https://elsewhere.example/", 0)


def test_a_download_is_an_event_and_a_missing_page_is_shown() -> None:
    browser = opened("start")
    browser.act(Goto(url="/file"))
    assert browser.state().events == ("download: http://t.test/file (application/zip, 2 bytes), not kept",)
    browser.act(Goto(url="/gone"))
    assert (browser.state().title, browser.requests()[-1].status) == ("none", 404)


def test_a_site_that_breaks_is_a_failed_world() -> None:
    browser = opened("start")
    with pytest.raises(EnvFailure, match="broke at /broken: RuntimeError: out of order"):
        browser.act(Goto(url="/broken"))


def test_there_are_no_dialogs_and_no_pictures() -> None:
    browser = opened("start")
    with pytest.raises(InvalidAction, match="no dialog"):
        browser.act(Dialog(accept=True))
    with pytest.raises(InvalidAction, match="no picture"):
        browser.screenshot()


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<",
        "<p",
        "\x00\x01",
        "<div>" * 3_000,
        "<ul><li>" * 400,
        "<table>" * 200,
        "<b>" * 5_000 + "x",
        "<a href='http://[::1'>x</a>",
        "<form action='http://[bad'><button>go</button></form>",
        "<base href='::::'><a href=x>y</a>",
        "<select><option>" * 50,
        "<form><input type=number value=x><button>go</button></form>",
        "<p>" + "x" * 3_000_000,
    ],
    ids=range(14),
)
def test_a_hostile_page_is_read_in_time_and_never_raises(page: str) -> None:
    browser = opened(page)
    state = browser.state()
    page_text(state)
    for node in list(state.root.walk())[:20]:
        if node.ref:
            try:
                browser.act(Click(ref=node.ref))
            except InvalidAction:
                continue
            browser.state()
