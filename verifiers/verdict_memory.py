"""Remembers verdicts: the same program on the same hidden tests under the same limits is judged once per process.

That `verify` repeats is part of the contract, and a program that draws random numbers, or runs close to its time limit, would break it. It
saves time too: `step` and a later `verify` run the tests once, and so do equal programs within a group. A verdict without a score says
something about the machine and is not kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from envgym.verdict import Verdict


class VerdictMemory:
    """The last `size` verdicts by key. Threads may share it; two that ask for the same key at once may both judge."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Verdict] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Hashable, judge: Callable[[], Verdict]) -> Verdict:
        """The verdict kept for `key`, else what `judge` says, which is kept where it has a score."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        verdict = judge()
        if verdict.score is None:
            return verdict
        with self._lock:
            kept = self._kept.setdefault(key, verdict)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return kept
