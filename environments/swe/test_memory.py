"""Remembers what tests said: the same tests on the same files, that left nothing behind, are run once in a process.

Episodes of a group run the same tests on the same tree again and again, and tests whose outcome is chance would make equal episodes differ.
Where a run wrote something, it is not remembered: what comes after may depend on it.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import ClassVar, NamedTuple


class Told(NamedTuple):
    """What a tool says of a run of tests."""

    text: str
    failed: bool


class TestMemory:
    """The last `size` runs. Threads may share it; two that ask for the same at once may both run it."""

    __test__: ClassVar[bool] = False

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, Told] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: tuple[object, ...], run: Callable[[], tuple[Told, bool]]) -> Told:
        """What was kept for `key`, else what `run` gives, which is kept if it says so."""
        name = hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        told, keep = run()
        if keep:
            with self._lock:
                told = self._kept.setdefault(name, told)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return told
