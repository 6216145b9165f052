"""NamespaceSandbox: bubblewrap over an overlay whose upper layer is in memory. No daemon, no image; milliseconds for everything.

Each command runs in namespaces of its own (processes, mounts, IPC, users): when it ends, whatever it started is dead, daemons too. What
stays between commands is the working folder and /tmp; the rest is read-only. The network, a loopback alone, is the sandbox's. As root,
commands run as a user without rights (`layers.SANDBOX_UID`) and inside as user 1000; limits are control groups. Without root everything
happens in a user namespace, and where no control group may be made the limits are per process: `capabilities` says how each is enforced.
Written files are in memory, so they count against `memory_mb` as well as `disk_mb`.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from envgym.errors import UsageError
from envgym.sandbox.cgroup import Controllers, find_controllers
from envgym.sandbox.environment import environment, in_shell
from envgym.sandbox.held_command import Ended, run_held
from envgym.sandbox.holder_supply import Held, HolderSupply, give_back
from envgym.sandbox.keeper.spawner import ENVIRONMENT
from envgym.sandbox.layers import SANDBOX_UID, LayerStore, default_store
from envgym.sandbox.mount_holder import PREFIX, MountHolder
from envgym.sandbox.mount_plan import Step, layers_plan, view_plan
from envgym.sandbox.overlay_changes import changes
from envgym.sandbox.root_view import LINKED, OWN, host_root, own_package, own_python, root_folder
from envgym.sandbox.sandbox import Change, ExecResult, Sandbox, SandboxFailure, Snapshot
from envgym.sandbox.spec import SandboxSpec

USER = 1000
"""Who a command is inside."""
BACKEND = "namespaces"


class NamespaceSandbox(Sandbox):
    """A sandbox of `spec`. `base` is the key of a layer in `store` that stands for spec.tree where many sandboxes start from one tree.

    Raises UsageError where the machine lacks a program or the spec asks for what cannot be, SandboxFailure where it does not come up.
    """

    def __init__(
        self,
        spec: SandboxSpec | None = None,
        *,
        store: LayerStore | None = None,
        base: str = "",
        start: Snapshot | None = None,
    ) -> None:
        self._bwrap = _bwrap()
        _sweep()
        self.spec = spec or SandboxSpec()
        self.store = store or default_store()
        self._base = base or self._put_base()
        self._shown = _shown(self.spec)
        self._layers = self._layers_of(start)
        self._view = host_root() if self.spec.root is None else root_folder(self.spec.root, self.spec.workdir)
        self._hidden = own_package(self._view, self._shown)
        self._lock = threading.Lock()
        self._controllers = controllers()
        self._held: Held | None = SUPPLY.take(own_network=self.spec.network == "none")
        _not_closed.add(self)
        try:
            self._limit()
            self._mount()
        except BaseException:
            self.close()
            raise
        SUPPLY.look_ahead()

    def _put_base(self) -> str:
        root, tree = self.spec.root, self.spec.tree
        if tree is None and root is not None and (root / self.spec.workdir[1:]).is_dir():
            tree = root / self.spec.workdir[1:]
        return self.store.put_or_empty(tree)

    def _limit(self) -> None:
        """A holder's own process that starts commands counts as one of them."""
        limits, (_, group) = self.spec.limits, self._open()
        if group is None:
            return
        try:
            group.limit(memory_mb=limits.memory_mb, processes=limits.processes + 1)
        except OSError as error:
            raise SandboxFailure(f"the limits of a sandbox cannot be set: {error}") from error

    def _mount(self) -> None:
        holder = self._holder
        holder.mount(self._plan(holder.place))
        tmp = self.store.path(self._layers[-1]) / "tmp"
        if any(tmp.iterdir()):
            holder.copy([(f"{tmp.resolve()}/.", f"{holder.folder('tmp')}/")])

    def _plan(self, place: str) -> list[Step]:
        rootless = os.geteuid() != 0
        layers = layers_plan(
            place,
            str(self.store.folder.resolve()),
            self._layers,
            disk_mb=self.spec.limits.disk_mb,
            owner=0 if rootless else SANDBOX_UID,
            further=len(self.spec.scratch),
            in_user_namespace=rootless,
        )
        return [*layers, *view_plan(place, self._view, self._shown, self.spec.workdir, self.spec.scratch, self._hidden)]

    def _layers_of(self, snapshot: Snapshot | None) -> list[str]:
        if snapshot is None:
            return [self._base]
        if snapshot.backend != BACKEND or snapshot.keys[:1] != (self._base,):
            raise UsageError("a snapshot fits sandboxes of the same backend and the same tree only")
        return list(snapshot.keys)

    @property
    def capabilities(self) -> Mapping[str, str]:
        group = f"control groups, version {self._controllers.version}"
        return {
            "memory": group if self._has_groups else f"per process only: {self._controllers.why_not}",
            "processes": group if self._has_groups else f"per user id: {self._controllers.why_not}",
            "disk": "size of a file system in memory",
            "network": "namespace without interfaces" if self.spec.network == "none" else "the machine's own",
            "files": "read-only mounts; user without rights" if os.geteuid() == 0 else "read-only mounts; our own user",
            "snapshot": "content-addressed layers",
        }

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout_s: float | None = None,
        output_cap: int | None = None,
        user: int | None = None,
    ) -> ExecResult:
        (holder, group), limits = self._open(), self.spec.limits
        killed_before = group.oom_kills() if group else 0
        try:
            done = run_held(
                holder,
                self._command(holder.folder("root"), argv, cwd=cwd, env=env or {}, user=user),
                stdin=stdin,
                timeout_s=limits.wall_s if timeout_s is None else timeout_s,
                output_cap=limits.output_bytes if output_cap is None else output_cap,
            )
        except OSError as error:
            raise SandboxFailure(f"a sandbox cannot run a command: {error}") from error
        return _result(done, oom=group is not None and group.oom_kills() > killed_before)

    def _command(
        self, root: str, argv: Sequence[str], *, cwd: str | None, env: Mapping[str, str], user: int | None
    ) -> list[str]:
        number, limits = str(USER if user is None else user), self.spec.limits
        bwrap = [self._bwrap, "--dev-bind", root, "/"]
        bwrap += ["--size", str(limits.disk_mb << 20), "--tmpfs", "/dev/shm", "--proc", "/proc"]
        bwrap += ["--unshare-all", "--share-net"]  # the holder's, which is empty unless the spec asks for the machine's
        bwrap += ["--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
        bwrap += ["--cap-drop", "ALL", "--uid", number, "--gid", number, "--hostname", "sandbox", "--clearenv"]
        for name, value in {**environment(self.spec), **env}.items():
            bwrap += ["--setenv", name, value]
        bwrap += ["--chdir", self.spec.workdir, "--"]
        per_process = () if self._has_groups else ("memory", "processes")
        return [*bwrap, *in_shell(argv, cwd or ".", limits, per_process=per_process)]

    def idle_bytes(self) -> int:
        """Memory of the processes behind it, while no command runs: their share of pages that several map."""
        return self._holder.idle_bytes()

    def diff(self) -> list[Change]:
        holder = self._holder
        below = [str(self.store.path(key) / "work") for key in self._layers]
        return changes(below, holder.seen_from_outside("upper"), holder.seen_from_outside("merged"))

    def snapshot(self) -> Snapshot:
        holder = self._holder
        with self.store.draft() as draft:
            place = draft.resolve()
            holder.copy([(holder.folder("upper"), f"{place}/work"), (holder.folder("tmp"), f"{place}/tmp")])
            self._without_mount_points(place / "tmp")
            key = self.store.keep(draft)
        return Snapshot(BACKEND, (*self._layers, key))

    def _without_mount_points(self, tmp: Path) -> None:
        """Takes out the empty folders over which something of this machine's /tmp is shown: they are no part of the state."""
        for where in self._shown:
            for folder in (Path(where), *Path(where).parents):
                if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                    with contextlib.suppress(OSError):  # not empty, or of another's making
                        (tmp / folder.relative_to("/tmp")).rmdir()

    def restore(self, snapshot: Snapshot) -> None:
        self._change_to(self._layers_of(snapshot))

    def reset(self) -> None:
        self._change_to([self._base])

    def _change_to(self, layers: list[str]) -> None:
        """Fresh mounts instead of cleaning up: the same few milliseconds however much was changed."""
        self._holder.kill()
        self._layers = layers
        self._mount()

    def fork(self) -> Self:
        return type(self)(self.spec, store=self.store, base=self._base, start=self.snapshot())

    def close(self) -> None:
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            give_back(held)

    def _open(self) -> Held:
        held = self._held
        if held is None:
            raise UsageError("the sandbox is closed")
        return held

    @property
    def _holder(self) -> MountHolder:
        return self._open()[0]

    @property
    def _has_groups(self) -> bool:
        return self._controllers.memory is not None

    def _forget(self) -> None:
        """In a child of the process that made it, it is closed, and what belongs to the parent stays."""
        held, self._held = self._held, None
        if held is not None:
            held[0].forget()


@functools.cache
def controllers() -> Controllers:
    """The control groups of this machine."""
    return find_controllers()


SUPPLY = HolderSupply(controllers)
_not_closed: "weakref.WeakSet[NamespaceSandbox]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """A control group and a folder outlive a process that forgets them."""
    for sandbox in list(_not_closed):
        with contextlib.suppress(OSError):
            sandbox.close()
    with contextlib.suppress(OSError):
        SUPPLY.close()


def _forget_all() -> None:
    for sandbox in list(_not_closed):
        sandbox._forget()
    _not_closed.clear()
    SUPPLY.forget()


os.register_at_fork(after_in_child=_forget_all)


def _exit_code(status: bytes) -> int | None:
    """What bubblewrap reports once the command itself was started; None where it never was, or was killed."""
    for line in status.splitlines():
        with contextlib.suppress(ValueError):
            report = json.loads(line)
            if "exit-code" in report:
                return int(report["exit-code"])
    return None


def _result(done: Ended, *, oom: bool) -> ExecResult:
    rc = _exit_code(done.status)
    if rc is None:
        if not (done.timed_out or oom):
            raise SandboxFailure(
                f"a sandbox did not start its command: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}"
            )
        rc = 137
    return ExecResult(rc, done.stdout, done.stderr, done.timed_out, done.truncated, oom, done.duration_s)


def _shown(spec: SandboxSpec) -> dict[str, Path]:
    """Folders to show, by where. Raises UsageError for one that is not there or in the way of another place."""
    wanted = (*spec.show, *(own_python() if spec.root is None else ()))
    shown = {**{str(folder): folder for folder in wanted}, **spec.placed}
    for folder in shown.values():
        if not folder.is_absolute() or not folder.is_dir():
            raise UsageError(f"cannot show {folder}: it must be an absolute path of a folder")
    places = [*shown, *spec.scratch]
    for place in places:
        if _overlap(place, spec.workdir):
            raise UsageError(
                f"cannot show {place}: the working folder {spec.workdir} is in its way; choose another workdir"
            )
    for place in (*spec.placed, *spec.scratch):
        _check_free(place, [*places, *(f"/{top}" for top in OWN)], spec.root)
    return shown


def _check_free(place: str, places: Sequence[str], root: Path | None) -> None:
    """Raises UsageError where a place of the spec's own choice is taken."""
    taken = next((other for other in places if other != place and _overlap(place, other)), None)
    if taken is None and places.count(place) > 1:
        taken = place
    if taken is not None:
        raise UsageError(f"cannot make {place} in a sandbox: {taken} is in its way")
    below = Path("/") if root is None else root
    if (below / place.split("/")[1]).exists() and not (below / place[1:]).is_dir() and (root or _is_seen(place)):
        raise UsageError(f"cannot make {place} in a sandbox: what is there is read-only; choose another place")


def _is_seen(place: str) -> bool:
    """Whether this machine's own folder of that name is part of a sandbox without a root filesystem."""
    return place.split("/")[1] in ("usr", "etc", *LINKED)


def _overlap(one: str, other: str) -> bool:
    return Path(one).is_relative_to(other) or Path(other).is_relative_to(one)


def _bwrap() -> str:
    if not sys.platform.startswith("linux"):
        raise UsageError("NamespaceSandbox needs Linux; use DockerSandbox")
    found = shutil.which("bwrap", path=ENVIRONMENT["PATH"])
    if found is None:
        raise UsageError("NamespaceSandbox needs bwrap: apt-get install bubblewrap (see `envgym doctor`)")
    return found


@functools.cache
def _sweep() -> None:
    """Removes empty groups and folders of processes that were killed before they could."""
    found = controllers()
    places = {place for place in (found.memory, found.processes) if place is not None} | {Path(tempfile.gettempdir())}
    for place in places:
        for left in place.glob(f"{PREFIX}*-*"):
            owner = left.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                with contextlib.suppress(OSError):
                    left.rmdir()
