"""Takes from the running process what a verifier's arithmetic needs none of: files to write, programs, threads, sockets, signals to others.

It cannot be undone and is inherited by nobody, because no child can be made. On Linux (x86_64, aarch64) a seccomp filter refuses the system
calls with EPERM, for root too; a network namespace of its own is taken where the kernel allows one. Elsewhere only the limit on processes
is set, which does not hold for root. Files can still be read, and the caller's own descriptors stay open.
"""

import ctypes
import os
import platform
import resource
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
CLONE_NEWNET = 0x40000000
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
X32 = 0x40000000
"""Calls of the x32 interface have the architecture of x86_64 and this bit in their number."""
ALLOW, FORBID, NOT_HERE, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
"""FORBID fails with EPERM. NOT_HERE fails with ENOSYS: glibc then falls back to an older call, which is forbidden."""
CALL, ARCHITECTURE, SECOND, THIRD = 0, 4, 24, 32
"""Offsets in struct seccomp_data: number of the call, architecture, low halves of the second and third argument."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

MACHINES = {
    "x86_64": (
        0xC000003E,
        (
            "29 41-59 62 64 68 76 77 82-88 90-94 101 129 132 133 155 160-180 188-190 197-200 234 235 240 241 246 248-250 258-261 "
            "263-266 268 272 280 285 288 297 299 302-304 307 308 310 311 313 316 319-322 424-434 437 438 440 442 443"
        ),
        "435",
        {2: SECOND, 257: THIRD},
    ),
    "aarch64": (
        0xC00000B7,
        (
            "5-7 14-16 33-41 45-47 51-55 88 97 104-106 117 129-131 138 142 180 181 186 190 194 198-212 217-221 240 242 243 261 "
            "264 265 268-271 273 276 279-281 424-434 437 438 440 442 443"
        ),
        "435",
        {56: THIRD},
    ),
}
"""Per machine: its audit number, the calls that are forbidden, those that are 'not here', and the opens with the place of their flags."""


def confine_calls() -> bool:
    """Confines this process for good. False where the system calls could not be filtered and only limits hold."""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    machine = MACHINES.get(platform.machine()) if platform.system() == "Linux" else None
    if machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(CLONE_NEWNET)  # without the right to, the filter alone keeps sockets away
    code = program(*machine)
    buffer = ctypes.create_string_buffer(code)
    filter_of = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_of, 0, 0) == 0)


def program(audit: int, forbidden: str, absent: str, opens: dict[int, int]) -> bytes:
    """The filter: what is not named is allowed."""
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL),
        (JUMP_IF_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, FORBID),
    ]
    for number in numbers(forbidden):
        lines += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, FORBID)]
    for number in numbers(absent):
        lines += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, NOT_HERE)]
    for number, flags in opens.items():
        lines += [
            (JUMP_IF_EQUAL, 0, 4, number),
            (LOAD, 0, 0, flags),
            (JUMP_IF_ANY_BIT, 0, 1, WRITES),
            (RETURN, 0, 0, FORBID),
            (RETURN, 0, 0, ALLOW),
        ]
    lines.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def numbers(text: str) -> list[int]:
    """The numbers in '41-43 288'."""
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return sorted(set(found))
