"""BrowserEnv: tasks on web pages, by the same tools whether Chromium or our own reader of HTML stands behind them.

A subclass brings web sites (`apps`, WSGI by host name), the address where an episode begins, and what is asked; it judges what the sites
hold afterwards, what was requested and what was answered, never by acting in the agent's page. Every tool gives the page as it is after it.
Elements are named by refs that only the last observation can give; a ref that is gone is told. The names of the tools are those of
playwright-mcp without their prefix.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from envgym.browser import action as do
from envgym.browser.backend import Backend
from envgym.browser.page_state import PageState
from envgym.browser.page_text import Mode, page_text
from envgym.browser.wsgi_call import App
from envgym.env import EnvKnobs, Snapshot
from envgym.environments.browser.dialects.said import Finish, Look, Picture, Said, Screen
from envgym.environments.browser.dialects.speech import Dialect, read_reply
from envgym.environments.browser.recorded import RecordedBrowser
from envgym.errors import InvalidAction, UsageError
from envgym.message import Message, Observation, Parts, ToolSpec, picture, text_part, tool_result, user
from envgym.task import Task
from envgym.tool_env import Tool, ToolEnv, tool

BackendName = Literal["chromium", "text"]
BY_POINT = frozenset({"click_at", "move_to", "drag_path", "type_text"})
MOST_CHARS = 60_000


class BrowserKnobs(EnvKnobs):
    """Settings that every browser environment has."""

    backend: BackendName = Field("chromium", description="chromium, or text: no scripts, no layout, 100 times as fast.")
    view: Mode = Field("full", description="How a page is written after each action: full, interactive or diff.")
    max_chars: int = Field(8_000, ge=200, le=MOST_CHARS, description="Most characters of a page in an observation.")
    dialect: Literal["tools", Dialect] = Field(
        "tools", description="In which words the agent acts: our tools, or one of the dialects of docs/browser.md."
    )
    coordinates: bool = Field(False, description="Whether there are tools that act at points of the viewport.")
    screenshots: bool = Field(False, description="Whether there is the tool screenshot, and the first page has one.")


class BrowserEnv(ToolEnv):
    """Write `apps`, `address`, `ask`, `verify`, and `oracle` over `self.page`."""

    blocking = True
    max_turns = 30
    Knobs: ClassVar[type[EnvKnobs]] = BrowserKnobs
    knobs: BrowserKnobs
    answer: str | None = None
    """What was said at the end; None before."""

    def __init__(self, **settings: Any) -> None:
        self.browser = RecordedBrowser()
        super().__init__(**settings)

    @classmethod
    def blocks(cls, knobs: Mapping[str, Any]) -> bool:
        """Chromium is waited for; the text backend runs in the caller's thread."""
        default = cls.Knobs.model_fields["backend"].default
        return bool(knobs.get("backend", default) == "chromium")

    # ---- what a subclass writes

    def apps(self, task: Task) -> Mapping[str, App]:
        """The sites of the episode by host, such as {"shop.test": app}; made afresh, with their data as `task` has it."""
        raise UsageError(f"{type(self).__name__} needs apps(task)")

    def address(self, task: Task) -> str:
        """Where the episode begins."""
        raise UsageError(f"{type(self).__name__} needs address(task)")

    def ask(self, task: Task) -> str:
        """What is asked of the agent."""
        raise UsageError(f"{type(self).__name__} needs ask(task)")

    def page_seed(self, task: Task) -> int:
        """Seeds the random numbers of the pages."""
        return task.seed or 0

    def make_backend(self, task: Task) -> Backend:
        """A fresh backend for `task`, at no page yet."""
        return backend_of(self.knobs.backend, self.apps(task))

    # ---- the episode

    def begin(self, task: Task) -> list[Message]:
        self.close()
        self.answer = None
        self.browser = RecordedBrowser()
        self.task = task
        self.backend  # noqa: B018  # opens the first page
        return [user(f"{self.ask(task)}\n\n{self.shown()}"), *self._first_picture()]

    def _first_picture(self) -> list[Message]:
        if not self.knobs.screenshots:
            return []
        return [{"role": "user", "content": list(self.screenshot())}]

    @property
    def backend(self) -> Backend:
        """The running backend; after a restore or in a fork it is first brought to where the episode stands."""
        return self.browser.backend(self._open)

    @property
    def page(self) -> PageState:
        """What was seen last."""
        if self.browser.page is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        return self.browser.page

    def _open(self) -> tuple[Backend, PageState]:
        if self.task is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        backend = self.make_backend(self.task)
        backend.open(self.address(self.task), seed=self.page_seed(self.task))
        return backend, backend.state()

    def act(self, action: do.BrowserAction) -> str:
        """Carries an action out and tells what is to be seen then."""
        before = "" if self.knobs.view != "diff" else page_text(self.page, max_chars=MOST_CHARS)
        self.browser.act(action, self._open)
        return self.shown(before=before)

    def shown(self, *, before: str = "") -> str:
        view = self.knobs.view if before or self.knobs.view != "diff" else "full"
        return page_text(self.page, mode=view, max_chars=self.knobs.max_chars, before=before)

    def respond(self, message: Message) -> tuple[Observation, bool]:
        if self.knobs.dialect == "tools":
            return super().respond(message)
        told: list[Message] = []
        ended = False
        for call_id, said in read_reply(self.knobs.dialect, message, self.screen):
            content, ended = self._spoken(said)
            told.append(tool_result(call_id, content) if call_id else answer_of(content))
            if ended:
                break
        return tuple(told), ended

    def _spoken(self, said: list[Said]) -> tuple[str | Parts, bool]:
        """Carries out what one call of a dialect means: what is told, and whether it ends the episode."""
        before = page_text(self.page, max_chars=MOST_CHARS) if self.knobs.view == "diff" else ""
        try:
            for each in said:
                if isinstance(each, Finish):
                    return self.done(each.answer), True
                if isinstance(each, Picture):
                    return self.screenshot(), False
                if not isinstance(each, Look):
                    self.browser.act(each, self._open)
                    if self.over():
                        return self.shown(), True
        except InvalidAction as error:
            self.told_error = error.code
            return self.tell(error), False
        return self.screenshot() if self.knobs.screenshots else self.shown(before=before), False

    def over(self) -> bool:
        """Whether the page has ended the episode; asked after each action."""
        return False

    @property
    def screen(self) -> Screen:
        """The size of the viewport."""
        return Screen()

    def offered(self) -> Mapping[str, Tool]:
        if self.knobs.dialect != "tools":
            return {}
        return {name: entry for name, entry in self.toolbox.items() if self._has(name)}

    def tools(self) -> list[ToolSpec]:
        return [entry.spec for entry in self.offered().values()]

    def _has(self, name: str) -> bool:
        if name == "screenshot":
            return self.knobs.screenshots
        return name not in BY_POINT or self.knobs.coordinates

    def restore(self, snapshot: Snapshot) -> None:
        self.close()
        super().restore(snapshot)

    def close(self) -> None:
        browser = getattr(self, "browser", None)  # a fork is closed before it has one
        if browser is not None:
            browser.close()

    # ---- the tools

    @tool
    def click(self, ref: do.Ref, button: do.Button = "left", count: int = 1) -> str:
        """Clicks an element; count 2 is a double click."""
        return self.act(do.checked(do.Click, ref=ref, button=button, count=count))

    @tool
    def fill(self, ref: do.Ref, text: str, submit: bool = False) -> str:
        """Replaces the text of a field; with submit, presses Enter after it."""
        return self.act(do.checked(do.Fill, ref=ref, text=text, submit=submit))

    @tool
    def select(self, ref: do.Ref, values: list[str]) -> str:
        """Chooses the options of a list that have these labels or values."""
        return self.act(do.checked(do.Select, ref=ref, values=tuple(values)))

    @tool
    def press(self, keys: str, ref: do.Ref | None = None) -> str:
        """Presses a key or a combination, such as Enter, Tab or Control+A, where the focus is or on an element."""
        return self.act(do.checked(do.Press, keys=keys, ref=ref))

    @tool
    def hover(self, ref: do.Ref) -> str:
        """Moves the mouse over an element."""
        return self.act(do.checked(do.Hover, ref=ref))

    @tool
    def drag(self, ref: do.Ref, to: do.Ref) -> str:
        """Drags an element onto another."""
        return self.act(do.checked(do.Drag, ref=ref, to=to))

    @tool
    def scroll(self, dy: float, dx: float = 0.0, ref: do.Ref | None = None) -> str:
        """Scrolls the page, or an element, by pixels; positive is down and right."""
        return self.act(do.checked(do.Scroll, dx=dx, dy=dy, ref=ref))

    @tool
    def goto(self, url: str) -> str:
        """Opens an address; one that begins with / is on the same site."""
        return self.act(do.checked(do.Goto, url=url))

    @tool
    def back(self) -> str:
        """Goes back to the page before."""
        return self.act(do.History(to="back"))

    @tool
    def tabs(self, what: Literal["new", "close", "focus"], index: int | None = None, url: str = "") -> str:
        """Opens a tab at url, closes a tab, or makes one the active tab; index counts from 0."""
        return self.act(do.checked(do.Tabs, what=what, index=index, url=url))

    @tool
    def dialog(self, accept: bool, text: str = "") -> str:
        """Answers the dialog that is open; text is what a prompt asks for."""
        return self.act(do.checked(do.Dialog, accept=accept, text=text))

    @tool
    def wait(self, ms: int = 500) -> str:
        """Lets time pass on the page."""
        return self.act(do.checked(do.Wait, ms=ms))

    @tool(effect="reads", name="observe")
    def look(self, mode: Literal["full", "interactive", "find"] = "full", find: str = "", max_chars: int = 0) -> str:
        """Reads the page again: all of it, only what can be acted on, or only the lines that hold the text `find`."""
        most = min(max_chars, MOST_CHARS) if max_chars > 0 else self.knobs.max_chars
        return page_text(self.page, mode="find" if find else mode, max_chars=most, find=find)

    @tool(effect="reads")
    def screenshot(self) -> Parts:
        """Gives a picture of what is visible of the page."""
        return Parts([text_part(f"url: {self.page.url}"), picture(self.backend.screenshot())])

    @tool
    def click_at(self, x: float, y: float, button: do.Button = "left", count: int = 1) -> str:
        """Clicks at a point of the viewport, in pixels from its upper left corner."""
        return self.act(do.checked(do.ClickAt, x=x, y=y, button=button, count=count))

    @tool
    def move_to(self, x: float, y: float) -> str:
        """Moves the mouse to a point of the viewport."""
        return self.act(do.checked(do.MoveTo, x=x, y=y))

    @tool
    def drag_path(self, path: list[list[float]]) -> str:
        """Holds the left button from the first [x, y] over all others to the last."""
        if any(len(point) != 2 for point in path):
            raise InvalidAction("path: each point is [x, y]", code="tool.arguments")
        return self.act(do.checked(do.DragPath, path=tuple({"x": x, "y": y} for x, y in path)))

    @tool
    def type_text(self, text: str) -> str:
        """Types text where the focus is, key by key."""
        return self.act(do.checked(do.TypeText, text=text))

    @tool(final=True)
    def done(self, answer: str = "") -> str:
        """Ends the episode when the task is done; answer is what was asked for, if anything was."""
        self.answer = answer
        return "The episode is over."


def answer_of(content: str | Parts) -> Message:
    return user(content) if isinstance(content, str) else {"role": "user", "content": list(content)}


def backend_of(name: BackendName, apps: Mapping[str, App]) -> Backend:
    """A backend of this name over these sites. Raises UsageError where Chromium is missing."""
    if name == "text":
        from envgym.browser.text_backend import TextBackend

        return TextBackend(apps=apps)
    from envgym.browser.chromium import ChromiumBackend

    return ChromiumBackend(apps=apps)
