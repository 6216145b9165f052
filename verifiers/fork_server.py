"""The pool's hold on its fork server: the process that imports what workers need once, and forks a worker in milliseconds.

A worker is a child of the fork server, not ours: only the server can reap it, so its number cannot be given to another process before
we asked how it ended. The server itself runs no call; where it dies all the same, its workers die with it.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from envgym.verifiers.worker_main import GONE, REPLY, REQUEST

MAIN = Path(__file__).with_name("worker_main.py")
ENVIRONMENT = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""All that a worker sees. The hash seed decides sympy's order of terms, and so verdicts; a process with threads must not be forked."""
CLOSE_S = 10.0


class ServerGone(OSError):
    """The fork server is dead or does not answer; a new one may do."""


class ForkServer:
    """One server process. Thread-safe. Raises OSError when it cannot be started."""

    def __init__(self, target: str, *, memory_mb: int, start_s: float, confined: bool) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        path = json.dumps([os.path.abspath(entry) for entry in sys.path])
        command = [sys.executable, "-s", "-P", "-B", str(MAIN), target, str(memory_mb), path, "confined" * confined]
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,
                )
        except BaseException:
            self._control.close()
            raise
        self._control.settimeout(start_s)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        try:
            self._reply()
        except OSError as error:
            self.kill()
            why = stderr.read(20_000).decode("utf-8", "replace").strip().splitlines()
            raise OSError(f"it did not start: {why[-1] if why else error!r}") from error
        except BaseException:
            self.kill()
            raise
        finally:
            stderr.close()

    def fork(self, theirs: socket.socket) -> int:
        """The number of a new worker that answers on the other end of `theirs`. Raises ServerGone, or OSError with no process to be had."""
        pid = self._ask(b"F", 0, [theirs.fileno()])
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def reap(self, pid: int) -> int:
        """Kills a worker with its group and returns its exit status: its own where it was dead already."""
        try:
            return self._ask(b"R", pid)
        except ServerGone:
            return GONE

    def close(self) -> None:
        """Ends the server, which kills and reaps its workers first."""
        self._control.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the server at once; its workers die with it."""
        self._control.close()
        self._process.kill()
        self._process.wait()

    def abandon(self) -> None:
        """Forgets the process after a fork: it belongs to the parent."""
        self._process.returncode = 0
        self._control.close()

    def _ask(self, kind: bytes, pid: int, attached: Sequence[int] = ()) -> int:
        """The server's answer. Without one the server is given up: a late answer must not be taken for that of the next question."""
        with self._lock:
            try:
                if attached:
                    socket.send_fds(self._control, [REQUEST.pack(kind, pid)], attached)
                else:
                    self._control.sendall(REQUEST.pack(kind, pid))
                return self._reply()
            except OSError as error:
                self._control.close()
                raise ServerGone(f"the fork server is gone: {error}") from error
            except BaseException:
                self._control.close()
                raise

    def _reply(self) -> int:
        read = b""
        while len(read) < REPLY.size:
            chunk = self._control.recv(REPLY.size - len(read))
            if not chunk:
                raise ServerGone("the fork server ended")
            read += chunk
        return int(REPLY.unpack(read)[0])
