"""A circuit breaker: after some failures in a row, calls are refused at once for a while instead of each waiting for its own timeout.

After the rest one call is let through to try; the others are refused until it has succeeded or another rest is over. Source: M. Nygard,
Release It!, 2nd ed., section 5.2.
"""

import threading
import time


class CircuitBreaker:
    """Opens after `failures` in a row and stays open for `rest_s` seconds. Safe to share among threads."""

    def __init__(self, failures: int, rest_s: float) -> None:
        self._failures = failures
        self._rest_s = rest_s
        self._in_row = 0
        self._closed_from = 0.0
        self._lock = threading.Lock()

    def wait_s(self) -> float:
        """0.0 where a call may go now, else the seconds that are left of the rest."""
        with self._lock:
            now = time.monotonic()
            if self._in_row < self._failures:
                return 0.0
            if now < self._closed_from:
                return self._closed_from - now
            self._closed_from = now + self._rest_s  # this call tries; if it never reports, another may after a rest
            return 0.0

    def succeeded(self) -> None:
        with self._lock:
            self._in_row = 0

    def failed(self) -> None:
        with self._lock:
            self._in_row += 1
            self._closed_from = time.monotonic() + self._rest_s
