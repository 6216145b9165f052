"""The process that stands between us and a process of tests: starts it, ends it in time, takes its results, and signs what it tells us.

It imports nothing of the tree. Its job, with the key that signs, comes by stdin and is read before anything else runs; no other process can
look into it (it is not dumpable), so what carries the signature was said by it. What the child did say is handed on as it is, up to a cap.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import hmac
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import Any

PR_SET_DUMPABLE = 4
POLL_S = 0.05
"""How soon the end of a child is seen whose pipes somebody keeps open."""
CHUNK = 1 << 16


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    key = bytes.fromhex(job.pop("key"))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SystemExit(f"prctl: {os.strerror(ctypes.get_errno())}")
    say(key, {"kind": "started"})
    say(key, {"kind": "ended", **supervise(job)})


def say(key: bytes, told: dict[str, Any]) -> None:
    """One line, on its own whatever else was written to our stdout."""
    body = json.dumps(told).encode()
    line = b"\n" + hmac.new(key, body, hashlib.sha256).hexdigest().encode() + b" " + body + b"\n"
    while line:
        line = line[os.write(1, line) :]


def supervise(job: dict[str, Any]) -> dict[str, Any]:
    """Runs the child to its end: what it reported, the tails of what it printed, how it ended."""
    started = time.monotonic()
    results, theirs = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-s", "-c", job["child"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=job["tree"],
        env={**os.environ, **job["env"]},
        pass_fds=(theirs,),
        start_new_session=True,
    )
    os.close(theirs)
    with contextlib.suppress(OSError), open(f"/proc/{child.pid}/oom_score_adj", "w") as first_to_go:
        first_to_go.write("1000")
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError), child.stdin as stdin:
        stdin.write(json.dumps({**job["job"], "results": theirs}).encode())
    streams = _Streams(results, child, job["results_cap"], job["text_cap"])
    in_time = streams.read_until(child, started + job["seconds"])
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    rc = child.wait()
    return {
        "rc": rc,
        "timed_out": not in_time,
        "flooded": streams.flooded,
        "results": streams.results.decode("ascii", "replace"),
        "stdout": streams.tails[0].decode("utf-8", "replace"),
        "stderr": streams.tails[1].decode("utf-8", "replace"),
        "seconds": time.monotonic() - started,
    }


class _Streams:
    """The child's pipes, read as it writes: results up to a cap, of the rest the last bytes."""

    def __init__(self, results: int, child: subprocess.Popen[bytes], results_cap: int, text_cap: int) -> None:
        assert child.stdout is not None
        assert child.stderr is not None
        self.results = bytearray()
        self.tails = (bytearray(), bytearray())
        self.flooded = False
        self._results_cap, self._text_cap = results_cap, text_cap
        self._selector = selectors.DefaultSelector()
        for pipe, kept in (
            (results, self.results),
            (child.stdout.fileno(), self.tails[0]),
            (child.stderr.fileno(), self.tails[1]),
        ):
            os.set_blocking(pipe, False)
            self._selector.register(pipe, selectors.EVENT_READ, kept)

    def read_until(self, child: subprocess.Popen[bytes], deadline: float) -> bool:
        """Reads until the child has ended, or reported too much; False where the deadline came first."""
        while child.poll() is None and not self.flooded:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if self._selector.get_map():
                self._read_once(min(POLL_S, left))
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(min(POLL_S, left))
        for _ in range((self._results_cap + 3 * self._text_cap) // CHUNK + 64):  # what lies in the pipes, no more
            if not self._read_once(0):
                break
        return True

    def _read_once(self, wait_s: float) -> bool:
        """Whether there was something."""
        ready = self._selector.select(wait_s)
        for entry, _ in ready:
            try:
                chunk = os.read(entry.fd, CHUNK)
            except BlockingIOError:
                continue
            if not chunk:
                self._selector.unregister(entry.fd)
            elif entry.data is self.results:
                room = self._results_cap - len(self.results)
                self.flooded |= len(chunk) > room
                self.results += chunk[: max(0, room)]
            else:
                entry.data.extend(chunk)
                del entry.data[: -self._text_cap]
        return bool(ready)


if __name__ == "__main__":
    main()
