"""The processes behind a WorkerPool: a fork server that imports one function, and the workers that it forks, which answer calls of it.

This file is run by its path, before anything of envgym can be imported: it gets the pool's import path as an argument. The fork server
reads requests of five bytes from the socket that is file descriptor 0: `F` with a socket attached forks a worker on that socket, `R` with
a number kills that worker and reaps it. Each is answered with four bytes: the worker's number, or how it ended. Where nobody is left to
ask, the server kills its workers and ends.

A call that uses more CPU time than it was given is killed by the kernel (SIGPROF, default action), also deep inside C code that never
returns to the interpreter: that is where `signal.alarm`, which Python handles between two bytecodes, does not hold. A worker that is told
to be `confined` gives up files, processes and the network too (`confinement.py`). Calls and their answers are JSON with a length of four
bytes (big endian) in front.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

MAX_OPEN_FILES = 64
PR_SET_PDEATHSIG = 1
REQUEST, REPLY = struct.Struct(">ci"), struct.Struct(">i")
GONE = -signal.SIGKILL
"""How a worker is said to have ended that is not there to ask."""


class ForkServer:
    """Forks workers of `function` as long as somebody asks on `control`."""

    def __init__(
        self, control: socket.socket, function: Callable[..., Any], memory_mb: int, confine_calls: Any
    ) -> None:
        self._control = control
        self._function = function
        self._memory_mb = memory_mb
        self._confine_calls = confine_calls
        self._workers: set[int] = set()

    def run(self) -> None:
        try:
            while True:
                request, attached, _, _ = socket.recv_fds(self._control, REQUEST.size, 1)
                if len(request) < REQUEST.size:
                    return
                kind, pid = REQUEST.unpack(request)
                self._control.sendall(REPLY.pack(self._fork(attached[0]) if kind == b"F" else self._reap(pid)))
        finally:
            for pid in tuple(self._workers):
                self._reap(pid)

    def _fork(self, descriptor: int) -> int:
        """The worker's number; the error's, negative, where the machine makes no more processes."""
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            return -(error.errno or 1)
        if pid == 0:
            self._work(descriptor)
        os.close(descriptor)
        self._workers.add(pid)
        return pid

    def _reap(self, pid: int) -> int:
        """Kills a worker with all of its group. One that is dead already keeps its own status."""
        if pid not in self._workers:
            return GONE
        self._workers.remove(pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, for a zombie
            os.killpg(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _work(self, descriptor: int) -> NoReturn:
        """The life of a worker."""
        try:
            self._control.close()
            os.setsid()
            die_with_parent()
            limit(self._memory_mb)
            if self._confine_calls:
                self._confine_calls()
            serve(descriptor, self._function)
        finally:
            os._exit(1)


def serve(descriptor: int, function: Callable[..., Any]) -> NoReturn:
    """Answers calls until the other side closes, then ends the process."""
    requests, replies = os.fdopen(descriptor, "rb"), os.fdopen(os.dup(descriptor), "wb")
    write_message(replies, b'{"ready": true}')
    while (request := read_message(requests)) is not None:
        write_message(replies, answer(function, request))
    os._exit(0)


def read_message(stream: BinaryIO) -> Any:
    """The next message, None when the other side has closed."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(int.from_bytes(head, "big"))
    return json.loads(body)


def write_message(stream: BinaryIO, body: bytes) -> None:
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


def limit(memory_mb: int) -> None:
    """Gives up what a verifier needs none of: memory, files on disk, many open files, core dumps."""
    limits = {
        resource.RLIMIT_AS: memory_mb << 20,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        least = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (least, least))


def die_with_parent() -> None:
    """On Linux, a worker does not outlive its fork server, not even in the middle of a call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def silence() -> None:
    """Sends whatever a library prints to nowhere, so that it cannot block on a full pipe."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def answer(function: Callable[..., Any], request: dict[str, Any]) -> bytes:
    """The reply to one request, made under its CPU limit. What the function raises is reported, never hidden."""
    signal.setitimer(signal.ITIMER_PROF, request["cpu_s"])
    try:
        return json.dumps({"result": function(*request["arguments"])}).encode("ascii")
    except MemoryError:
        return b'{"out_of_memory": true}'
    except Exception as error:  # noqa: BLE001  the caller of the pool gets it, with its type
        return json.dumps({"raised": f"{type(error).__name__}: {error}"[:2000]}).encode("ascii")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    target, memory_mb, search_path, confined = sys.argv[1:]
    sys.path[:] = json.loads(search_path)
    control = socket.socket(fileno=os.dup(0))
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    confine_calls = importlib.import_module("envgym.verifiers.confinement").confine_calls if confined else None
    silence()
    gc.collect()
    gc.freeze()  # a worker's collector that touches what was imported would copy its pages
    control.sendall(REPLY.pack(os.getpid()))
    ForkServer(control, function, int(memory_mb), confine_calls).run()


if __name__ == "__main__":
    main()
