"""A small pool of worker processes that can be killed: the only safe place for code whose cost the model decides.

A timeout inside the process does not hold (C code never returns to the interpreter), a thread cannot be killed and a future of a
ProcessPoolExecutor cannot be taken back; only killing a process frees the core. The clock of a call starts when it holds a worker, so a
queue is never taken for a slow answer. CPU time and wall time are kept apart: what burns CPU is the answer's doing (OverBudget), what
merely takes long or dies is the machine's (WorkerDied).
"""

import atexit
import json
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from envgym.errors import VerifierFailure
from envgym.verifiers.fork_server import ForkServer, ServerGone

MAX_WORKERS = 8
OWN_DOING = {
    signal.SIGPROF: "cpu",
    signal.SIGXCPU: "cpu",
    signal.SIGABRT: "crash",
    signal.SIGSEGV: "crash",
    signal.SIGBUS: "crash",
    signal.SIGFPE: "crash",
    signal.SIGILL: "crash",
}
"""Signals that a call brings on itself. GMP aborts where Python raises MemoryError. SIGKILL is not here: it comes from outside."""


class WorkerDied(VerifierFailure):
    """The worker was killed, could not be started or did not answer in time, and the call is not known to be the cause."""


class OverBudget(Exception):
    """The call used more CPU or memory than it was given, or crashed the interpreter. `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"a call went over its budget: {kind}")
        self.kind = kind


class CallRaised(VerifierFailure):
    """The function itself raised; the message names the exception."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may use."""

    cpu_s: float = 2.0
    """CPU seconds until the kernel kills the worker."""
    wall_s: float = 30.0
    """Seconds without an answer until the worker is killed. Far above cpu_s: only a stalled machine gets there."""
    memory_mb: int = 1024
    """Address space of the worker."""
    start_s: float = 60.0
    """Seconds until a new worker must be ready."""
    confined: bool = False
    """Whether calls may neither write files nor start processes or threads nor open sockets: for code that runs what a model wrote."""


class Worker:
    """One process. Not thread-safe: the pool hands it to one call at a time. Raises OSError when it cannot be started."""

    def __init__(self, server: ForkServer, budget: Budget) -> None:
        self._server = server
        self._budget = budget
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self.pid = server.fork(theirs)
        except BaseException:
            self._socket.close()
            raise
        try:
            self._receive(time.monotonic() + budget.start_s)
        except EOFError as error:
            self.kill()
            raise OSError(f"a new worker died: {error}") from error
        except BaseException:
            self.kill()
            raise

    def call(self, arguments: tuple[Any, ...]) -> Any:
        """The function's result. After any exception but CallRaised the worker is dead and reaped."""
        deadline = time.monotonic() + self._budget.wall_s
        try:
            self._send({"arguments": arguments, "cpu_s": self._budget.cpu_s}, deadline)
            reply = self._receive(deadline)
        except TimeoutError:
            self.kill()
            raise WorkerDied(f"a worker gave no answer within {self._budget.wall_s:g} s and was killed") from None
        except (OSError, EOFError):
            status = self.kill()
            if -status in OWN_DOING:
                raise OverBudget(OWN_DOING[signal.Signals(-status)]) from None
            raise WorkerDied(f"a worker died during a call, with status {status}") from None
        except BaseException:  # an interrupt: the answer still to come must not be read as that of the next call
            self.kill()
            raise
        if "out_of_memory" in reply:
            self.kill()
            raise OverBudget("memory")
        if "raised" in reply:
            raise CallRaised(reply["raised"])
        return reply["result"]

    def kill(self) -> int:
        """Ends the process and its group, and returns its status. One that is already dead keeps its own status."""
        self._socket.close()
        return self._server.reap(self.pid)

    def abandon(self) -> None:
        """Forgets the process after a fork: it belongs to the parent."""
        self._socket.close()

    def _send(self, message: Any, deadline: float) -> None:
        body = json.dumps(message).encode("ascii")
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        self._socket.sendall(len(body).to_bytes(4, "big") + body)

    def _receive(self, deadline: float) -> Any:
        return json.loads(self._read(int.from_bytes(self._read(4, deadline), "big"), deadline))

    def _read(self, size: int, deadline: float) -> bytes:
        read = bytearray()
        while len(read) < size:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = self._socket.recv(size - len(read))
            if not chunk:
                raise EOFError("the worker closed its side")
            read += chunk
        return bytes(read)


class WorkerPool:
    """Calls `target` ("module:function", JSON in and out) in workers that are forked when first needed.

    What the target imports is imported once, by a fork server. Thread-safe. Nothing is running before the first call and after `close`,
    which the end of the interpreter calls too.
    """

    def __init__(self, target: str, *, size: int | None = None, budget: Budget | None = None) -> None:
        self.target = target
        self.size = size or min(MAX_WORKERS, os.cpu_count() or 1)
        self.budget = budget or Budget()
        self._reset()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._abandon)

    def _reset(self) -> None:
        self._slots = threading.BoundedSemaphore(self.size)
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._server: ForkServer | None = None
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()

    def call(self, *arguments: Any, fresh: bool = False) -> Any:
        """The result of `target(*arguments)`; with `fresh`, from a process that was never used.

        Raises OverBudget, CallRaised or WorkerDied. Waits for a free worker; the deadline starts after that.
        """
        with self._slots:
            worker = self._take(fresh)
            try:
                result = worker.call(arguments)
            except CallRaised:
                self._put_back(worker)
                raise
            except BaseException:
                self._forget(worker)
                raise
            self._put_back(worker)
            return result

    def pids(self) -> list[int]:
        """The workers that are alive now."""
        with self._lock:
            return [worker.pid for worker in (*self._idle, *self._busy)]

    def close(self) -> None:
        """Kills and reaps every worker. A later call starts new ones. Calls that are running raise WorkerDied."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._busy = set()
            server, self._server = self._server, None
        if server is not None:
            server.close()
        for worker in idle:
            worker.abandon()

    def _take(self, fresh: bool) -> Worker:
        with self._lock:
            idle = self._idle.pop() if self._idle else None
        if idle is not None and fresh:
            idle.kill()
            idle = None
        worker = idle or self._new_worker()
        with self._lock:
            self._busy.add(worker)
        return worker

    def _new_worker(self) -> Worker:
        """A worker of the running fork server; of a new one where there is none or it is gone."""
        try:
            server = self._running_server()
            try:
                return Worker(server, self.budget)
            except ServerGone:
                return Worker(self._running_server(instead_of=server), self.budget)
        except OSError as error:
            raise WorkerDied(f"cannot start a worker: {error}") from error

    def _running_server(self, instead_of: ForkServer | None = None) -> ForkServer:
        with self._starting:
            if self._server is not None and self._server is not instead_of:
                return self._server
            if self._server is not None:
                self._server.kill()
            budget = self.budget
            server = ForkServer(
                self.target, memory_mb=budget.memory_mb, start_s=budget.start_s, confined=budget.confined
            )
            with self._lock:
                self._server = server
            return server

    def _put_back(self, worker: Worker) -> None:
        with self._lock:
            if worker in self._busy:
                self._busy.remove(worker)
                self._idle.append(worker)

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)

    def _abandon(self) -> None:
        for worker in (*self._idle, *self._busy):
            worker.abandon()
        if self._server is not None:
            self._server.abandon()
        self._reset()
