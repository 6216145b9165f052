"""Runs a model's program against one test in a process of its own, and says how that ended.

CPU time and wall time are kept apart. What used up its CPU time, flooded its output or crashed did so by itself. What ran out of wall time
with little CPU is tried once more: where the kernel's scheduler says twice that it slept and did not wait for a processor, that was
the program's doing too, else the machine's.
"""

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envgym.errors import UsageError

WORKER = Path(__file__).with_name("code_tests_worker.py")
LEAST_CPU_LIMIT_S = 0.9
"""A program can lower its own limit, down to one second: what is killed after that was killed for its CPU time."""
STDOUT, RESULT = "stdout", "result"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one test may use."""

    cpu_s: int = 2
    """CPU seconds; up to one more is given, because the kernel counts whole seconds."""
    wall_s: float = 20.0
    start_s: float = 30.0
    """Seconds until the process must be ready."""
    memory_mb: int = 512
    output_bytes: int = 4_000_000
    confined: bool = True
    """Whether nothing is run where the kernel refuses the program a root and a network of its own or a filter of system calls."""

    def __post_init__(self) -> None:
        numbers = (self.cpu_s, self.wall_s, self.start_s, self.memory_mb - 63, self.output_bytes)
        if min(numbers) <= 0 or self.wall_s <= self.cpu_s + 1 or self.cpu_s != int(self.cpu_s):
            raise UsageError(
                f"{self}: expected whole CPU seconds, wall_s over cpu_s + 1, 64 MB at least, and nothing below 0"
            )


@dataclass(slots=True)
class Ran:
    """How the run of one test ended."""

    end: str = ""
    """"done", or what went wrong: "too_slow", "asleep", "memory", "crashed", "too_much_output", "no_result"; of the machine's doing:
    "not_started", "not_confined", "stalled", "killed"."""
    message: dict[str, Any] = field(default_factory=dict)
    """What the worker said at the end."""
    stdout: bytes = b""
    status: int = 0
    """Exit status, minus the signal where one ended it."""
    cpu_s: float = 0.0


MACHINE = frozenset({"not_started", "not_confined", "stalled", "killed"})


def run_test(program: str, test: dict[str, Any], stdin: str, limits: Limits) -> Ran:
    """One run; a second one where the first stalled, slept or was ended from outside. `end` is in MACHINE where nothing can be said."""
    ran = attempt(program, test, stdin, limits)
    if ran.end in MACHINE - {"not_confined"} or ran.end == "asleep":
        again = attempt(program, test, stdin, limits)
        return Ran(end="stalled") if ran.end != "asleep" and again.end == "asleep" else again
    return ran


def attempt(program: str, test: dict[str, Any], stdin: str, limits: Limits) -> Ran:
    nonce = secrets.token_hex(16)
    request = {"nonce": nonce, "program": program, "test": test, "memory_mb": limits.memory_mb}
    request |= {"cpu_s": limits.cpu_s, "confined": limits.confined}
    try:
        with tempfile.TemporaryDirectory(prefix="code-tests-") as folder, contextlib.ExitStack() as stack:
            read_end, write_end = os.pipe()
            results = stack.enter_context(os.fdopen(read_end, "rb"))
            with (
                os.fdopen(write_end, "wb") as theirs,
                tempfile.TemporaryFile() as given,
                tempfile.TemporaryFile() as asked,
            ):
                given.write(stdin.encode("utf-8", "replace"))
                asked.write(json.dumps(request).encode("ascii"))
                given.seek(0)
                asked.seek(0)
                process = subprocess.Popen(
                    [
                        sys.executable,
                        "-s",
                        "-P",
                        "-S",
                        "-B",
                        "-X",
                        "utf8",
                        str(WORKER),
                        str(theirs.fileno()),
                        str(asked.fileno()),
                    ],
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), asked.fileno()),
                    env={"PYTHONHASHSEED": "0"},
                    cwd=folder,
                    start_new_session=True,
                )
            assert process.stdout is not None
            stack.enter_context(process.stdout)
            try:
                return Watch(process, results.fileno(), nonce, limits).watch()
            finally:
                end(process)
    except OSError:
        return Ran(end="not_started")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kills the process and its group, and reaps it where that was not done."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Watch:
    """Reads what one process writes until it ends or goes over a limit."""

    def __init__(self, process: "subprocess.Popen[bytes]", results: int, nonce: str, limits: Limits) -> None:
        assert process.stdout is not None
        self._process, self._limits, self._prefix = process, limits, f"{nonce} ".encode("ascii")
        self._texts = {STDOUT: bytearray(), RESULT: bytearray()}
        self._selector = selectors.DefaultSelector()
        self._selector.register(process.stdout.fileno(), selectors.EVENT_READ, STDOUT)
        self._selector.register(results, selectors.EVENT_READ, RESULT)

    def watch(self) -> Ran:
        with self._selector:
            ready_at: float | None = None
            deadline = time.monotonic() + self._limits.start_s
            while self._selector.get_map():
                if not self._read(deadline):
                    return self._late(ready_at)
                if max(map(len, self._texts.values())) > self._limits.output_bytes:
                    return Ran(end="too_much_output")
                if ready_at is None and b"\n" in self._texts[RESULT]:
                    ready_at = time.monotonic()
                    deadline = ready_at + self._limits.wall_s
            while (ended := os.wait4(self._process.pid, os.WNOHANG))[0] == 0:  # it may close its pipes and go on
                if time.monotonic() > deadline:
                    return self._late(ready_at)
                time.sleep(0.002)
        return self._ended(ended[1], ended[2].ru_utime + ended[2].ru_stime)

    def _read(self, deadline: float) -> bool:
        """Reads what is there; False when nothing came until the deadline."""
        left = deadline - time.monotonic()
        ready = self._selector.select(left) if left > 0 else []
        for key, _ in ready:
            chunk = os.read(key.fd, 65536)
            self._texts[key.data] += chunk
            if not chunk:
                self._selector.unregister(key.fd)
        return bool(ready)

    def _late(self, ready_at: float | None) -> Ran:
        """What to say of a process that is still there after its time."""
        if ready_at is None:
            return Ran(end="not_started")
        running, waiting = scheduled(self._process.pid)
        if running >= 0.8 * self._limits.cpu_s:
            return Ran(end="too_slow", cpu_s=running)
        slept = running + waiting < 0.5 * self._limits.wall_s and is_asleep(self._process.pid)
        return Ran(end="asleep" if slept else "stalled", cpu_s=running)

    def _ended(self, raw_status: int, cpu_s: float) -> Ran:
        status = self._process.returncode = os.waitstatus_to_exitcode(raw_status)
        messages = self._messages()
        ran = Ran(stdout=bytes(self._texts[STDOUT]), status=status, cpu_s=cpu_s)
        if not messages:
            ran.end = "not_started"
        elif self._limits.confined and messages[0].get("confined") is not True:
            ran.end = "not_confined"
        elif status < 0:
            slow = cpu_s >= LEAST_CPU_LIMIT_S and -status in (signal.SIGKILL, signal.SIGXCPU)
            ran.end = "too_slow" if slow else "killed" if -status == signal.SIGKILL else "crashed"
        elif len(messages) != 2:
            ran.end = "no_result"
        else:
            ran.end, ran.message = "memory" if "memory" in messages[1] else "done", messages[1]
        return ran

    def _messages(self) -> list[dict[str, Any]]:
        """The lines that carry the nonce. A line that is none, or no JSON object, spoils all after it."""
        found: list[dict[str, Any]] = []
        for line in bytes(self._texts[RESULT]).splitlines():
            try:
                message = json.loads(line.removeprefix(self._prefix)) if line.startswith(self._prefix) else None
            except (ValueError, RecursionError):
                message = {"not_json": True}
            if not isinstance(message, dict):
                return found[:1]
            found.append(message)
        return found


def scheduled(pid: int) -> tuple[float, float]:
    """Seconds that a process ran and seconds that it waited for a processor; infinite waiting where that is not known."""
    try:
        running, waiting, _ = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0.0, float("inf")
    return int(running) / 1e9, int(waiting) / 1e9


def is_asleep(pid: int) -> bool:
    """Whether one of ten looks finds the process asleep: one that a quota holds back never is."""
    for _ in range(10):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"S"]:
                return True
        time.sleep(0.005)
    return False
