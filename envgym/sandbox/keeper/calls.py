"""System calls that the os module of Python 3.11 does not have. Each raises OSError, with the place that it was about."""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)

NEW_MOUNTS, NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x00020000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
"""As flags of mount and as attributes of mount_setattr alike."""
BIND, WITH_ALL_BELOW, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2
MOUNT_SETATTR = 442
"""The same number on every architecture, as of all calls since 2019."""
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
SET_DUMPABLE, SET_SUBREAPER = 4, 36
CHILD_ENDED = 17
DEFAULT, IGNORE = 0, 1
INTERFACE_FLAGS, UP_AND_RUNNING = 0x8914, 0x41


class Attributes(ctypes.Structure):
    """struct mount_attr."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def unshare(spaces: int) -> None:
    _checked(LIBC.unshare(spaces), "new namespaces")


def mount(source: str, place: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    done = LIBC.mount(os.fsencode(source), os.fsencode(place), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(done, f"{kind or source} at {place}")


def unmount(place: str) -> None:
    """With all that is mounted below."""
    _checked(LIBC.umount2(os.fsencode(place), DETACH), place)


def restrict(place: str, flags: int, below: bool = True) -> None:
    """Sets flags such as READ_ONLY on a mount, and all mounts below it, and leaves its other flags alone. Linux 5.12."""
    wanted = Attributes(set=flags)
    arguments = (
        AT_FDCWD,
        os.fsencode(place),
        AT_RECURSIVE if below else 0,
        ctypes.byref(wanted),
        ctypes.sizeof(wanted),
    )
    _checked(LIBC.syscall(MOUNT_SETATTR, *arguments), place)


def set_process(option: int, value: int) -> None:
    _checked(LIBC.prctl(option, value, 0, 0, 0), "prctl")


def forget_children() -> None:
    """Children that end are gone at once: nobody waits for them."""
    LIBC.signal(CHILD_ENDED, ctypes.c_void_p(IGNORE))


def await_children() -> None:
    LIBC.signal(CHILD_ENDED, ctypes.c_void_p(DEFAULT))


def loopback_up(descriptor: int) -> None:
    """`descriptor` is any socket of the namespace."""
    about = b"lo".ljust(16, b"\0") + UP_AND_RUNNING.to_bytes(2, "little") + bytes(22)
    _checked(LIBC.ioctl(descriptor, ctypes.c_ulong(INTERFACE_FLAGS), about), "lo")


def _checked(done: int, what: str) -> None:
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
