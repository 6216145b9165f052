"""Control groups: the kernel's own limits on the memory and the number of processes of everything in a sandbox together.

Version 1 has one tree per controller, version 2 one for all; both may be mounted (hybrid), and then whichever has the controller is used.
A machine on which we may make no group has `Groups.of` give None, with the reason; `namespace_sandbox` then falls back to limits per
process.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
REMOVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Controllers:
    """Where groups of each controller are made on this machine. `why_not` says what keeps one from being used."""

    memory: Path | None
    processes: Path | None
    version: int
    why_not: str = ""


def find_controllers() -> Controllers:
    """Looks at what is mounted and writable."""
    memory, processes = ROOT / "memory", ROOT / "pids"
    if all(os.access(place, os.W_OK) and (place / "cgroup.procs").exists() for place in (memory, processes)):
        return Controllers(memory, processes, version=1)
    unified = _own_unified_group()
    if unified is None:
        return Controllers(None, None, 0, "no control groups are mounted")
    if not os.access(unified, os.W_OK):
        return Controllers(
            None,
            None,
            0,
            f"{unified} is not ours to write; run as root, or under `systemd-run --user --scope -p Delegate=yes`",
        )
    controls = (unified / "cgroup.subtree_control").read_text().split()
    if not {"memory", "pids"} <= set(controls):
        try:
            (unified / "cgroup.subtree_control").write_text("+memory +pids")
        except OSError as error:
            return Controllers(None, None, 0, f"memory and pids cannot be controlled under {unified}: {error.strerror}")
    return Controllers(unified, unified, version=2)


def _own_unified_group() -> Path | None:
    """The top group where that is ours, else the one that this process is in."""
    if not (ROOT / "cgroup.controllers").exists():
        return None
    if os.geteuid() == 0:
        return ROOT
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            return ROOT / line[3:].strip("/")
    return None


class Group:
    """The control groups of one sandbox, without limits at first. Raises OSError when they cannot be made."""

    def __init__(self, controllers: Controllers, name: str) -> None:
        assert controllers.memory is not None
        assert controllers.processes is not None
        self._version = controllers.version
        self.memory = controllers.memory / name
        self.processes = controllers.processes / name
        for place in {self.memory, self.processes}:
            place.mkdir()

    def limit(self, *, memory_mb: int, processes: int) -> None:
        """Processes may be in it already."""
        memory = memory_mb << 20
        (self.processes / "pids.max").write_text(str(processes))
        if self._version == 1:
            (self.memory / "memory.limit_in_bytes").write_text(str(memory))
            with contextlib.suppress(OSError):  # without swap accounting there is no such file
                (self.memory / "memory.memsw.limit_in_bytes").write_text(str(memory))
        else:
            (self.memory / "memory.max").write_text(str(memory))
            with contextlib.suppress(OSError):
                (self.memory / "memory.swap.max").write_text("0")

    @property
    def members(self) -> list[str]:
        """Files into which a process writes its number to join."""
        return sorted({str(place / "cgroup.procs") for place in (self.memory, self.processes)})

    def oom_kills(self) -> int:
        """Processes that the kernel killed for memory so far."""
        name = "memory.oom_control" if self._version == 1 else "memory.events"
        with contextlib.suppress(OSError):
            for line in (self.memory / name).read_text().splitlines():
                key, _, count = line.partition(" ")
                if key == "oom_kill":
                    return int(count)
        return 0

    def remove(self) -> None:
        """Removes the groups; waits for processes that are about to die. Raises OSError where some live on."""
        deadline = time.monotonic() + REMOVE_S
        for place in {self.memory, self.processes}:
            while place.exists():
                try:
                    place.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.002)
