"""The process that runs a model's program against one test. It is run by its path, in an interpreter without site packages.

It is given the program and the inputs of the test, never the wanted output: whatever is forged here, the value that is compared elsewhere
must still be the right one. First it gives up the file system (a root of its own that holds the standard library and an empty folder),
the network, root's rights, memory, CPU time, files, processes and signals; only then it compiles the program. Each message is one line:
the nonce, a space, JSON.
"""

import ctypes
import importlib.util
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x40000000,
)
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 18, 2, 4
NOBODY = 65534
SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
"""Where extension modules of the standard library find what they are linked with."""
MAX_OPEN_FILES = 32


def confinement() -> Callable[[], bool]:
    """`confine_calls`, loaded by its path while files can still be read."""
    spec = importlib.util.spec_from_file_location("confinement", Path(__file__).with_name("confinement.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    confine_calls: Callable[[], bool] = module.confine_calls
    return confine_calls


def own_root(folder: str) -> bool:
    """Makes `folder` the root of this process, without network and root's rights. False where the kernel does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    root = os.getuid() == 0
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | (0 if root else CLONE_NEWUSER)
    if sys.platform != "linux" or libc.unshare(flags) != 0:
        return False
    if not root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    place = os.path.realpath(folder).encode()
    done = libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    done = done or libc.mount(b"tmpfs", place, b"tmpfs", MS_NOSUID | MS_NODEV, b"size=1m,mode=755")
    for library in dict.fromkeys((*SYSTEM_LIBRARIES, os.path.dirname(os.__file__))):
        inside = place + os.path.realpath(library).encode()
        if os.path.isdir(library) and not os.path.isdir(inside):
            os.makedirs(inside)
            done = done or libc.mount(library.encode(), inside, None, MS_BIND | MS_REC, None)
        if os.path.islink(library) and not os.path.lexists(place + library.encode()):
            os.symlink(os.path.realpath(library), place + library.encode())
    if done != 0:
        return False
    os.mkdir(place + b"/work")
    os.chroot(place)
    os.chdir("/work")
    if root:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return True


def limit(memory_mb: int, cpu_s: int) -> None:
    """Memory, CPU seconds from now (rounded up), files. At the hard limit of CPU time the kernel kills; no handler can catch it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + cpu_s
    limits = {
        resource.RLIMIT_AS: memory_mb << 20,
        resource.RLIMIT_CPU: until,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def run(program: str, test: dict[str, Any]) -> dict[str, Any]:
    """What the program made of the inputs: {"value": ...}, {"exit": status} or {"raised": ...}."""
    is_function = "call" in test
    try:
        names: dict[str, Any] = {"__name__": "answer" if is_function else "__main__"}
        exec(compile(program, "answer.py", "exec"), names)
        if not is_function:
            sys.stdout.flush()
            return {"exit": 0}
        function = named(test["call"], names)
        if function is None:
            return {"missing": test["call"]}
        return {"value": function(*test["args"], **test["kwargs"])}
    except SystemExit as left:
        if is_function:
            return {"raised": "SystemExit"}
        sys.stdout.flush()
        return {"exit": left.code if isinstance(left.code, int) else 0 if left.code is None else 1}
    except MemoryError:
        return {"memory": True}
    except BaseException as error:  # noqa: BLE001  whatever the program raises is its answer
        return {"raised": type(error).__name__[:100]}


def named(call: str, names: dict[str, Any]) -> Any:
    """The function of that name, or the method "Class.method" of a new object; a bare name that is none may be one of class Solution."""
    owner, _, name = call.rpartition(".")
    if not owner and callable(names.get(name)):
        return names[name]
    kind = names.get(owner or "Solution")
    if not isinstance(kind, type) or not callable(getattr(kind, name, None)):
        return None
    return getattr(kind(), name)


def main() -> None:
    results = int(sys.argv[1])
    with os.fdopen(int(sys.argv[2]), "rb") as requests:
        request = json.loads(requests.read())
    nonce: str = request["nonce"]
    write, dumps = os.write, json.dumps

    def tell(message: dict[str, Any]) -> None:
        line = f"{nonce} {dumps(message)}\n".encode("ascii")
        while line:
            line = line[write(results, line) :]

    os.environ.clear()
    confine_calls = confinement()
    try:
        confined = own_root(os.getcwd())
    except OSError:
        confined = False
    limit(request["memory_mb"], request["cpu_s"])
    confined = confine_calls() and confined
    tell({"ready": True, "confined": confined})
    if not confined and request["confined"]:
        return
    outcome = run(request["program"], request["test"])
    try:
        tell(outcome)
    except MemoryError:
        tell({"memory": True})
    except (TypeError, ValueError, RecursionError):
        tell({"not_json": True})


if __name__ == "__main__":
    main()
