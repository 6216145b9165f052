"""Runs one host process to its end: output up to a cap, a deadline, and the whole group killed whatever happens."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

CHUNK = 1 << 16
DRAIN_S = 5.0
"""After a kill: seconds within which the pipes must close."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended."""

    rc: int
    """As subprocess gives it: the negative number of the signal that ended it."""
    stdout: bytes
    stderr: bytes
    timed_out: bool
    truncated: bool
    duration_s: float


def run_process(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    timeout_s: float,
    output_cap: int,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    pass_fds: Sequence[int] = (),
    running: "set[subprocess.Popen[bytes]] | None" = None,
) -> Finished:
    """Runs `command`. Output past `output_cap` bytes of a stream is read and dropped. Raises OSError when it cannot be started.

    While it runs it is in `running`: whoever wants to end it early kills its group.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        cwd=cwd,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    outputs = [process.stdout, process.stderr]
    exchange = Exchange(process.stdin, stdin, [(pipe, output_cap) for pipe in outputs])
    if running is not None:
        running.add(process)
    try:
        timed_out = not (exchange.until(started + timeout_s) and _ended(process, started + timeout_s))
        if timed_out:
            kill_group(process)
            exchange.until(time.monotonic() + DRAIN_S)
        rc = process.wait()
    finally:
        kill_group(process)
        exchange.close()
        process.wait()
        if running is not None:
            running.discard(process)
    out, err = exchange.output
    return Finished(rc, bytes(out), bytes(err), timed_out, exchange.truncated, time.monotonic() - started)


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kills a process that leads its group, and the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class Exchange:
    """Feeds one pipe and reads others at once, so that no side waits for the other. The pipes are its own to close."""

    def __init__(self, stdin: IO[bytes], data: bytes, outputs: Sequence[tuple[IO[bytes], int]]) -> None:
        """Of each of `outputs` so many bytes are kept."""
        self._pipes = [stdin, *(pipe for pipe, _ in outputs)]
        self._stdin = stdin
        self._left = memoryview(data)
        self._caps = [cap for _, cap in outputs]
        self.output = [bytearray() for _ in outputs]
        self.truncated = False
        self._selector = selectors.DefaultSelector()
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        if data:
            self._selector.register(stdin, selectors.EVENT_WRITE)
        else:
            stdin.close()
        for number, (pipe, _) in enumerate(outputs):
            self._selector.register(pipe, selectors.EVENT_READ, number)

    def until(self, deadline: float) -> bool:
        """Exchanges until every pipe is closed; False where the deadline came first."""
        while self._selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self._selector.select(left):
                if key.data is None:
                    self._write()
                else:
                    self._read(key)
        return True

    def _write(self) -> None:
        try:
            written = os.write(self._stdin.fileno(), self._left[:CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:
            written = len(self._left)
        self._left = self._left[written:]
        if not self._left:
            self._selector.unregister(self._stdin)
            with contextlib.suppress(BrokenPipeError):
                self._stdin.close()

    def _read(self, key: selectors.SelectorKey) -> None:
        chunk = os.read(key.fd, CHUNK)
        if not chunk:
            self._selector.unregister(key.fileobj)
            return
        kept = self.output[key.data]
        room = self._caps[key.data] - len(kept)
        kept.extend(chunk[:room] if room > 0 else b"")
        self.truncated |= len(chunk) > room

    def close(self) -> None:
        self._selector.close()
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
