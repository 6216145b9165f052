"""Runs a model's program against one test in a process of its own, and says how that ended.

CPU time, sleep and wall time are kept apart. What used up its CPU time, slept too long (`code_tests_sleep.py`), flooded its output or
crashed did so by itself. What ran out of wall time without any of these, or was killed from outside, is the machine's doing and tried
once more; killed twice with much of its memory in use, it was killed for that.
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
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from envgym.errors import UsageError
from envgym.verifiers.code_tests_sleep import LOOK_S, SleepClock, running_s

WORKER = Path(__file__).with_name("code_tests_worker.py")
LEAST_CPU_LIMIT_S = 0.9
"""A program that is not confined can lower its own limit, down to one second: what is killed after that was killed for its CPU time."""
MUCH_MEMORY = 0.5
"""Share of the memory given with which a program that is killed twice was killed for its memory."""
EXIT_S = 0.002
"""Between two looks at whether a process has ended that has closed its pipes."""
STDOUT, RESULT = "stdout", "result"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one test may use."""

    cpu_s: int = 2
    """CPU seconds; up to one more is given, because the kernel counts whole seconds."""
    asleep_s: float = 4.0
    """Seconds that the program may sleep, in all tests of a verdict together; at most half of wall_s in one. It has nothing to wait for."""
    wall_s: float = 20.0
    """Seconds until a test is given up that neither computes nor sleeps: only a machine that stalls gets there."""
    start_s: float = 30.0
    """Seconds until the process must be ready."""
    memory_mb: int = 512
    output_bytes: int = 4_000_000
    confined: bool = True
    """Whether nothing is run where the kernel refuses the program a root and a network of its own or a filter of system calls."""

    def __post_init__(self) -> None:
        whole = (self.cpu_s, self.memory_mb, self.output_bytes)
        numbers = (*whole, self.asleep_s, self.wall_s, self.start_s)
        sound = all(isinstance(one, int) for one in whole) and all(isinstance(one, int | float) for one in numbers)
        if not sound or not all(one > 0 for one in numbers) or self.memory_mb < 64 or self.wall_s <= self.cpu_s + 1:
            raise UsageError(
                f"{self}: expected whole CPU seconds, megabytes and bytes, wall_s over cpu_s + 1, 64 MB at least, and nothing below 0"
            )

    @classmethod
    def of(cls, given: Any) -> Self:
        """`given` as limits: itself, or made of a mapping with some of the fields. Raises UsageError for anything else."""
        if isinstance(given, cls):
            return given
        known = [one.name for one in fields(cls)]
        if not isinstance(given, Mapping) or not set(given) <= set(known):
            raise UsageError(f"limits={given!r}: expected Limits(...), or a mapping with some of {', '.join(known)}")
        return cls(**given)


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
    slept_s: float = 0.0
    memory_mb: float = 0.0
    """The most that it held at once, as far as it was seen."""


MACHINE = frozenset({"not_started", "not_confined", "stalled", "killed"})


def run_test(program: str, test: dict[str, Any], stdin: str, limits: Limits) -> Ran:
    """One run; a second one where the machine spoiled the first. `end` is in MACHINE where nothing can be said."""
    ran = attempt(program, test, stdin, limits)
    if ran.end not in MACHINE - {"not_confined"}:
        return ran
    again = attempt(program, test, stdin, limits)
    if ran.end == again.end == "killed" and min(ran.memory_mb, again.memory_mb) >= MUCH_MEMORY * limits.memory_mb:
        again.end = "memory"
    return again


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
        self._sleep = SleepClock(process.pid)
        self._selector = selectors.DefaultSelector()
        self._selector.register(process.stdout.fileno(), selectors.EVENT_READ, STDOUT)
        self._selector.register(results, selectors.EVENT_READ, RESULT)

    def watch(self) -> Ran:
        limits, ready = self._limits, False
        deadline = time.monotonic() + limits.start_s
        asleep_s = min(limits.asleep_s, limits.wall_s / 2)
        with self._selector:
            while time.monotonic() < deadline:
                self._read()
                if max(map(len, self._texts.values())) > limits.output_bytes:
                    return self._ran("too_much_output")
                if not ready and b"\n" in self._texts[RESULT]:
                    ready, deadline = True, time.monotonic() + limits.wall_s
                    self._sleep = SleepClock(self._process.pid)
                if ready and self._sleep.look(sum(map(len, self._texts.values()))) >= asleep_s:
                    return self._ran("asleep")
                if not self._selector.get_map():  # it may close its pipes and go on
                    pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
                    if pid:
                        return self._ended(status, usage.ru_utime + usage.ru_stime)
        if not ready:
            return self._ran("not_started")
        return self._ran("too_slow" if running_s(self._process.pid) >= 0.8 * limits.cpu_s else "stalled")

    def _ran(self, end: str, cpu_s: float | None = None) -> Ran:
        cpu_s = running_s(self._process.pid) if cpu_s is None else cpu_s
        return Ran(end=end, cpu_s=cpu_s, slept_s=self._sleep.slept_s, memory_mb=self._sleep.memory_mb)

    def _read(self) -> None:
        """Reads what is there, after a short wait for it."""
        for key, _ in self._selector.select(LOOK_S if self._selector.get_map() else EXIT_S):
            chunk = os.read(key.fd, 65536)
            self._texts[key.data] += chunk
            if not chunk:
                self._selector.unregister(key.fd)

    def _ended(self, raw_status: int, cpu_s: float) -> Ran:
        status = self._process.returncode = os.waitstatus_to_exitcode(raw_status)
        messages = self._messages()
        ran = self._ran("", cpu_s)
        ran.stdout, ran.status = bytes(self._texts[STDOUT]), status
        confined = bool(messages) and messages[0].get("confined") is True
        if not messages:
            ran.end = "not_started"
        elif self._limits.confined and not confined:
            ran.end = "not_confined"
        elif status < 0:
            ran.end = self._killed_for(-status, cpu_s, confined)
        elif len(messages) != 2:
            ran.end = "no_result"
        else:
            ran.end, ran.message = "memory" if "memory" in messages[1] else "done", messages[1]
        return ran

    def _killed_for(self, number: int, cpu_s: float, confined: bool) -> str:
        """What a signal means that ended the process. The kernel's own for CPU time comes between cpu_s and a second later."""
        if number not in (signal.SIGKILL, signal.SIGXCPU):
            return "crashed"
        return "too_slow" if cpu_s >= (self._limits.cpu_s if confined else LEAST_CPU_LIMIT_S) else "killed"

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
