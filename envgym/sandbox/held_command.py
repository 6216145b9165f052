"""Runs one command in a holder's namespaces to its end: output up to a cap, a deadline, and killed whatever happens."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from envgym.sandbox.layers import SANDBOX_UID
from envgym.sandbox.mount_holder import MountHolder
from envgym.sandbox.process import DRAIN_S, Exchange
from envgym.sandbox.sandbox import SandboxFailure

STATUS_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended; `status` is what bubblewrap reported."""

    status: bytes
    stdout: bytes
    stderr: bytes
    timed_out: bool
    truncated: bool
    duration_s: float


def run_held(holder: MountHolder, argv: Sequence[str], *, stdin: bytes, timeout_s: float, output_cap: int) -> Ended:
    """Runs bubblewrap as `argv`. Output past `output_cap` bytes of a stream is read and dropped. Raises SandboxFailure, and OSError
    where this process can open no more files."""
    started = time.monotonic()
    ours, theirs = _pipes()
    exchange = Exchange(ours[0], stdin, [(ours[1], output_cap), (ours[2], output_cap), (ours[3], STATUS_BYTES)])
    command = None
    try:
        try:
            command = holder.start(argv, (theirs[0], theirs[1], theirs[2], theirs[3]))
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        timed_out = not exchange.until(started + timeout_s)
        if timed_out:
            holder.kill(command)
            if not exchange.until(time.monotonic() + DRAIN_S):
                raise SandboxFailure("a command does not end although it was killed")
        command = None
    finally:
        if command is not None:
            holder.kill(command)
        exchange.close()
    out, err, status = map(bytes, exchange.output)
    return Ended(status, out, err, timed_out, exchange.truncated, time.monotonic() - started)


def _pipes() -> tuple[list[IO[bytes]], list[int]]:
    """Our ends and theirs of stdin, stdout, stderr and status."""
    ours: list[IO[bytes]] = []
    theirs: list[int] = []
    try:
        for number in range(4):
            readable, writable = os.pipe()
            if os.geteuid() == 0:
                os.fchown(writable, SANDBOX_UID, SANDBOX_UID)  # else a command could not open /dev/stdin or /dev/stderr
            mine, others = (writable, readable) if number == 0 else (readable, writable)
            theirs.append(others)
            ours.append(os.fdopen(mine, "wb" if number == 0 else "rb", buffering=0))
    except BaseException:
        for pipe in ours:
            pipe.close()
        for descriptor in theirs:
            os.close(descriptor)
        raise
    return ours, theirs
