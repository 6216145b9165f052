"""One asyncio loop in a thread of its own per process, with a synchronous face.

Playwright's objects belong to the loop that made them; its synchronous API belongs to one thread, and a second one that calls it fails
(OpenEnv pull request 516). So all of it runs here, and any thread may ask. A forked process gets a loop of its own: threads do not
survive a fork.
"""

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from envgym.errors import EnvFailure

T = TypeVar("T")


class LoopThread:
    """The thread; it starts with the first call and is a daemon."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="envgym-browsers", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, job: Coroutine[Any, Any, T], *, timeout_s: float, what: str) -> T:
        """What `job` gives. Raises EnvFailure where it takes longer than `timeout_s`; it is cancelled then."""
        future = asyncio.run_coroutine_threadsafe(job, self.loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise EnvFailure(f"{what} took longer than {timeout_s:g} s") from None

    def stop(self) -> None:
        """Ends the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)


_of_process: dict[int, LoopThread] = {}
_lock = threading.Lock()


def loop_thread() -> LoopThread:
    """That of this process."""
    with _lock:
        return (
            _of_process.setdefault(os.getpid(), LoopThread())
            if os.getpid() not in _of_process
            else _of_process[os.getpid()]
        )


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
