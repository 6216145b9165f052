"""TextBackend: a browser without scripts, style sheets and pixels, over WSGI apps in our own process.

It reads HTML with lxml and does what a browser does by itself: links, forms with their checks, redirects, cookies, history, tabs,
focus and keys, `<details>`. What needs a picture (points, dragging, hovering, screenshots) and uploads are refused in words. For sites
that work without scripts it stands in for Chromium at a thousandth of the time: both show the same text.
"""

from collections.abc import Mapping

from envgym.browser import action as do
from envgym.browser.backend import Request
from envgym.browser.page_state import Node, PageState
from envgym.browser.page_state import Tab as ShownTab
from envgym.browser.text_backend.addresses import parts, whole
from envgym.browser.text_backend.document import BLANK, EMPTY, Document
from envgym.browser.text_backend.forms import Submission
from envgym.browser.text_backend.hand import Hand
from envgym.browser.text_backend.roles import Element
from envgym.browser.text_backend.skeleton import skeleton_of, title_of, tree_of
from envgym.browser.text_backend.tab import Tab
from envgym.browser.text_backend.wire import Answer, Wire
from envgym.browser.wsgi_call import App
from envgym.errors import InvalidAction

MOST_TABS = 20
UNSEEN = "this browser has no picture of the page: use click, fill, select and press with refs"


class TextBackend:
    """One episode's browser over `apps`, WSGI applications by host: {"shop.test": app}."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        self.apps = dict(apps)
        self._start()

    def _start(self) -> None:
        self.wire = Wire(self.apps)
        self.tabs = [Tab()]
        self.active = 0
        self._events: list[str] = []
        self._number = 0
        self._root: Node | None = None
        self._looked_at = self.tabs[0].document

    # ---- the protocol

    def open(self, url: str, *, seed: int) -> None:
        """Starts over at `url`. `seed` changes nothing: no page runs scripts here."""
        self._start()
        self.visit(url)

    def act(self, action: do.BrowserAction) -> None:
        """Does it; see Backend."""
        self._root = None
        match action:
            case do.Click() if link := self._link(action):
                self.visit(link)
            case do.Click():
                self.hand.click(
                    self.element(action.ref), button=action.button, count=action.count, keys=action.modifiers
                )
            case do.Fill():
                self.hand.fill(self.element(action.ref), action.text, submit=action.submit)
            case do.Select():
                self.hand.select(self.element(action.ref), action.values)
            case do.Press():
                self.hand.press(action.keys, self.element(action.ref) if action.ref else None)
            case do.TypeText():
                self.hand.type_text(action.text)
            case do.Goto():
                self.visit(self.whole(action.url))
            case do.History():
                self._go(action.to)
            case do.Tabs():
                self._tabs(action)
            case do.Scroll():
                if action.ref:
                    self.element(action.ref)
            case do.Wait():
                pass
            case do.Dialog():
                raise InvalidAction("no dialog is open", code="browser.dialog")
            case _:
                raise InvalidAction(f"{action.type}: {UNSEEN}", code="browser.unsupported")

    def state(self) -> PageState:
        """What is to be seen now. Trees share parts with one another and must not be changed."""
        if self._root is None:
            self._looked_at = self.document
            self._root = tree_of(self._looked_at, self._give)
        document, focus = self.document, self.document.focus
        events = tuple(self._events)
        self._events.clear()
        return PageState(
            url=document.url,
            title=title_of(document),
            root=self._root,
            focused=document.refs.get(document.place[focus], "") if focus is not None else "",
            tabs=tuple(ShownTab(title_of(tab.document), tab.document.url) for tab in self.tabs),
            active=self.active,
            events=events,
        )

    def screenshot(self) -> bytes:
        """There is none."""
        raise InvalidAction(UNSEEN, code="browser.unsupported")

    def requests(self) -> list[Request]:
        """All requests of the episode, in order."""
        return list(self.wire.log)

    def close(self) -> None:
        """Forgets everything."""
        self._start()

    def tell(self, event: str) -> None:
        """Adds what the next state tells as an event."""
        self._events.append(event)

    # ---- where we are

    @property
    def tab(self) -> Tab:
        """The active tab."""
        return self.tabs[self.active]

    @property
    def document(self) -> Document:
        """The page of the active tab."""
        return self.tab.document

    @property
    def hand(self) -> Hand:
        """What touches that page."""
        return Hand(self)

    def element(self, ref: str) -> Element:
        """The element of a ref. Raises InvalidAction where it is not on the page any more."""
        document = self.document
        place = document.places.get(ref)
        element = document.elements[place] if place is not None else None
        if element is None or (document.toggled and not document.visible(element)):
            raise InvalidAction(
                f"{ref} is not on this page; observe it and use a ref that is there", code="browser.ref"
            )
        return element

    def _give(self, place: int) -> str:
        document = self._looked_at
        ref = document.refs.get(place)
        if ref is None:
            self._number += 1
            ref = document.refs[place] = f"e{self._number}"
            document.places[ref] = place
        return ref

    def _link(self, action: do.Click) -> str:
        """Where a plain click on a plain link leads, without parsing the page; empty for all else."""
        place = self.document.places.get(action.ref)
        if place is None or action.button != "left" or action.modifiers or self.document.toggled:
            return ""
        url = skeleton_of(self.document).links.get(place, "")
        return url if url.startswith("http") else ""

    # ---- moving

    def whole(self, address: str) -> str:
        """An address that an agent gives, made whole. Raises InvalidAction for schemes other than http."""
        here = self.document.url if self.document.url != BLANK else f"http://{next(iter(self.apps), 'localhost')}/"
        given = address.strip()
        first = given.split("/", 1)[0]
        url = f"http://{given}" if first in self.apps else whole(here, given)
        if parts(url).scheme not in ("http", "https"):
            raise InvalidAction(f"{address[:200]!r} is no address that can be opened", code="browser.address")
        return url

    def visit(self, url: str, *, new_tab: bool = False, asked: bool = False) -> None:
        """Opens an address, in the active tab or a new one, that the agent has `asked` for or the page has opened. A place on the
        same page is only gone to.
        """
        here = self.document
        if not new_tab and "#" in url and url.partition("#")[0] == here.url.partition("#")[0]:
            here.url = url
            self.tab.show(here)
            return
        referer = here.url if here.url != BLANK else ""
        self._land(self.wire.fetch("GET", url, referer=referer), new_tab=new_tab, asked=asked)

    def send(self, form: Submission) -> None:
        """Sends a form, and shows what comes back."""
        answer = self.wire.fetch(form.method, form.url, form.body, form.content_type, referer=self.document.url)
        self._land(answer, new_tab=form.new_tab)

    def _land(self, answer: Answer, *, new_tab: bool = False, at: int | None = None, asked: bool = False) -> None:
        document = self._document(answer)
        if document is None:
            return
        if new_tab:
            self._add_tab()
            if not asked:
                self._events.append("the page opened a tab")
        if at is not None:
            self.tab.at = at
        self.tab.show(document, remember=at is None)

    def _document(self, answer: Answer) -> Document | None:
        """The page of an answer; None where there is none to show, which is an event."""
        kind = answer.header("content-type").split(";")[0].strip().casefold()
        if answer.status == 204:
            return None
        if "attachment" in answer.header("content-disposition") or not (kind.startswith("text/") or not kind):
            self._events.append(f"download: {answer.url} ({kind}, {len(answer.body):,} bytes), not kept")
            return None
        if kind in ("text/html", ""):
            return Document(answer.url, answer.body)
        shown = answer.body.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
        return Document(answer.url, EMPTY.replace(b"<body>", b"<body><pre>" + shown + b"</pre>"))

    def _go(self, to: str) -> None:
        at = self.tab.entry(to)
        url = self.tab.history[at]
        if url == BLANK:
            raise InvalidAction(f"there is no page to go {to} to", code="browser.history")
        self._land(self.wire.fetch("GET", url), at=at)

    def _tabs(self, action: do.Tabs) -> None:
        index = self.active if action.index is None else action.index
        if action.what == "new":
            self._new_tab(action.url)
            return
        if index >= len(self.tabs):
            raise InvalidAction(f"there is no tab {index}; there are {len(self.tabs)}, from 0", code="browser.tab")
        if action.what == "focus":
            self.active = index
            return
        if len(self.tabs) == 1:
            raise InvalidAction("the last tab stays open", code="browser.tab")
        del self.tabs[index]
        self.active = min(self.active - (index < self.active), len(self.tabs) - 1)

    def _new_tab(self, url: str) -> None:
        if url:
            self.visit(self.whole(url), new_tab=True, asked=True)
        else:
            self._add_tab()

    def _add_tab(self) -> None:
        if len(self.tabs) >= MOST_TABS:
            raise InvalidAction(f"{MOST_TABS} tabs are open; close some", code="browser.tab")
        self.tabs.append(Tab())
        self.active = len(self.tabs) - 1
