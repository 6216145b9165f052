"""The process behind a Worker: imports one function, then answers calls of it until its input ends.

This file is run by its path, before anything of envgym can be imported: it gets the parent's import path as an argument. A call that uses
more CPU time than it was given is killed by the kernel (SIGPROF, default action), also deep inside C code that never returns to
the interpreter: that is where `signal.alarm`, which Python handles between two bytecodes, does not hold. A worker that is told
to be `confined` gives up files, processes and the network too, once its function is imported (`confinement.py`).

Messages are JSON with a length of four bytes (big endian) in front, on the socket that is file descriptor 0.
"""

import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

MAX_OPEN_FILES = 64


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


def confine(memory_mb: int) -> None:
    """Gives up what a verifier needs none of: memory, files on disk, many open files, core dumps."""
    limits = {
        resource.RLIMIT_AS: memory_mb << 20,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (limit, limit))


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
    target, memory_mb, search_path, confined = (
        sys.argv[1],
        int(sys.argv[2]),
        json.loads(sys.argv[3]),
        sys.argv[4] == "confined",
    )
    sys.path[:] = search_path
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(0), "wb")
    confine(memory_mb)
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    if confined:
        confine_calls = importlib.import_module("envgym.verifiers.confinement").confine_calls
    silence()
    if confined:
        confine_calls()
    write_message(replies, b'{"ready": true}')
    while (request := read_message(requests)) is not None:
        write_message(replies, answer(function, request))


if __name__ == "__main__":
    main()
