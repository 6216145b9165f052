"""One page of Chromium as the backend drives it: playwright's page, and a DevTools session into an isolated world of it.

Reading a page is one call of `page_walker.js` there: playwright's own locators take 48 ms for a click, this and the mouse take 4. Whatever
waits for the page also watches for a dialog: while one is open nothing in the page runs, and what was asked is kept until it is answered.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from envgym.errors import EnvFailure, InvalidAction

T = TypeVar("T")
WORLD = "envgym"
CALL_S = 8.0
"""How long a page may take to answer before its script is taken to hang."""
LOADING_S = 15.0


class DialogOpened(Exception):
    """What was asked is held up by a dialog."""


class PageHangs(Exception):
    """The page does not answer."""


@cache
def asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


class PageDriver:
    """A page. Made by `attach`."""

    def __init__(self, page: Any, devtools: Any) -> None:
        self.page = page
        self.devtools = devtools
        self.dialog: Any = None
        self.crashed = False
        self.loading: set[str] = set()
        self.committed = 0
        """Documents and places in documents that it has come to."""
        self._worlds: dict[int, str] = {}
        self._main = ""
        self._world: int | None = None
        self._changed = asyncio.Event()
        self._held: asyncio.Task[Any] | None = None

    @classmethod
    async def attach(cls, page: Any, *, asked_for_window: Callable[[], None]) -> "PageDriver":
        """Drives `page` from now on."""
        devtools = await page.context.new_cdp_session(page)
        driver = cls(page, devtools)
        devtools.on("Runtime.executionContextCreated", driver._world_made)
        devtools.on("Runtime.executionContextDestroyed", driver._world_gone)
        devtools.on("Runtime.executionContextsCleared", lambda _: driver._worlds_cleared())
        devtools.on("Page.frameStartedLoading", lambda event: driver._load(event["frameId"], True))
        devtools.on("Page.frameRequestedNavigation", lambda event: driver._load(event["frameId"], True))
        devtools.on("Page.frameStoppedLoading", lambda event: driver._load(event["frameId"], False))
        devtools.on("Page.frameDetached", lambda event: driver._load(event["frameId"], False))
        devtools.on("Page.windowOpen", lambda _: asked_for_window())
        devtools.on("Page.frameNavigated", lambda event: driver._commit(event["frame"].get("parentId")))
        devtools.on("Page.navigatedWithinDocument", lambda event: driver._commit(None))
        page.on("dialog", driver._dialog_opened)
        page.on("crash", lambda _: driver._has_crashed())
        tree, *_ = await asyncio.gather(
            devtools.send("Page.getFrameTree"),
            devtools.send("Page.enable"),
            devtools.send("Runtime.enable"),
            devtools.send(
                "Page.addScriptToEvaluateOnNewDocument",
                {"source": asset("page_walker.js"), "worldName": WORLD, "runImmediately": True},
            ),
        )
        driver._main = tree["frameTree"]["frame"]["id"]
        driver._find_world()
        return driver

    # ---- what the page tells

    def _world_made(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] == WORLD:
            self._worlds[context["id"]] = context["auxData"]["frameId"]
            self._find_world()

    def _world_gone(self, event: dict[str, Any]) -> None:
        self._worlds.pop(event["executionContextId"], None)
        self._find_world()

    def _worlds_cleared(self) -> None:
        self._worlds.clear()
        self._find_world()

    def _find_world(self) -> None:
        self._world = next((world for world, frame in self._worlds.items() if frame == self._main), None)
        self._changed.set()

    def _load(self, frame: str, begins: bool) -> None:
        (self.loading.add if begins else self.loading.discard)(frame)
        self._changed.set()

    def _commit(self, parent: str | None) -> None:
        if parent is None:
            self.committed += 1
            self._changed.set()

    def _dialog_opened(self, dialog: Any) -> None:
        self.dialog = dialog
        self._changed.set()

    def _has_crashed(self) -> None:
        self.crashed = True
        self._changed.set()

    # ---- waiting

    async def _change(self, until: float) -> None:
        """Waits for the next thing that the page tells."""
        self._changed.clear()
        left = until - asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._changed.wait(), max(left, 0.0))
        except TimeoutError:
            raise PageHangs from None

    def require_alive(self) -> None:
        if self.crashed:
            raise EnvFailure(f"the page {self.page.url} has crashed")

    def sound_at(self, url: str) -> bool:
        """Whether it stands at `url` with nothing in the way."""
        return self.page.url == url and self.dialog is None and not self.crashed and not self.page.is_closed()

    async def held(self, job: Coroutine[Any, Any, T], *, timeout_s: float = CALL_S) -> T:
        """What `job` gives. Raises DialogOpened, with the job kept, where the page opens a dialog meanwhile, or PageHangs."""
        task: asyncio.Task[T] = asyncio.ensure_future(job)
        until = asyncio.get_running_loop().time() + timeout_s
        task.add_done_callback(lambda _: self._changed.set())
        while not task.done():
            if self.dialog is not None:
                self._held = task
                raise DialogOpened
            if self.crashed:
                task.cancel()
                self.require_alive()
            try:
                await self._change(until)
            except PageHangs:
                task.cancel()
                raise
        return task.result()

    async def answer(self, accept: bool, text: str) -> None:
        """Answers the open dialog, and waits for what it held up."""
        dialog, self.dialog = self.dialog, None
        await (
            dialog.accept(text)
            if accept and dialog.type == "prompt"
            else dialog.accept()
            if accept
            else dialog.dismiss()
        )
        task, self._held = self._held, None
        if task is not None:
            await self.held(_without_error(task))

    # ---- asking

    async def call(self, expression: str, *, timeout_s: float = CALL_S) -> Any:
        """The value of an expression of ours in the isolated world. Raises InvalidAction for an Error that it throws."""
        until = asyncio.get_running_loop().time() + timeout_s
        told_error = "error => ({error: error.message})"
        wrapped = f"(async () => {expression})().then(ok => ({{ok: ok ?? null}}), {told_error})"
        while True:
            while self._world is None:
                self.require_alive()
                if self.dialog is not None:
                    raise DialogOpened
                await self._change(until)
            asked = {"expression": wrapped, "contextId": self._world, "returnByValue": True, "awaitPromise": True}
            try:
                told = await self.held(self.devtools.send("Runtime.evaluate", asked), timeout_s=timeout_s)
            except Exception as error:
                if isinstance(error, DialogOpened | PageHangs | EnvFailure):
                    raise
                self.require_alive()
                if any(word in str(error) for word in ("context", "navigated", "uniqueContextId")):
                    await asyncio.sleep(0)  # the document is another one now: ask that
                    if self._world == asked["contextId"]:
                        self._worlds.pop(self._world, None)
                        self._find_world()
                    continue
                raise EnvFailure(f"the page {self.page.url} cannot be read: {error}") from error
            value = told["result"].get("value")
            if value is None:
                raise EnvFailure(f"the page {self.page.url} cannot be read: {json.dumps(told)[:300]}")
            if "error" in value:
                raise InvalidAction(value["error"], code="browser.element")
            return value["ok"]

    async def loaded(self) -> bool:
        """Waits until no frame is loading. False where that takes too long."""
        until = asyncio.get_running_loop().time() + LOADING_S
        while self.loading:
            self.require_alive()
            if self.dialog is not None:
                raise DialogOpened
            try:
                await self._change(until)
            except PageHangs:
                self.loading.clear()
                return False
        return True

    async def committed_after(self, before: int) -> None:
        """Waits until the page has come to another document or place than it was at `before`."""
        until = asyncio.get_running_loop().time() + CALL_S
        while self.committed <= before:
            self.require_alive()
            if self.dialog is not None:
                raise DialogOpened
            await self._change(until)

    async def stop_scripts(self) -> bool:
        """Ends the script that keeps the page from answering. Whether the page answers then."""
        try:
            await asyncio.wait_for(self.devtools.send("Runtime.terminateExecution"), CALL_S)
            await self.call("true")
        except (TimeoutError, PageHangs, EnvFailure):
            return False
        return True


async def _without_error(task: "asyncio.Task[Any]") -> None:
    """Waits for what was held up; where the page went away under it, that is no failure."""
    try:
        await task
    except Exception as error:  # playwright raises many for a page that has gone on
        if isinstance(error, EnvFailure):
            raise
