"""How long a process slept of its own accord, told apart from waiting for a processor, so that a full machine makes nobody a sleeper.

The kernel counts for each process how long it ran and how long it waited for a processor; what else passes, it slept. The second count
is brought up to date when a process gets its processor, so the counts are read only while the process is asleep.
"""

import contextlib
import time
from pathlib import Path

LOOK_S = 0.1
LONGEST_S = 0.5
"""What one look can add: where more passed, the one who looks was held up, and the process perhaps with it."""
FULL_BYTES = 32_768
"""A process whose output was read so much since the last look may have slept because its pipe was full. That is not its own accord."""


class SleepClock:
    """Adds up the sleep of one process from now on."""

    def __init__(self, pid: int) -> None:
        self.slept_s = 0.0
        self.memory_mb = 0.0
        """The most that the process held at once, as far as the looks saw it."""
        self._pid = pid
        self._looked_at = self._counted_at = time.monotonic()
        self._busy_s, self._read_bytes = busy_s(pid), 0

    def look(self, read_bytes: int) -> float:
        """Seconds asleep so far. `read_bytes` is how much output was read from the process so far. Cheap to call often."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_S:
            return self.slept_s
        self._looked_at = now
        self.memory_mb = max(self.memory_mb, most_memory_mb(self._pid))
        if not is_asleep(self._pid):
            return self.slept_s
        busy = busy_s(self._pid)
        slept = now - self._counted_at - (busy - self._busy_s)
        if read_bytes - self._read_bytes < FULL_BYTES and slept > 0:  # not so where the kernel does not count: nan
            self.slept_s += min(slept, LONGEST_S)
        self._counted_at, self._busy_s, self._read_bytes = now, busy, read_bytes
        return self.slept_s


def running_s(pid: int) -> float:
    """Seconds that a process ran; 0 where that is not known."""
    return _scheduled(pid)[0]


def busy_s(pid: int) -> float:
    """Seconds that a process ran or waited for a processor; infinite where that is not known."""
    return sum(_scheduled(pid))


def _scheduled(pid: int) -> tuple[float, float]:
    try:
        running, waiting, _ = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0.0, float("inf")
    return int(running) / 1e9, int(waiting) / 1e9


def is_asleep(pid: int) -> bool:
    """Whether the process waits for an event: not for a processor, not for a disk, and nobody stopped it."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"S"]
    return False


def most_memory_mb(pid: int) -> float:
    """The most memory that the process held since it was started; 0 where that is not known. `ru_maxrss` would count its parent's."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return 0.0
