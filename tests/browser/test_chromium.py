"""Chromium behind the backend's protocol: what is seen, what is done, and every way in which a page can be awkward."""

import gc
import os
import signal
import time
from collections.abc import Callable

import pytest

from envgym.browser.action import (
    Click,
    ClickAt,
    Dialog,
    Drag,
    Fill,
    Goto,
    History,
    Press,
    Scroll,
    Select,
    Tabs,
    TypeText,
    Wait,
)
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.page_text import page_text
from envgym.browser.pool import pool
from envgym.errors import EnvFailure, InvalidAction, UsageError

from .conftest import HOME, Hand

Opened = Callable[..., Hand]
SHOP = """<!doctype html><title>Shop</title><header><h1>Shop</h1></header>
<nav aria-label=Main><a href=/a?b=1#c>First <b>link</b></a> <a href="http://other.test/x">Out</a></nav>
<form action=/post method=post><label>Name <input name=name required></label><label for=c>Colour</label>
<select id=c name=colour><option>red<option selected>blue</select><input type=checkbox id=k name=k><label for=k>I agree</label>
<input type=password value=abc aria-label=Secret><textarea placeholder=Notes></textarea>
<button disabled>Off</button><button>Order</button></form>
<p>Hello <i>big</i> world<br>next line</p><p hidden>no</p><p style="visibility:hidden">no</p><p aria-hidden=true>no</p><script>1</script>
<table><caption>Prices</caption><tr><th>Thing<th>Price<tr><td>Tea<td><a href=/tea>3</a></table>
<details><summary>More</summary><p>folded</p></details><img src=x.png alt="A cat"><img src=x.png alt="">
<div onclick="1" style="cursor:pointer">Clickable</div>"""
AS_SEEN = """\
url: http://site.test/
title: Shop
- banner
  - heading "Shop" [level=1]
- navigation "Main"
  - link "First link" [ref=e1] -> /a?b=1#c
  - link "Out" [ref=e2] -> http://other.test/x
- textbox "Name" [ref=e3] [required]
- combobox "Colour" [ref=e4]: blue
  - option "red"
  - option "blue" [selected]
- checkbox "I agree" [ref=e5]
- textbox "Secret" [ref=e6]: •••
- textbox "Notes" [ref=e7] [multiline]
- button "Off" [ref=e8] [disabled]
- button "Order" [ref=e9]
- text: Hello big world
- text: next line
- table "Prices"
  - row
    - columnheader "Thing"
    - columnheader "Price"
  - row
    - cell "Tea"
    - cell
      - link "3" [ref=e10] -> /tea
- group
  - button "More" [ref=e11] [collapsed]
- img "A cat"
- generic "Clickable" [ref=e12]"""


def test_a_page_is_seen_as_an_outline_of_roles_names_and_refs(opened: Opened) -> None:
    assert page_text(opened(SHOP).page) == AS_SEEN


def test_shadow_roots_and_frames_of_the_same_site_are_seen_and_can_be_clicked(opened: Opened) -> None:
    hand = opened(
        """<div id=host></div><iframe src=/inner title=Inner></iframe><script>
        const root = host.attachShadow({mode: 'open'});
        root.innerHTML = '<button>Deep</button><slot></slot>';
        root.querySelector('button').onclick = event => event.target.textContent = 'Deep was clicked';</script>""",
        inner="<button onclick=\"this.textContent='Inner was clicked'\">Inner button</button>",
    )
    hand.click("Deep")
    hand.click("Inner button")
    assert {"Deep was clicked", "Inner was clicked"} <= set(hand.texts())


def test_a_form_is_filled_in_and_sent(opened: Opened) -> None:
    hand = opened(SHOP, post="<title>Sent</title><p>{posted}")
    hand.act(Fill(ref=hand.node("Name").ref, text="Ann Öst"))
    hand.act(Select(ref=hand.node("Colour").ref, values=("red",)))
    hand.click("I agree")
    page = hand.click("Order")
    assert page.url == HOME + "post"
    assert "name=Ann+%C3%96st&colour=red&k=on" in hand.texts()
    last = hand.backend.requests()[-1]
    assert (last.method, last.url, last.status, last.body) == (
        "POST",
        HOME + "post",
        200,
        "name=Ann+%C3%96st&colour=red&k=on",
    )


def test_a_form_that_the_browser_refuses_to_send_is_an_event(opened: Opened) -> None:
    assert opened(SHOP).click("Order").events == ('form not sent: textbox "Name": fill in this field',)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Click(ref="e8"), "disabled"),
        (Click(ref="e999"), "no element e999"),
        (Fill(ref="e9", text="x"), "no text field but a button"),
        (Select(ref="e4", values=("green",)), 'has no option "green"; it has "red", "blue"'),
        (Select(ref="e4", values=("red", "blue")), "takes one option"),
        (Press(keys="Hyper+Q"), "no key"),
        (ClickAt(x=2000, y=1), "outside the viewport"),
        (Goto(url="http://other.test/"), "the sites are http://site.test/"),
        (Goto(url="file:///etc/passwd"), "cannot be reached"),
        (Goto(url="http://127.0.0.1:1/"), "cannot be reached"),
        (Goto(url="http://[x"), "no address"),
        (History(to="back"), "no page before"),
        (Tabs(what="focus", index=3), "no tab 3"),
        (Tabs(what="close"), "last tab"),
        (Dialog(accept=True), "no dialog is open"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(opened: Opened, action: object, told: str) -> None:
    hand = opened(SHOP)
    before = hand.page
    with pytest.raises(InvalidAction, match=told):
        hand.backend.act(action)  # type: ignore[arg-type]
    assert hand.backend.state().root == before.root


def test_a_ref_of_a_page_that_was_left_is_told_and_never_means_something_else(opened: Opened) -> None:
    hand = opened("<a href=/next>Go</a>", next="<button>Delete everything</button>")
    old = hand.node("Go").ref
    hand.click("Go")
    assert hand.node("Delete everything").ref != old
    with pytest.raises(InvalidAction, match=f"no element {old} on this page"):
        hand.backend.act(Click(ref=old))


def test_a_covered_element_is_told_with_what_covers_it(opened: Opened) -> None:
    hand = opened(
        "<button>Below</button><div role=dialog aria-label=Cookies style='position:fixed;inset:0;background:red'>x</div>"
    )
    with pytest.raises(InvalidAction, match='covered by dialog "Cookies"'):
        hand.click("Below")


def test_an_element_far_down_is_scrolled_to_and_clicked(opened: Opened) -> None:
    hand = opened("<div style='height:5000px'></div><button onclick=\"this.textContent='clicked'\">Far</button>")
    hand.click("Far")
    assert "clicked" in hand.texts()


def test_dialogs_are_states_that_wait_for_an_answer(opened: Opened) -> None:
    hand = opened("<button onclick=\"this.textContent = 'got ' + prompt('Your name?')\">Ask</button>")
    page = hand.click("Ask")
    assert page.dialog is not None
    assert (page.dialog.kind, page.dialog.message) == ("prompt", "Your name?")
    with pytest.raises(InvalidAction, match="a dialog is open"):
        hand.backend.act(Press(keys="a"))
    assert hand.act(Dialog(accept=True, text="Ann")).dialog is None
    assert "got Ann" in hand.texts()


def test_one_dialog_may_follow_another_and_an_open_one_does_not_hinder_the_end(opened: Opened) -> None:
    hand = opened("<button onclick=\"if (confirm('Sure?')) alert('Done')\">Ask</button>")
    hand.click("Ask")
    page = hand.act(Dialog(accept=True))
    assert page.dialog is not None
    assert page.dialog.message == "Done"
    hand.backend.close()


def test_a_new_tab_becomes_the_active_one_and_can_be_closed(opened: Opened) -> None:
    hand = opened("<title>One</title><a href=/two target=_blank>Open</a>", two="<title>Two</title>second")
    page = hand.click("Open")
    assert ([tab.title for tab in page.tabs], page.active, page.events) == (
        ["One", "Two"],
        1,
        ("the page opened a tab",),
    )
    assert hand.act(Tabs(what="focus", index=0)).title == "One"
    page = hand.act(Tabs(what="close", index=1))
    assert (len(page.tabs), page.title) == (1, "One")
    assert hand.act(Tabs(what="new", url="/two")).title == "Two"


def test_history_goes_back_and_forward(opened: Opened) -> None:
    hand = opened("<title>One</title><a href=/two>Go</a>", two="<title>Two</title>second")
    hand.click("Go")
    assert hand.act(History(to="back")).title == "One"
    assert hand.act(History(to="forward")).title == "Two"
    assert hand.act(History(to="reload")).title == "Two"


def test_what_leads_out_is_blocked_and_told(opened: Opened) -> None:
    hand = opened(
        "<img src=http://tracker.test/a.png>hello"
        "<script>new WebSocket('ws://evil.test/'); fetch('https://evil.test/').catch(() => 1)</script>"
    )
    assert any("http://tracker.test/a.png" in event for event in hand.page.events)
    assert any("https://evil.test/" in event for event in hand.page.events)
    assert all(request.status == 0 for request in hand.backend.requests() if "site.test" not in request.url)


def test_a_server_on_this_machine_is_out_of_reach_too(opened: Opened) -> None:
    port = pool().gate.port
    hand = opened(f"<img src=http://127.0.0.1:{port}/a.png>hello")
    assert any("blocked" in event for event in hand.page.events)


def test_a_download_is_refused_and_redirects_without_end_are_told(opened: Opened) -> None:
    zipped = (
        "200 OK",
        [("Content-Type", "application/zip"), ("Content-Disposition", "attachment; filename=a.zip")],
        b"PK",
    )
    loop = ("302 Found", [("Location", "/loop")], b"")
    hand = opened("<a href=/file>File</a>", file=zipped, loop=loop)
    assert hand.click("File").events == ("download refused: a.zip",)
    assert hand.act(Goto(url="/loop")).events == ("http://site.test/loop could not be opened: too many redirects",)
    assert hand.act(Goto(url="/")).url == HOME


def test_a_page_that_hangs_is_ended_and_told(opened: Opened) -> None:
    hand = opened(
        "<button onclick='for (;;);'>Hang</button><button onclick=\"document.title = 'alive'\">Go on</button>"
    )
    assert hand.click("Hang").events == ("the page did not answer; its script was ended",)
    assert hand.click("Go on").title == "alive"


@pytest.mark.timeout(300)
def test_a_page_of_fifty_megabytes_is_cut(opened: Opened) -> None:
    hand = opened("<p>" + "word " * 100_000 + ("<p>" + "x" * 490) * 30_000 + "<!--" + "y" * 35_000_000 + "-->")
    assert len(list(hand.page.root.walk())) < 21_000
    assert "too large" in hand.texts()[-1]
    assert len(page_text(hand.page)) < 8_500


def test_errors_of_scripts_are_events(opened: Opened) -> None:
    hand = opened("<script>console.error('bad thing'); undefined_thing()</script>hello")
    assert hand.page.events == ("console error: bad thing", "error in the page: undefined_thing is not defined")


def test_time_is_virtual_and_chance_is_seeded(opened: Opened) -> None:
    home = """<p id=a></p><p id=b></p><script>
    a.textContent = [Math.random(), crypto.getRandomValues(new Uint8Array(2)), new Date().toISOString(), performance.now()];
    setTimeout(() => b.textContent = 'after ' + Date.now(), 3_600_000)</script>"""
    one, two, three = opened(home), opened(home), opened(home, seed=2)
    assert one.texts() == two.texts() != three.texts()
    assert "2026-01-01T00:00:00.000Z" in one.texts()[0]
    started = time.monotonic()
    for _ in range(2):
        one.act(Wait(ms=5_000))
    assert one.backend.script("Date.now()") - 1_767_225_600_000 >= 10_000
    assert time.monotonic() - started < 8


def test_what_a_click_sets_going_is_waited_for(opened: Opened) -> None:
    hand = opened(
        "<button onclick=\"setTimeout(() => fetch('/data').then(r => r.text()).then(t => this.textContent = t), 40)\">Load</button>",
        data="the data",
    )
    hand.click("Load")
    assert "the data" in hand.texts()


def test_a_page_cannot_reach_what_reads_it(opened: Opened) -> None:
    hand = opened(
        """<button>Real</button><script>Array.from = Array.prototype.map = JSON.stringify = () => { throw 1 };
        Element.prototype.getBoundingClientRect = () => { throw 1 }; document.elementFromPoint = () => null;
        window.envgymPage = {look: () => 'forged'};</script>"""
    )
    assert "Real" in hand.texts()
    hand.click("Real")
    assert hand.backend.script("document.documentElement.outerHTML").count("envgym") == 1, "only in its own script"


def test_drag_scroll_and_typing(opened: Opened) -> None:
    hand = opened(
        """<div id=a draggable=true ondragstart="event.dataTransfer.setData('text', 'x')">From</div>
        <div role=button id=b ondragover="event.preventDefault()" ondrop="event.preventDefault(); this.textContent = 'dropped'">To</div>
        <input aria-label=Field oninput="document.title = this.value"><div style="height:3000px"></div>"""
    )
    hand.act(Drag(ref=hand.node("From").ref, to=hand.node("To").ref))
    assert "dropped" in hand.texts()
    hand.click("Field")
    hand.act(TypeText(text="ab"))
    assert hand.act(Press(keys="Backspace")).title == "a"
    hand.act(Scroll(dy=500))
    assert hand.backend.script("scrollY") == 500


def test_a_screenshot_is_a_png_of_the_viewport(opened: Opened) -> None:
    picture = opened("<h1>Hello", settings={"viewport": (300, 200)}).backend.screenshot()
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (300, 200)


def test_contexts_share_nothing(opened: Opened) -> None:
    home = """<p id=p></p><script>document.cookie = 'seen=' + (document.cookie.length + 1);
    localStorage.seen = (localStorage.seen || 0) * 1 + 1; p.textContent = localStorage.seen + document.cookie</script>"""
    assert opened(home).texts() == opened(home).texts() == ["1seen=1"]


def test_a_renderer_that_dies_is_a_failure_of_the_world(opened: Opened) -> None:
    hand = opened("<button>Here</button>")
    crash = hand.backend.driver.devtools.send("Page.crash")
    with pytest.raises(EnvFailure):
        hand.backend._run(hand.backend.driver.held(crash), "a crash")
    with pytest.raises(EnvFailure, match="crashed"):
        hand.backend.act(Press(keys="a"))


def test_a_browser_that_dies_is_a_failure_and_the_next_episode_has_another(opened: Opened) -> None:
    hand = opened("<button>Here</button>")
    lost = pool().processes()[0]
    os.killpg(lost.pid, signal.SIGKILL)
    with pytest.raises(EnvFailure):
        hand.click("Here")
    assert "Here" in opened("<button>Here</button>").texts()
    assert lost not in pool().processes()
    assert lost.members() == []
    assert not lost.profile.exists()


def test_a_machine_without_chromium_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from envgym.browser import discovery

    monkeypatch.setenv("ENVGYM_CHROMIUM", "/no/such/file")
    with pytest.raises(UsageError, match="ENVGYM_CHROMIUM='/no/such/file' is no file"):
        discovery.find_chromium()
    monkeypatch.delenv("ENVGYM_CHROMIUM")
    monkeypatch.setenv("PATH", "/no/such/folder")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/no/such/folder")
    with pytest.raises(UsageError, match="chromium-headless-shell or chromium"):
        discovery.find_chromium()


def test_the_backend_of_an_episode_that_nobody_closed_is_given_back(opened: Opened) -> None:
    opened("x")
    running = pool()._running[0]
    before = len(running.leases)
    lost = ChromiumBackend()
    lost.open("about:blank", seed=1)
    assert len(running.leases) == before + 1
    del lost
    until = time.monotonic() + 10
    while len(running.leases) > before and time.monotonic() < until:
        gc.collect()
        time.sleep(0.02)
    assert len(running.leases) == before
