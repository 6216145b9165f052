"""One browser per process and many contexts in it, each leased to one episode.

A lease has an owner and an end: one that nobody has used for `LEASE_S` is taken back at the next lease, so that a lost episode cannot hold
a context for ever (NeMo Gym issue 2921 lost 1,172 of 1,280 rollouts that way). A browser that has served `EPISODES` leases or holds
more than `MEMORY_MIB` gets no more; it ends with its last lease. One that does not answer is killed by its process group and
replaced: the leases that it had are lost and raise EnvFailure.
"""

import asyncio
import atexit
import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from envgym.browser.browser_process import BrowserProcess
from envgym.browser.discovery import require_playwright
from envgym.browser.event_loop import LoopThread, loop_thread
from envgym.browser.gate import TOKEN, Gate, Ways
from envgym.browser.wsgi_call import App
from envgym.errors import EnvFailure

EPISODES = 500
MEMORY_MIB = 3_000.0
MEMORY_EVERY = 25
"""Leases between two looks at the memory."""
LEASE_S = 1_800.0
MOST_PARKED = 8
PARKED_EPISODES = 300
ANSWER_S = 10.0
CHECKED_FOR_S = 20.0
"""How long a browser that has answered is taken to be alive."""


@dataclass(frozen=True)
class ContextSettings:
    """What a context is made with."""

    width: int = 1280
    height: int = 720
    locale: str = "en-US"
    timezone: str = "UTC"
    loopback: bool = False
    """Whether its pages may open servers on this machine."""


@dataclass(eq=False)
class Running:
    """A browser with what it serves."""

    process: BrowserProcess
    browser: Any
    loopback: bool
    served: int = 0
    leases: set["Lease"] = field(default_factory=set)
    answered: float = 0.0
    lost: str = ""
    retired: bool = False


@dataclass(eq=False)
class Lease:
    """A context of a browser for one owner."""

    owner: str
    running: Running
    context: Any
    token: str
    ways: Ways
    settings: ContextSettings
    until: float = 0.0
    ended: str = ""
    user: Callable[[], Any] = lambda: None
    """Who hears what happens in the context now."""
    page: Any = None
    """The driver of a page that is kept open between episodes."""
    episodes: int = 0

    def require(self) -> None:
        """Raises EnvFailure where the context is gone; else the lease begins anew."""
        if self.running.lost or self.ended:
            raise EnvFailure(f"the browser of {self.owner} is gone: {self.running.lost or self.ended}")
        self.until = time.monotonic() + LEASE_S


class BrowserPool:
    """Everything here runs on the loop but `lost` and `end`."""

    def __init__(self, thread: LoopThread) -> None:
        self.thread = thread
        self.gate = Gate()
        self._playwright: Any = None
        self._running: list[Running] = []
        self._starting = asyncio.Lock()
        self._parked: dict[Hashable, list[Lease]] = {}

    def park(self, key: Hashable, lease: Lease) -> bool:
        """Keeps a context open for the next episode that begins on the very same page. False where there are enough of them."""
        running = lease.running
        if running.lost or running.retired or lease.ended or lease.episodes >= PARKED_EPISODES:
            return False
        if sum(map(len, self._parked.values())) >= MOST_PARKED:
            return False
        lease.owner, lease.user, lease.until = "nobody", lambda: None, time.monotonic() + LEASE_S
        self._parked.setdefault(key, []).append(lease)
        return True

    def take(self, key: Hashable, owner: str) -> Lease | None:
        """A context that was parked under `key`."""
        waiting = self._parked.get(key, [])
        while waiting:
            lease = waiting.pop()
            if not waiting:
                del self._parked[key]
            if not (lease.ended or lease.running.lost):
                lease.owner = owner
                lease.episodes += 1
                lease.require()
                return lease
        return None

    async def make_room_for(self, key: Hashable) -> None:
        """Closes the context that has been parked longest under another key, where all places are taken."""
        others = [each for each in self._parked if each != key]
        if others and sum(map(len, self._parked.values())) >= MOST_PARKED:
            waiting = self._parked[others[0]]
            lease = waiting.pop(0)
            if not waiting:
                del self._parked[others[0]]
            await self.give_back(lease, "another page was wanted")

    async def lease(self, owner: str, apps: Mapping[str, App], settings: ContextSettings) -> Lease:
        """A fresh context for `owner` that reaches `apps` alone. Raises UsageError where Chromium or playwright is missing."""
        await self.take_back_expired()
        running = await self._fit(settings.loopback)
        token = secrets.token_urlsafe(24)
        lease = Lease(owner, running, None, token, self.gate.let(token, apps), settings)
        running.leases.add(lease)
        running.served += 1
        lease.require()
        try:
            lease.context = await running.browser.new_context(
                viewport={"width": settings.width, "height": settings.height},
                locale=settings.locale,
                timezone_id=settings.timezone,
                color_scheme="light",
                reduced_motion="reduce",
                accept_downloads=False,
                service_workers="block",
                extra_http_headers={TOKEN: token},
            )
        except Exception as error:
            await self.give_back(lease)
            raise EnvFailure(f"no browser context: {error}") from error
        return lease

    async def give_back(self, lease: Lease, why: str = "it was closed") -> None:
        """Ends a lease with its context. Twice is fine."""
        if lease.ended:
            return
        lease.ended = why
        self.gate.forget(lease.token)
        running = lease.running
        running.leases.discard(lease)
        if lease.context is not None and not running.lost:
            try:
                await asyncio.wait_for(lease.context.close(), ANSWER_S)
            except Exception as error:  # noqa: BLE001  # playwright raises many; a context that cannot be closed condemns its browser
                self.lose(running, f"a context could not be closed: {type(error).__name__}: {error}")
        if running.retired and not running.leases:
            await self._stop(running)

    async def take_back_expired(self) -> None:
        for running in self._running:
            for lease in [each for each in running.leases if each.until < time.monotonic()]:
                await self.give_back(lease, f"its lease ended after {LEASE_S:g} s without use")

    async def _fit(self, loopback: bool) -> Running:
        """A browser that answers and may serve more. Starts one where there is none."""
        async with self._starting:
            for running in [each for each in self._running if each.loopback == loopback]:
                if await self._fits(running):
                    return running
            return await self._start(loopback)

    async def _fits(self, running: Running) -> bool:
        if running.lost or running.retired or not await self.answers(running):
            return False
        heavy = running.served % MEMORY_EVERY == MEMORY_EVERY - 1 and running.process.memory_mib() > MEMORY_MIB
        running.retired = heavy or running.served >= EPISODES
        if running.retired and not running.leases:
            await self._stop(running)
        return not running.retired

    async def answers(self, running: Running) -> bool:
        """Whether the browser is alive; one that is not is killed."""
        if running.lost:
            return False
        if time.monotonic() - running.answered < CHECKED_FOR_S:
            return True
        return await self.check(running)

    async def check(self, running: Running) -> bool:
        """Asks the browser now."""
        try:
            asked = await asyncio.wait_for(running.browser.new_browser_cdp_session(), ANSWER_S)
            await asyncio.wait_for(asked.send("Browser.getVersion"), ANSWER_S)
            await asked.detach()
        except Exception as error:  # noqa: BLE001  # whatever it is, this browser is of no more use
            self.lose(running, f"it does not answer: {type(error).__name__}")
            return False
        running.answered = time.monotonic()
        return True

    async def _start(self, loopback: bool) -> Running:
        require_playwright()
        from playwright.async_api import async_playwright

        if self._playwright is None:
            await self.gate.start()
            self._playwright = await async_playwright().start()
        process = BrowserProcess(proxy_port=self.gate.port, loopback=loopback)
        await process.started()
        browser = await self._playwright.chromium.connect_over_cdp(process.address)
        running = Running(process, browser, loopback, answered=time.monotonic())
        browser.on("disconnected", lambda _: self.lose(running, "it has ended"))
        self._running.append(running)
        return running

    def lose(self, running: Running, why: str) -> None:
        """Takes note that a browser is of no more use, and kills it."""
        if running.lost or running not in self._running:
            return
        running.lost = why
        self._running.remove(running)
        running.process.kill()

    async def _stop(self, running: Running) -> None:
        if running in self._running:
            self._running.remove(running)
            running.lost = "it was replaced"
            with contextlib.suppress(Exception):  # it is killed next
                await asyncio.wait_for(running.browser.close(), ANSWER_S)
            running.process.kill()

    def processes(self) -> list[BrowserProcess]:
        return [running.process for running in self._running]

    async def stop(self) -> None:
        """Ends every browser, the driver and the gate."""
        for running in list(self._running):
            await self._stop(running)
        if self._playwright is not None:
            driver, self._playwright = self._playwright, None
            await driver.stop()
            await self.gate.stop()
            self.gate = Gate()


_of_process: dict[int, BrowserPool] = {}
_lock = threading.Lock()


def pool() -> BrowserPool:
    """That of this process, made with the first call."""
    thread = loop_thread()
    with _lock:
        found = _of_process.get(os.getpid())
        if found is None:
            found = _of_process[os.getpid()] = BrowserPool(thread)
            atexit.register(stop_pool)
    return found


def stop_pool() -> None:
    """Ends the browsers of this process; the next use starts anew. Called at the end of the process."""
    found = _of_process.get(os.getpid())
    if found is None:
        return
    with contextlib.suppress(EnvFailure):
        found.thread.run(found.stop(), timeout_s=3 * ANSWER_S, what="ending the browsers")
    for process in found.processes():
        process.kill()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    for found in _of_process.values():
        for process in found.processes():
            process.abandon()
    _of_process.clear()


os.register_at_fork(after_in_child=_after_fork)
