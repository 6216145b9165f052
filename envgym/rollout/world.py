"""A world: one environment under one scaffold, with the thread it lives in where its steps may block.

A blocking environment is made, stepped and closed in one thread of its own, because browsers, database handles and event loops belong to
the thread that made them. A call that outlives its deadline cannot be stopped in Python: the thread is abandoned (it is a daemon) and a
fresh world is made.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from envgym.errors import EnvFailure
from envgym.rollout.run import Run
from envgym.scaffold import Scaffold

P = ParamSpec("P")
T = TypeVar("T")
CLOSE_S = 10.0
"""How long the end of a world is waited for, also when a run is interrupted in the middle of a step."""
Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class World:
    """Makes its scaffold on first use; `discard` throws it away, and the next use makes a fresh one."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.held: dict[str, Scaffold] = {}
        """The scaffold that is there already, by its name."""
        self._owned: list[Scaffold] = []
        self._thread: _Thread | None = None
        self._hung = False
        self.blocking = run.blocking

    async def scaffold(self, name: str) -> Scaffold:
        made = self.held.get(name)
        if made is None:
            if self.held:
                await self.discard()
            made = self.held[name] = await self.call(self._make, name, self._owned)
        return made

    def _make(self, name: str, owned: list[Scaffold]) -> Scaffold:
        scaffold = self._run.make_scaffold(name, self._run.make_env())
        owned.append(
            scaffold
        )  # here, in the world's thread: one that comes too late for its caller is closed all the same
        return scaffold

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function(...)`, in the world's own thread where it may block. Raises EnvFailure after `step_s`."""
        if not self.blocking:
            return function(*args, **kwargs)
        if self._thread is None:
            self._thread = _Thread()
        running: asyncio.Future[T] = self._thread.submit(lambda: function(*args, **kwargs))
        running.add_done_callback(_forget)
        await asyncio.wait({running}, timeout=self._run.step_s)
        if not running.done():
            self._hung = True
            name = getattr(function, "__qualname__", repr(function))
            raise EnvFailure(f"{name} took longer than {self._run.step_s:g} s")
        return running.result()

    async def discard(self) -> None:
        """Closes the world. One that hangs is not waited for: its thread closes it when it comes back."""
        owned, self._owned, self.held = self._owned, [], {}
        thread, self._thread = self._thread, None
        hung, self._hung = self._hung, False
        if thread is None:
            close_all(owned)
            return
        closing = thread.submit(lambda: close_all(owned))
        closing.add_done_callback(_forget)
        thread.stop()
        if hung:
            return
        try:
            await asyncio.wait({closing}, timeout=CLOSE_S)
        except asyncio.CancelledError:  # the run is ended while this world ends: it still gets its time
            await asyncio.wait({closing}, timeout=CLOSE_S)
            raise


def close_all(owned: list[Scaffold]) -> None:
    while owned:
        owned.pop().close()


def _forget(future: "asyncio.Future[Any]") -> None:
    """Takes note of a failed close, so that asyncio does not report it as never retrieved."""
    if not future.cancelled():
        future.exception()


class _Thread:
    """Runs the calls of one world, one after another."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        threading.Thread(target=self._serve, name="envgym-world", daemon=True).start()

    def submit(self, function: Callable[[], Any]) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put((function, loop, future))
        return future

    def stop(self) -> None:
        """Lets the thread end after the calls that were submitted."""
        self._jobs.put(None)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, loop, future = job
            result: Any = None
            error: BaseException | None = None
            try:
                result = function()
            except BaseException as raised:  # noqa: BLE001  # carried over to the caller's thread, whatever it is
                error = raised
            try:
                loop.call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:
                continue  # the loop is closed and nobody waits any more, but what is queued behind closes the world


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
