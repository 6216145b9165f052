"""The process that runs bfcl-eval's worlds, as its callers see it: questions and answers, a fresh process for one that died.

There is one for each interpreter, shared by every episode and thread. A process that dies, hangs or answers nonsense is asked once more,
as a fresh one: then it is EnvFailure. A call that uses up its CPU time or memory twice is the agent's doing: OverBudget.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from envgym.environments.bfcl.interpreter import NEEDED
from envgym.errors import EnvFailure, UsageError
from envgym.task import canonical_json, derive_seed
from envgym.verifiers import confinement

SERVER = Path(__file__).with_name("world_server.py")
START_S = 60.0
ANSWER_S = 30.0
"""Seconds without an answer until a process counts as hanging; more for a request that makes many calls."""
ATTEMPTS = 2
Call = dict[str, Any]
World = dict[str, Any]


class OverBudget(Exception):
    """A call used more CPU time or memory than it may, in a fresh process too."""


class Died(Exception):
    """The process is gone."""


class WorldProcess:
    """One running process. Not thread-safe. Raises UsageError where the interpreter has no bfcl-eval, Died where it does not start."""

    def __init__(self, python: str) -> None:
        self._socket, theirs = socket.socketpair()
        self._unread = bytearray()
        command = [python, "-B", str(SERVER), str(Path(confinement.__file__).resolve())]
        try:
            with theirs:
                self.process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment_of(python),
                    start_new_session=True,
                )
        except OSError as error:
            self._socket.close()
            raise UsageError(f"bfcl: {python} cannot be run: {error.strerror}; {NEEDED}") from error
        try:
            first = self._answer(START_S)
        except Died as error:
            if self.process.returncode >= 0:  # it was not killed
                raise UsageError(
                    f"bfcl: {python} is no Python of 3.10 or later that runs ({error}); {NEEDED}"
                ) from error
            raise
        if "ready" not in first:
            self.close()
            raise UsageError(f"bfcl: {python} has no bfcl-eval that can be used ({first.get('missing')}); {NEEDED}")

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer. Raises OverBudget or Died; then the process is gone."""
        line = json.dumps(request).encode("ascii") + b"\n"
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(line)
        except OSError as error:
            raise self._gone(f"it takes no request: {error}") from None
        except BaseException:  # an interrupt: the answer still to come must not be read as that of the next request
            self.close()
            raise
        answer = self._answer(seconds)
        if "over" in answer:
            self.close()
            raise OverBudget(str(answer["over"]))
        return answer

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            answer = json.loads(self._line(time.monotonic() + seconds))
        except TimeoutError:
            raise self._gone(f"no answer within {seconds:g} s") from None
        except (OSError, ValueError) as error:
            raise self._gone(str(error)) from None
        except BaseException:
            self.close()
            raise
        if not isinstance(answer, dict):
            raise self._gone("an answer that is no object")
        return answer

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._unread:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = self._socket.recv(1 << 16)
            if not chunk:
                raise ValueError("it ended")
            self._unread += chunk
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread = bytearray(rest)
        return line

    def _gone(self, why: str) -> Exception:
        """Ends the process; what to raise instead of an answer."""
        status = self.close()
        if status == -signal.SIGPROF:
            return OverBudget("CPU time")
        return Died(f"the process that runs bfcl-eval failed: {why} (status {status})")

    def close(self) -> int:
        """Ends the process and says how it ended. One that ended by itself keeps its own status."""
        self._socket.close()
        try:
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.process.wait()

    def abandon(self) -> None:
        """Forgets the process after a fork: it belongs to the parent."""
        self._socket.close()
        self.process.returncode = 0


def environment_of(python: str) -> dict[str, str]:
    """What the process sees of the environment: nothing of Python's where it is another Python, and one time zone everywhere."""
    ours = python == sys.executable
    kept = {name: value for name, value in os.environ.items() if ours or not name.startswith("PYTHON")}
    return kept | {"PYTHONHASHSEED": "0", "TZ": "UTC"}


class Worlds:
    """The worlds of one interpreter. Thread-safe; its process is started by the first question and ended by `close`."""

    def __init__(self, python: str) -> None:
        self.python = python
        self._lock = threading.Lock()
        self._process: WorldProcess | None = None
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._abandon)

    @property
    def pid(self) -> int | None:
        """The process that is running now."""
        return self._process.process.pid if self._process is not None else None

    def ask(self, request: dict[str, Any], *, seconds: float = ANSWER_S) -> dict[str, Any]:
        """The answer to a request. Raises EnvFailure, OverBudget, or UsageError where bfcl-eval is missing."""
        with self._lock:
            for attempt in range(ATTEMPTS):
                try:
                    if self._process is None:
                        self._process = WorldProcess(self.python)
                    answer = self._process.ask(request, seconds)
                except (Died, OverBudget) as error:
                    self._process = None
                    if attempt + 1 < ATTEMPTS:
                        continue
                    if isinstance(error, Died):
                        raise EnvFailure(str(error)) from error
                    raise
                except BaseException:
                    self._process = None
                    raise
                if "error" in answer:
                    raise EnvFailure(f"bfcl-eval cannot answer {request['op']}: {answer['error']}")
                return answer
        raise AssertionError("unreachable")

    def call(self, world: World, before: list[Call], call: Call) -> tuple[str, bool]:
        """The result of one call after others, and whether it raised. Raises OverBudget or EnvFailure; then nothing has happened."""
        request = {"op": "call", "before": state_name(world, before), "after": state_name(world, [*before, call])}
        answer = self.ask(request | {"call": call})
        if "absent" in answer:
            again = request | {"call": call, "world": world, "calls": before}
            answer = self.ask(again, seconds=seconds_for(len(before)))
        return answer["result"], answer["raised"]

    def judge(self, world: World, turns: list[list[Call]], gold: list[list[Call]]) -> dict[str, Any]:
        """What is wrong with calls by turn, as the server's `judge` says it. Raises EnvFailure or OverBudget."""
        count = sum(map(len, [*turns, *gold]))
        request = {"op": "judge", "world": world, "turns": turns, "gold": gold}
        return self.ask(request, seconds=seconds_for(count))

    def close(self) -> None:
        """Ends the process. A later question starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def _abandon(self) -> None:
        self._lock = threading.Lock()
        if self._process is not None:
            self._process.abandon()
        self._process = None


def state_name(world: World, calls: list[Call]) -> str:
    """The name of a state: equal worlds after equal calls have the same."""
    return f"{derive_seed(canonical_json([world, calls])):x}"


def seconds_for(calls: int) -> float:
    """Seconds for a request that makes many calls, each of which may be slow."""
    return ANSWER_S + 5.0 * calls


@cache
def worlds_of(python: str) -> Worlds:
    """The worlds of an interpreter, one object in a process."""
    return Worlds(python)
