"""A pool that starts sandboxes before they are asked for: an episode begins with one that is ready."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

from envgym.errors import UsageError
from envgym.sandbox.sandbox import Sandbox

Kind = TypeVar("Kind", bound=Sandbox)


class SandboxPool(Generic[Kind]):
    """Keeps `ready` sandboxes of `make` started. Thread-safe. Who takes one closes it; `close` closes those that nobody took."""

    def __init__(self, make: Callable[[], Kind], *, ready: int = 2) -> None:
        if ready < 1:
            raise UsageError(f"ready is {ready}; a pool keeps at least one sandbox")
        self._make = make
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="envgym-sandbox-pool")
        self._coming: deque[Future[Kind]] = deque(self._starter.submit(make) for _ in range(ready))

    def take(self) -> Kind:
        """A fresh sandbox: at once where one is ready. Raises what starting it raised, and UsageError once the pool is closed."""
        with self._lock:
            if not self._coming:
                raise UsageError("the pool is closed")
            first = self._coming.popleft()
            self._coming.append(self._starter.submit(self._make))
        return first.result()

    def close(self) -> None:
        """Twice is fine."""
        with self._lock:
            left, self._coming = list(self._coming), deque()
        for future in left:
            future.cancel()
        self._starter.shutdown()
        for future in left:
            with contextlib.suppress(CancelledError):
                if future.exception() is None:
                    future.result().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
