"""ChromiumBackend: pages in a real browser, one context per episode, brought to rest instead of slept for.

Pages have a clock of their own (`page_clock.js`): after each action their timers run until nothing changes any more for 50 ms of it, at
most 2 s, and real time passes only for what is really requested. `wait` moves that clock. With `clock="real"` pages keep their own time.

What a page does wrong is the page's: a script that hangs is ended after 8 s and told as an event, redirects without end and refused
downloads are events. What Chromium does wrong is a failure of the world: a dead renderer or browser raises EnvFailure, never a score.
"""

import asyncio
import json
import weakref
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal, TypeVar

from envgym.browser.action import BrowserAction
from envgym.browser.backend import Request
from envgym.browser.context_events import give_back_later, listen, tell
from envgym.browser.gestures import carry_out
from envgym.browser.navigation import visit
from envgym.browser.page_driver import DialogOpened, PageDriver, PageHangs, asset
from envgym.browser.page_reading import read, unreadable
from envgym.browser.page_state import Node, OpenDialog, PageState
from envgym.browser.pool import BrowserPool, ContextSettings, Lease, pool
from envgym.browser.traffic import Traffic
from envgym.browser.wsgi_call import App
from envgym.errors import EnvFailure, InvalidAction

T = TypeVar("T")
QUIET_MS = 50
MOST_MS = 2_000
CLOCK_EVENT = "envgym:clock"
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, where the clock of pages begins."""
STEP_S = 90.0
WINDOW_S = 2.0


class ChromiumBackend:
    """See Backend. `apps` are the sites by host; with `loopback`, servers on this machine can be opened, too.

    `restart` is a JavaScript function of the seed that brings the first page to its start. With `keep`, a page that has one is kept open
    between episodes and started again instead of loaded.
    """

    def __init__(
        self,
        *,
        apps: Mapping[str, App] | None = None,
        viewport: tuple[int, int] = (1280, 720),
        clock: Literal["virtual", "real"] = "virtual",
        loopback: bool = False,
        refs: Literal["actable", "all"] = "actable",
        restart: str = "",
        keep: bool = True,
        owner: str = "",
    ) -> None:
        self.apps = dict(apps or {})
        self.settings = ContextSettings(width=viewport[0], height=viewport[1], loopback=loopback)
        self.clock = clock
        self.refs = refs
        self.restart = restart
        self.keep = keep and bool(restart)
        self.owner = owner or f"backend {id(self):x}"
        self.drivers: list[PageDriver] = []
        self.active = 0
        self.traffic = Traffic(self.apps, loopback=loopback)
        self._lease: Lease | None = None
        self._seen: PageState | None = None
        self._place = ""
        self._fresh = False
        self._kept: tuple[str, ContextSettings, str, str] | None = None
        self._own_tabs = self._tabs_asked = self._tabs_taken = self._refs = 0
        self._end: weakref.finalize[Any, Any] | None = None

    # ---- the synchronous face

    def open(self, url: str, *, seed: int) -> None:
        self._run(self._open(url, seed), "opening a page")

    def act(self, action: BrowserAction) -> None:
        self._run(self._act(action), f"the action {action.type}")

    def state(self) -> PageState:
        return self._run(self._state(), "reading the page")

    def screenshot(self) -> bytes:
        return self._run(self._screenshot(), "a screenshot")

    def requests(self) -> list[Request]:
        return list(self.traffic.requests)

    def script(self, expression: str) -> Any:
        """The JSON value of an expression of ours in the active tab, in the page's own world: never for agents."""
        return self._run(self._script(expression), "a script")

    def resize(self, width: int, height: int) -> None:
        """Gives the active tab's window another size."""
        self._run(self._resize(width, height), "another size")

    def close(self) -> None:
        if self._lease is not None:
            found = pool()
            found.thread.run(self._release(found), timeout_s=STEP_S, what="closing a context")

    def _run(self, job: Coroutine[Any, Any, T], what: str) -> T:
        found = pool()
        try:
            return found.thread.run(self._watched(job), timeout_s=STEP_S, what=what)
        except EnvFailure:
            if self._lease is not None and not self._lease.running.lost:
                running = self._lease.running
                found.thread.run(found.check(running), timeout_s=STEP_S, what="a health check")
            raise

    async def _watched(self, job: Coroutine[Any, Any, T]) -> T:
        """`job`, with playwright's errors as failures of the world."""
        try:
            if self._lease is not None:
                self._lease.require()
            return await job
        except (EnvFailure, InvalidAction):
            raise
        except PageHangs:
            raise EnvFailure(f"the page {self.url} does not answer") from None
        except Exception as error:
            if type(error).__module__.startswith("playwright"):
                raise EnvFailure(f"Chromium: {str(error).splitlines()[0]}") from error
            raise
        finally:
            job.close()

    # ---- opening

    async def _open(self, url: str, seed: int) -> None:
        found = pool()
        await self._release(found)
        self.drivers, self.active, self._place = [], 0, url
        self._own_tabs = self._tabs_asked = self._tabs_taken = self._refs = 0
        self.traffic = Traffic(self.apps, loopback=self.settings.loopback)
        self._kept = (url, self.settings, self.clock, self.restart) if self.keep else None
        lease = found.take(self._kept, self.owner) if self._kept else None
        if lease is not None and await self._started_again(found, lease, seed):
            return
        if self._kept is not None:
            await found.make_room_for(self._kept)
        self._hold(found, await found.lease(self.owner, self.apps, self.settings))
        await self._open_fresh(url, seed)

    def _hold(self, found: BrowserPool, lease: Lease) -> None:
        """Has the lease from now on; gives it back when nobody has this backend any more."""
        self._lease = lease
        lease.user = weakref.ref(self)
        self._end = weakref.finalize(self, give_back_later, found, lease)
        self._end.atexit = False

    async def _release(self, found: BrowserPool) -> None:
        """Parts with the lease: keeps the page open for the next episode where that is sound, else closes the context."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        if self._end is not None:
            self._end.detach()
        sound = self._kept is not None and len(self.drivers) == 1 and self.drivers[0].sound_at(self._kept[0])
        if sound and self._kept is not None:
            lease.page = self.drivers[0]
            if found.park(self._kept, lease):
                return
        await found.give_back(lease)

    async def _started_again(self, found: BrowserPool, lease: Lease, seed: int) -> bool:
        """Brings a page that was kept open back to its start. False where it does not get there."""
        self._hold(found, lease)
        self.drivers = [lease.page]
        try:
            await self._restart(seed)
        except (PageHangs, DialogOpened, EnvFailure, InvalidAction):
            self._kept, kept = None, self._kept
            await self._release(found)
            self._kept, self.drivers = kept, []
            return False
        return True

    async def _restart(self, seed: int) -> None:
        driver = self.driver
        await driver.held(driver.page.mouse.move(self.settings.width - 1, self.settings.height - 1))
        restart = f"seed => {{ window.envgymClock?.restart(seed); ({self.restart})(seed); }}"
        await driver.held(driver.page.evaluate(restart, seed))
        await driver.call("envgymPage.reset()")
        self._refs = 0
        await self._rest()

    async def _open_fresh(self, url: str, seed: int) -> None:
        """The first page of a fresh context."""
        lease = self._leased
        settings = {
            "event": CLOCK_EVENT,
            "start": START_MS,
            "seed": seed & 0x7FFFFFFF,
            "virtual": self.clock == "virtual",
        }
        await lease.context.add_init_script(f"({asset('page_clock.js').strip()})({json.dumps(settings)})")
        listen(lease)
        await self.open_tab()
        try:
            await visit(self, url)
        except DialogOpened:
            return
        await self._rest()
        if self.restart:
            await self._restart(seed)

    async def add_page(self, page: Any) -> None:
        """Takes a new tab in; it becomes the active one, as it does for a person."""
        lease = self._lease
        if lease is None or page.context is not lease.context:
            return
        driver = await PageDriver.attach(page, asked_for_window=lambda: tell(lease, lambda user: user.window_asked()))
        page.on("close", lambda closed: tell(lease, lambda user: user.drop_page(closed)))
        if self._own_tabs:
            self._own_tabs -= 1
        else:
            self._tabs_taken += 1
            self.traffic.tell("the page opened a tab")
        self.drivers.append(driver)
        self.active = len(self.drivers) - 1

    def window_asked(self) -> None:
        self._tabs_asked += 1

    def tab_refused(self, most: int) -> None:
        self._tabs_taken += 1
        self.traffic.tell(f"a tab was refused: {most} are open")

    def drop_page(self, page: Any) -> None:
        place = next((number for number, driver in enumerate(self.drivers) if driver.page is page), None)
        if place is not None:
            del self.drivers[place]
            self.active = max(
                0,
                min(
                    self.active - (place < self.active or place == self.active == len(self.drivers)),
                    len(self.drivers) - 1,
                ),
            )

    @property
    def driver(self) -> PageDriver:
        if not self.drivers:
            raise EnvFailure("no tab is open")
        return self.drivers[self.active]

    @property
    def url(self) -> str:
        return self.drivers[self.active].page.url if self.drivers else ""

    @property
    def place(self) -> str:
        """The last address that was a page of a site, to which others are relative."""
        if self.url.startswith(("http:", "https:")):
            self._place = self.url
        return self._place

    @property
    def _leased(self) -> Lease:
        if self._lease is None:
            raise EnvFailure("no page was opened")
        return self._lease

    async def open_tab(self) -> None:
        """A new tab, which becomes the active one."""
        count = len(self.drivers)
        self._own_tabs += 1
        await self._leased.context.new_page()
        await self._until(lambda: len(self.drivers) > count)

    async def _until(self, holds: Callable[[], bool], most_s: float = 5.0) -> None:
        """Waits until something holds, at most so long."""
        until = asyncio.get_running_loop().time() + most_s
        while not holds() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.002)

    # ---- acting

    async def _act(self, action: BrowserAction) -> None:
        driver = self.driver
        if action.type == "dialog":
            if driver.dialog is None:
                raise InvalidAction("no dialog is open", code="browser.dialog")
        elif driver.dialog is not None and action.type != "tabs":
            raise InvalidAction(f"a dialog is open ({driver.dialog.type}); answer it first", code="browser.dialog")
        least = 0
        try:
            least = await carry_out(self, driver, action)
            await self._await_windows()
        except DialogOpened:
            self._fresh = False
            return
        except PageHangs:
            await self._end_hang(driver)
        await self._rest(least)

    async def _await_windows(self) -> None:
        """Waits for the tabs that pages have asked for."""
        await self._until(lambda: self._tabs_taken >= self._tabs_asked, WINDOW_S)
        self._tabs_asked = self._tabs_taken

    async def _end_hang(self, driver: PageDriver) -> None:
        if not await driver.stop_scripts():
            raise EnvFailure(f"the page {driver.page.url} hangs and cannot be stopped")
        self.traffic.tell("the page did not answer; its script was ended")

    async def _rest(self, least: int = 0) -> None:
        """Waits until the active page has come to rest, and reads it. One that hangs twice is given up."""
        self._fresh = False
        hung = 0
        try:
            for _ in range(10):
                driver = self.driver
                try:
                    await self._settle(driver, least)
                except PageHangs:
                    hung += 1
                    if hung == 2:
                        self._seen, self._fresh = unreadable(self.drivers, self.active), True
                    else:
                        await self._end_hang(driver)
                        continue
                least = 0
                if driver is self.driver and self._fresh:
                    return
        except DialogOpened:
            return

    async def _settle(self, driver: PageDriver, least: int) -> None:
        if not await driver.loaded():
            self.traffic.tell("the page is still loading")
        await self.answered()
        event = json.dumps(CLOCK_EVENT) if self.clock == "virtual" else "null"
        every = "true" if self.refs == "all" else "false"
        seen = await driver.call(
            f"envgymPage.rest({event}, {least}, {QUIET_MS}, {MOST_MS}).then(() => envgymPage.look({every}, {self._refs}))"
        )
        await self._await_windows()
        if not driver.loading and not self.traffic.in_flight:
            told = await read(seen, self.drivers, self.active)
            self._seen, self._refs = told.state, told.refs
            if told.refused:
                self.traffic.tell(told.refused)
            self._fresh = True

    async def answered(self) -> None:
        """Waits for what was requested, at most 2 s: some pages keep a request open for ever."""
        for _ in range(MOST_MS // 5):
            if not self.traffic.in_flight:
                return
            await asyncio.sleep(0.005)
        self.traffic.in_flight.clear()

    # ---- seeing

    async def _state(self) -> PageState:
        driver = self.driver
        if driver.dialog is not None:
            root = self._seen.root if self._seen is not None else Node("document")
            dialog = OpenDialog(driver.dialog.type, driver.dialog.message)
            tabs = self._seen.tabs if self._seen is not None else ()
            title = self._seen.title if self._seen is not None else ""
            self._seen = PageState(driver.page.url, title, root, "", tabs, self.active, dialog)
        elif not self._fresh or self._seen is None or self._seen.dialog is not None:
            await self._rest()
            if driver.dialog is not None:
                return await self._state()
        if self._seen is None:
            raise EnvFailure(f"the page {self.url} does not come to rest")
        seen, self._fresh = self._seen, True
        events = self.traffic.take_events()
        return PageState(seen.url, seen.title, seen.root, seen.focused, seen.tabs, seen.active, seen.dialog, events)

    async def _screenshot(self) -> bytes:
        if self.driver.dialog is not None:
            raise InvalidAction("there is no picture while a dialog is open", code="browser.dialog")
        try:
            shot: bytes = await self.driver.held(self.driver.page.screenshot(type="png", caret="hide"), timeout_s=20)
        except DialogOpened:
            raise InvalidAction("there is no picture while a dialog is open", code="browser.dialog") from None
        return shot

    async def _resize(self, width: int, height: int) -> None:
        await self.driver.held(self.driver.page.set_viewport_size({"width": width, "height": height}))
        await self._rest()

    async def _script(self, expression: str) -> Any:
        self._fresh = False
        return await self.driver.held(self.driver.page.evaluate(expression))
