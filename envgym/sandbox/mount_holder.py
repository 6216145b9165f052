"""Our side of the keeper: one small process beside ours, and a holder of namespaces for each sandbox.

A holder is the first process of its namespaces: when it ends, the kernel kills whatever still runs there and drops the mounts, and it ends
as soon as our end of its socket closes. So neither a mount nor a process can be left behind, not even by `kill -9`. As root the mounts are
made by root; otherwise in a user namespace.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envgym.sandbox.keeper.messages import receive, send
from envgym.sandbox.layers import SANDBOX_UID
from envgym.sandbox.mount_plan import Step
from envgym.sandbox.sandbox import SandboxFailure

READY_S, COPY_S, END_S = 60.0, 600.0, 10.0
PREFIX = "envgym-sandbox-"
"""Of all names that may outlive a process that is killed, followed by its number: the next process sweeps them away."""
START = "import sys; sys.path.append(sys.argv[1]); from keeper.main import main; main(int(sys.argv[2]))"


class Keeper:
    """The process that forks holders, each of which mounts its own folders at `place`: one name for all, as none sees another's.

    Raises SandboxFailure where it cannot be started or is gone.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        command = [sys.executable, "-I", "-S", "-c", START, str(Path(__file__).parent), str(theirs.fileno())]
        nothing = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                command,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                cwd="/",
                env={},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            self._socket.close()
            raise SandboxFailure(f"the keeper of sandboxes cannot be started: {error}") from error
        finally:
            theirs.close()

    def holder(self, groups: Sequence[str], *, own_network: bool) -> "MountHolder":
        """A new holder, at once: it comes up on its own. Its commands are in the control groups with these files of members."""
        user = SANDBOX_UID if os.geteuid() == 0 else 0
        control, theirs = socket.socketpair()
        commands, their_commands = socket.socketpair()
        request = {"groups": list(groups), "own_network": own_network, "user": user}
        try:
            with self._lock:
                send(self._socket, request, (theirs.fileno(), their_commands.fileno()))
        except OSError as error:
            control.close()
            commands.close()
            raise SandboxFailure(f"the keeper of sandboxes is gone: {error}") from error
        finally:
            theirs.close()
            their_commands.close()
        return MountHolder(self.place, control, commands)

    def close(self) -> None:
        """Ends the process, and not the holders. Twice is fine."""
        self.forget()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def forget(self) -> None:
        """Closes what this process has of it: for a child of the one that started it."""
        self._socket.close()


class MountHolder:
    """The namespaces of one sandbox: empty until `mount`. Every method but `close` raises SandboxFailure where the holder is gone."""

    def __init__(self, place: str, control: socket.socket, commands: socket.socket) -> None:
        self.place = place
        self._control, self._commands = control, commands
        self._asking, self._starting = threading.Lock(), threading.Lock()
        self._started = 0
        self._mounted = False
        self._number = 0
        self._ended = -1

    def mount(self, plan: Sequence[Step]) -> None:
        """Carries out a plan, in place of the one before."""
        with self._asking:
            self._ask({"plan": [("clear", self.place), *plan] if self._mounted else list(plan)})
            self._mounted = True

    def wait_until_up(self) -> None:
        """Before anything else."""
        with self._asking:
            self._number = self._answer(READY_S)["number"]
            try:
                self._ended = os.pidfd_open(self._number)
            except OSError as error:
                raise SandboxFailure(f"a sandbox ended at once: {error}") from error

    def copy(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Copies folders (from, to) with the rights of who made the mounts."""
        with self._asking:
            self._ask({"copy": list(pairs)}, timeout_s=COPY_S)

    def start(self, argv: Sequence[str], descriptors: tuple[int, int, int, int]) -> int:
        """Starts bubblewrap with stdin, stdout, stderr and --json-status-fd, as the user of sandboxes. Gives a number to kill it by.

        It is over when its end of the last descriptor closes.
        """
        with self._starting:
            self._started += 1
            request = {"argv": list(argv), "command": self._started}
            try:
                send(self._commands, request, descriptors)
            except OSError:
                self._start_spawner()
                send(self._commands, request, descriptors)
            return self._started

    def _start_spawner(self) -> None:
        """Another one, where the kernel killed the first for memory."""
        ours, theirs = socket.socketpair()
        try:
            with self._asking:
                self._ask({}, (theirs.fileno(),))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._commands.close()
        self._commands = ours

    def kill(self, command: int | None = None) -> None:
        """Kills one command, or all, without waiting."""
        with contextlib.suppress(OSError), self._starting:
            send(self._commands, {"kill": command})

    def _ask(self, request: dict[str, Any], descriptors: tuple[int, ...] = (), *, timeout_s: float = READY_S) -> None:
        try:
            send(self._control, request, descriptors)
        except OSError as error:
            raise SandboxFailure(f"a sandbox is gone: {error}") from error
        self._answer(timeout_s)

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            self._control.settimeout(timeout_s)
            got = receive(self._control)
        except OSError as error:
            with contextlib.suppress(OSError):  # an answer that came later would be taken for another's
                self._control.shutdown(socket.SHUT_RDWR)
            raise SandboxFailure(f"a sandbox does not answer: {error}") from error
        if got is None:
            raise SandboxFailure("a sandbox ended on its own")
        if "failed" in got[0]:
            raise SandboxFailure(f"a sandbox failed: {got[0]['failed']}")
        return got[0]

    def folder(self, name: str) -> str:
        """`upper`, `merged`, `tmp` or `root`, as those inside the namespace call it."""
        return f"{self.place}/{name}"

    def seen_from_outside(self, name: str) -> str:
        """The same folder as this process can open it. What is in it is not to be trusted: never follow a link."""
        return f"/proc/{self._number}/root{self.place}/{name}"

    def idle_bytes(self) -> int:
        """Memory of its processes, as shares of pages that several map."""
        children = Path(f"/proc/{self._number}/task/{self._number}/children").read_text().split()
        return sum(_share(number) for number in (str(self._number), *children))

    def close(self) -> None:
        """Ends everything in the namespaces, and them. Twice is fine."""
        for each in (self._control, self._commands):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        with self._starting, self._asking:
            if self._ended >= 0:
                self._wait_for_end()
            self.forget()

    def _wait_for_end(self) -> None:
        watched = select.poll()
        watched.register(self._ended, select.POLLIN)
        if not watched.poll(END_S * 1000):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._ended, signal.SIGKILL)
            watched.poll(END_S * 1000)

    def forget(self) -> None:
        """Closes what this process has of it: for a child of the one that made it."""
        ended, self._ended = self._ended, -1
        if ended >= 0:
            os.close(ended)
        self._control.close()
        self._commands.close()


def _share(process: str) -> int:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        name, _, size = line.partition(":")
        if name == "Pss":
            return int(size.split()[0]) << 10
    return 0
