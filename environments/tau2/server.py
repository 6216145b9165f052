"""The process that serves a checkout, seen from here: started once in a process of ours, shared by all its episodes.

A server that died is started anew by the next who needs it. Episodes that run meanwhile are not touched: each has a process of its own.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import threading
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from envgym.environments.tau2.checkout import Checkout
from envgym.errors import EnvFailure, UnknownId, UsageError

WORKER = Path(__file__).with_name("worker.py")
START_S = 300.0
"""Importing their package takes 8 CPU-seconds; on a machine that is busy, minutes."""
CALL_S = 60.0
"""Wall-clock seconds of a request; a call's processor time has a limit of its own."""
CPU_S = 10
"""Processor seconds of one tool call. Their slowest takes 0.01."""


class OverBudget(Exception):
    """A call used up its processor time, and the episode's process with it."""


class TheirFailure(EnvFailure):
    """Code of the checkout raised where no agent had called it: a task of theirs cannot be set up or looked at."""


class Connection:
    """A socket to one episode's process."""

    def __init__(self, server: "Server", domain: str) -> None:
        self._server = server
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                self.pid: int = server.ask({"do": "episode", "domain": domain}, theirs)["pid"]
        except BaseException:
            mine.close()
            raise
        self._socket = mine
        self._lines: TextIOWrapper = mine.makefile("rw")
        mine.settimeout(CALL_S)

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer of the episode's process. Raises OverBudget, TheirFailure, EnvFailure."""
        try:
            self._lines.write(json.dumps(request) + "\n")
            self._lines.flush()
            line = self._lines.readline()
        except TimeoutError:
            self._server.kill(self.pid)
            self.close()
            raise EnvFailure(f"tau2: no answer to {request['do']!r} in {CALL_S:g} s") from None
        except OSError:  # it ended before it read the request
            line = self._last_words()
        answer: dict[str, Any] = json.loads(line) if line.endswith("\n") else {"died": ""}
        if "died" in answer:
            self.close()
            if answer["died"] == "SIGXCPU":
                raise OverBudget
            raise EnvFailure(f"tau2: the process of the episode ended{answer['died'] and ' by ' + answer['died']}")
        if "failed" in answer:
            raise TheirFailure(f"tau2: {request['do']}: {answer['failed']}")
        return answer

    def _last_words(self) -> str:
        try:
            return self._lines.readline()
        except OSError:
            return ""

    def close(self) -> None:
        with contextlib.suppress(OSError):  # something that nobody will read was still to be written
            self._lines.close()
        self._socket.close()


class Server:
    """One worker process. `ask` is for one thread at a time and waits for the others."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.described: dict[str, dict[str, Any]] = {}
        self.surveys: dict[str, dict[str, Any]] = {}
        """What was found out about tasks, by the hash of the task."""
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_S)
        self._answers: TextIOWrapper = self._control.makefile("r")
        command = [str(checkout.python), "-P", str(WORKER), str(checkout.folder), str(theirs.fileno())]
        quiet = subprocess.DEVNULL
        with theirs:
            self._process = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=[theirs.fileno()], env=self._environment
            )
        try:
            self.domains: list[str] = self._read()["domains"]
        except EnvFailure as error:
            self.stop()
            raise UsageError(
                f"{checkout.python} cannot serve {checkout.folder}: {error}; are the dependencies of tau2-bench installed for it?"
            ) from None

    @property
    def _environment(self) -> dict[str, str]:
        """No network when their package is imported, no log, the same order of sets in each process."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "TAU2_DATA_DIR": str(self.checkout.folder / "data"),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LOGURU_LEVEL": "CRITICAL",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def _read(self) -> dict[str, Any]:
        try:
            line = self._answers.readline()
        except TimeoutError:
            self._process.kill()
            raise EnvFailure(f"no answer in {START_S:g} s") from None
        except OSError as error:
            raise EnvFailure(f"no answer: {error}") from None
        if not line.endswith("\n"):
            raise EnvFailure(f"it ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise EnvFailure(answer["failed"])
        return answer

    def ask(self, request: dict[str, Any], passed: socket.socket | None = None) -> dict[str, Any]:
        """The server's answer. Raises EnvFailure, with the server's own words or because it is gone."""
        with self._lock:
            try:
                line = json.dumps(request).encode()
                socket.send_fds(self._control, [line], [passed.fileno()] if passed is not None else [])
            except OSError as error:
                raise EnvFailure(f"tau2: the server of {self.checkout.folder} is gone: {error}") from None
            return self._read()

    def domain(self, name: str) -> dict[str, Any]:
        """Policy, tools and tasks of a domain. Raises UsageError where the checkout has no such domain, or cannot load it."""
        if name not in self.domains:
            raise UnknownId.of("domain of tau2", name, self.domains)
        if name not in self.described:
            try:
                self.described[name] = self.ask({"do": "describe", "domain": name})
            except EnvFailure as error:
                if not self.alive:
                    raise
                raise UsageError(
                    f"tau2: the domain {name!r} of {self.checkout.folder} cannot be loaded: {error}"
                ) from None
        return self.described[name]

    def connect(self, domain: str) -> Connection:
        """A process for one episode. Raises EnvFailure."""
        self.domain(domain)  # forks share what was loaded before them
        return Connection(self, domain)

    def kill(self, pid: int) -> None:
        """Ends an episode's process, if it has not ended."""
        self.ask({"do": "kill", "pid": pid})

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()
        self._control.close()


_servers: dict[tuple[int, Checkout], Server] = {}
_starting = threading.Lock()


def server_of(checkout: Checkout) -> Server:
    """The server of a checkout in this process, started where there is none that lives. Raises UsageError."""
    key = (os.getpid(), checkout)  # a fork of ours must not talk on its parent's socket
    with _starting:
        known = _servers.get(key)
        if known is None or not known.alive:
            if known is not None:
                known.stop()
            _servers[key] = Server(checkout)
        return _servers[key]


@atexit.register
def stop_servers() -> None:
    """Ends the servers that this process started."""
    for (pid, _), server in _servers.items():
        if pid == os.getpid():
            server.stop()
    _servers.clear()
