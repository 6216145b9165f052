"""Starts the commands of one sandbox. It has no rights and sits in the sandbox's control group, so that they inherit both.

Joining a group costs up to ten milliseconds, a grace period of the kernel, hence once here and not for every command. It counts as one
process of the sandbox. Where the kernel kills it for memory, its commands go with it (bubblewrap's --die-with-parent) and the holder
starts another.
"""

import _socket
import contextlib
import os
import select
from collections.abc import Sequence
from typing import Any

from . import calls
from .messages import receive

KILL = 9
MORE_LIKELY = 300
"""Thousandths of the memory limit that commands seem larger by, to the kernel looking for one to kill."""
BROKEN_PIPE, FILE_TOO_LARGE = 13, 25
"""Signals that Python ignores and commands must not."""
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def spawn(commands: _socket.socket, groups: Sequence[str], user: int) -> None:
    """Serves until the other end of `commands` closes. `user` is whom to become; 0 where we are nobody anyway."""
    broken = join(groups)
    calls.await_children()
    os.chdir("/")
    victims = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)  # not ours any more without rights
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    running: dict[int, tuple[int, int]] = {}
    watched = select.poll()
    watched.register(commands.fileno(), select.POLLIN)
    while True:
        for ready, _ in watched.poll():
            if ready in running:
                watched.unregister(ready)
                os.close(ready)
                os.waitpid(running.pop(ready)[0], 0)
                continue
            got = receive(commands)
            if got is None:
                return
            request, descriptors = got
            if "argv" in request:
                pid = start(request, descriptors, broken, victims)
                if pid:
                    handle = os.pidfd_open(pid)
                    running[handle] = (pid, request["command"])
                    watched.register(handle, select.POLLIN)
            else:
                kill(running, request["kill"])


def join(groups: Sequence[str]) -> str:
    """What went wrong, if anything: nothing may run then, and each command is told so."""
    try:
        for members in groups:
            with open(members, "w") as file:
                file.write("0")
    except OSError as error:
        return f"cannot join a control group: {error}"
    return ""


def start(request: dict[str, Any], descriptors: tuple[int, ...], broken: str, victims: int) -> int:
    """The number of the process; 0 where there is none, which its stderr then says."""
    try:
        if broken:
            raise OSError(broken)
        return preferred_victim(request["argv"], descriptors, victims)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError):
            os.write(descriptors[2], str(error).encode("utf-8", "replace"))
        return 0
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def preferred_victim(argv: list[str], descriptors: tuple[int, ...], victims: int) -> int:
    """Starts a process that the kernel will kill for memory before this one: it inherits what is taken back here at once."""
    *streams, status = descriptors
    usual = int(os.pread(victims, 20, 0))
    os.set_inheritable(status, True)
    os.pwrite(victims, str(min(usual + MORE_LIKELY, 1000)).encode(), 0)
    try:
        return os.posix_spawn(
            argv[0],
            [argv[0], "--json-status-fd", str(status), *argv[1:]],
            ENVIRONMENT,
            file_actions=[(os.POSIX_SPAWN_DUP2, stream, number) for number, stream in enumerate(streams)],
            setsigmask=[],
            setsigdef=[BROKEN_PIPE, FILE_TOO_LARGE, calls.CHILD_ENDED],
        )
    finally:
        os.pwrite(victims, str(usual).encode(), 0)


def kill(running: dict[int, tuple[int, int]], command: int | None) -> None:
    """One command, or all. None of them has been waited for, so the numbers are theirs still."""
    for pid, number in running.values():
        if command is None or command == number:
            os.kill(pid, KILL)
