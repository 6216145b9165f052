"""The first process of a sandbox's namespaces: makes the mounts, and by ending ends everything there.

It stays out of the control group, so that whatever memory commands take, it lives; it ends as soon as our end of `control` closes.
"""

import _socket
import os
import select
from collections.abc import Callable, Sequence
from typing import Any

from . import calls
from .messages import receive, send
from .spawner import spawn

OUTPUT = 1 << 16


def hold(control: _socket.socket, commands: _socket.socket, number: int, request: dict[str, Any]) -> None:
    """`number` is this process as those outside see it."""
    os.setsid()
    calls.forget_children()
    calls.mount("", "/", flags=calls.PRIVATE | calls.WITH_ALL_BELOW)
    calls.mount("proc", "/proc", "proc", calls.NO_SETUID | calls.NO_DEVICES | calls.NO_PROGRAMS)
    if request["own_network"]:
        with_a_socket = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
        calls.loopback_up(with_a_socket.fileno())
        with_a_socket.close()
    start_spawner(control, commands, request)
    send(control, {"number": number})
    while (got := receive(control)) is not None:
        wanted, descriptors = got
        try:
            if "plan" in wanted:
                carry_out(wanted["plan"])
            elif "copy" in wanted:
                copy(control, wanted["copy"])
            else:
                start_spawner(control, _socket.socket(fileno=descriptors[0]), request)
        except OSError as error:
            send(control, {"failed": str(error)})
        else:
            send(control, {})


def start_spawner(control: _socket.socket, commands: _socket.socket, request: dict[str, Any]) -> None:
    if os.fork() == 0:
        control.close()
        spawn(commands, request["groups"], request["user"])
        os._exit(0)
    commands.close()


def carry_out(plan: Sequence[tuple[Any, ...]]) -> None:
    """A plan is a list of what `mount_plan.py` writes: a verb and its arguments."""
    for verb, *arguments in plan:
        VERBS[verb](*arguments)


def make_folder(place: str, owner: int = -1) -> None:
    os.makedirs(place, exist_ok=True)
    if owner >= 0:
        os.chown(place, owner, owner)


def show(source: str, place: str, flags: int) -> None:
    """The flags come at once: nothing may be made below a folder of this machine."""
    if not os.path.isdir(source):
        os.close(os.open(place, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o444))
    else:
        os.makedirs(place, exist_ok=True)
    calls.mount(source, place, flags=calls.BIND | calls.WITH_ALL_BELOW)
    calls.restrict(place, flags)


def clear(place: str) -> None:
    """Away with all that is mounted there."""
    calls.unmount(place)


VERBS: dict[str, Callable[..., None]] = {
    "enter": os.chdir,
    "folder": make_folder,
    "link": os.symlink,
    "mount": calls.mount,
    "show": show,
    "restrict": calls.restrict,
    "clear": clear,
}


def copy(control: _socket.socket, pairs: Sequence[tuple[str, str]]) -> None:
    """Copies folders with everything that overlayfs has written on them. Ends this process where our other end closes meanwhile."""
    script = 'while [ $# -gt 0 ]; do cp -a -- "$1" "$2" || exit; shift 2; done; echo copied'
    ours, theirs = os.pipe()
    words = [word for pair in pairs for word in pair]
    os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", script, "copy", *words],
        {"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        file_actions=[(os.POSIX_SPAWN_DUP2, theirs, number) for number in (1, 2)],
        setsigdef=[calls.CHILD_ENDED],
    )
    os.close(theirs)
    told = b""
    watched = select.poll()
    watched.register(ours, select.POLLIN)
    watched.register(control.fileno(), select.POLLHUP)
    while True:
        ready = dict(watched.poll())
        if control.fileno() in ready:
            os._exit(0)
        part = os.read(ours, OUTPUT)
        if not part:
            break
        told = (told + part)[-OUTPUT:]
    os.close(ours)
    if told != b"copied\n":
        raise OSError(told.decode("utf-8", "replace").strip()[-500:])
