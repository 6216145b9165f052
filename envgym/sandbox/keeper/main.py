"""The keeper itself: forks a holder per request, until our end of its socket closes. One thread, no state."""

import _socket
import os

from . import calls
from .holder import hold
from .messages import receive, send


def main(descriptor: int) -> None:
    host = _socket.socket(fileno=descriptor)
    os.umask(0o022)
    calls.set_process(calls.SET_SUBREAPER, 1)
    calls.forget_children()
    while (got := receive(host)) is not None:
        request, (control, commands) = got
        if os.fork() == 0:
            host.close()
            begin(request, control, commands)
            os._exit(0)
        os.close(control)
        os.close(commands)


def begin(request: dict[str, object], control: int, commands: int) -> None:
    """Enters the new namespaces. That of processes holds only for children, so the holder is one more fork."""
    talk = _socket.socket(fileno=control)
    try:
        number, theirs = os.pipe()
        spaces = calls.NEW_MOUNTS | calls.NEW_PROCESSES
        if request["own_network"]:
            spaces |= calls.NEW_NETWORK
        if os.geteuid() == 0:
            calls.unshare(spaces)
        else:
            as_root_of_new_users(spaces)
        child = os.fork()
        if child:
            os.write(theirs, str(child).encode())
            return
        os.close(theirs)
        seen_as = int(os.read(number, 20))
        os.close(number)
        hold(talk, _socket.socket(fileno=commands), seen_as, request)
    except (OSError, ValueError) as error:
        send(talk, {"failed": str(error)})


def as_root_of_new_users(spaces: int) -> None:
    user, group = os.geteuid(), os.getegid()
    calls.unshare(spaces | calls.NEW_USERS)
    calls.set_process(calls.SET_DUMPABLE, 1)  # else what is ours in /proc would belong to root
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
