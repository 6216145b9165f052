"""Hands out holders, each with its control group. One is always coming up before it is asked for, on its own, so that nobody waits for
the kernel to make namespaces and to let a process join a group."""

import contextlib
import os
import secrets
import tempfile
import threading
from collections.abc import Callable

from envgym.sandbox.cgroup import Controllers, Group
from envgym.sandbox.mount_holder import PREFIX, Keeper, MountHolder
from envgym.sandbox.sandbox import SandboxFailure

Held = tuple[MountHolder, Group | None]


class HolderSupply:
    """Of one process. Thread-safe; its keeper is started on first use, and anew where it is gone. Raises SandboxFailure."""

    def __init__(self, controllers: Callable[[], Controllers]) -> None:
        self._controllers = controllers
        self._lock = threading.Lock()
        self._place = ""
        self._keeper: Keeper | None = None
        self._ahead: Held | None = None

    def take(self, *, own_network: bool) -> Held:
        """A holder that is up and has nothing mounted, and a group without limits."""
        with self._lock:
            ahead, self._ahead = (self._ahead, None) if own_network else (None, self._ahead)
        if ahead is not None:
            with contextlib.suppress(SandboxFailure):  # it may have been killed while nobody watched: make another
                return _up(ahead)
        with self._lock:
            fresh = self._make(own_network=own_network)
        return _up(fresh)

    def look_ahead(self) -> None:
        """Starts the next one, unless it is there. A failure is left to who takes it."""
        with self._lock, contextlib.suppress(SandboxFailure):
            if self._ahead is None:
                self._ahead = self._make(own_network=True)

    def _make(self, *, own_network: bool) -> Held:
        group = self._group()
        members = group.members if group is not None else []
        try:
            try:
                return self._running_keeper().holder(members, own_network=own_network), group
            except SandboxFailure:
                self._drop_keeper()
                return self._running_keeper().holder(members, own_network=own_network), group
        except BaseException:
            if group is not None:
                group.remove()
            raise

    def _running_keeper(self) -> Keeper:
        if self._keeper is None:
            if not self._place:
                self._place = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
                os.chmod(self._place, 0o755)
            self._keeper = Keeper(self._place)
        return self._keeper

    def _drop_keeper(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.close()

    def _group(self) -> Group | None:
        controllers = self._controllers()
        if controllers.memory is None:
            return None
        try:
            return Group(controllers, f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}")
        except OSError as error:
            raise SandboxFailure(f"no control group for a sandbox: {error}") from error

    def close(self) -> None:
        """Ends the keeper and what came up ahead. Only after all holders: to remove their folder unmounts what they have there."""
        with self._lock:
            self._drop_keeper()
            ahead, self._ahead = self._ahead, None
            place, self._place = self._place, ""
        if ahead is not None:
            give_back(ahead)
        if place:
            os.rmdir(place)

    def forget(self) -> None:
        """For a child of the process that this belongs to: gives up what is its parent's, without touching it."""
        self._lock = threading.Lock()
        if self._ahead is not None:
            self._ahead[0].forget()
        if self._keeper is not None:
            self._keeper.forget()
        self._keeper = self._ahead = None
        self._place = ""


def _up(held: Held) -> Held:
    try:
        held[0].wait_until_up()
    except BaseException:
        give_back(held)
        raise
    return held


def give_back(held: Held) -> None:
    """Ends a holder and removes its group."""
    holder, group = held
    holder.close()
    if group is not None:
        group.remove()
