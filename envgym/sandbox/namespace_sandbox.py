"""NamespaceSandbox: bubblewrap over an overlay whose upper layer is in memory. No daemon, no image; milliseconds for everything.

Each command runs in namespaces of its own (processes, network, mounts, IPC, users): when it ends, whatever it started is dead, daemons
too. What stays between commands is the working folder and /tmp; the rest is read-only. As root, commands run as a user without rights
(`layers.SANDBOX_UID`) and inside as user 1000; limits are control groups. Without root everything happens in a user namespace, and where
no control group may be made the limits are per process: `capabilities` says how each is enforced.
Written files are in memory, so they count against `memory_mb` as well as `disk_mb`.
"""

import atexit
import contextlib
import functools
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from envgym.errors import UsageError
from envgym.sandbox.cgroup import Controllers, Group, find_controllers
from envgym.sandbox.environment import environment, in_shell
from envgym.sandbox.layers import LayerStore, default_store
from envgym.sandbox.mount_holder import PATH, MountHolder
from envgym.sandbox.overlay_changes import changes
from envgym.sandbox.process import Finished, run_process
from envgym.sandbox.root_view import host_root, is_open_to_all, own_python, root_folder
from envgym.sandbox.sandbox import Change, ExecResult, Sandbox, SandboxFailure, Snapshot
from envgym.sandbox.spec import SandboxSpec

TOOLS = {"bwrap": "bubblewrap", "unshare": "util-linux", "nsenter": "util-linux"}
NAME = "envgym-sandbox"
USER = 1000
"""Who a command is inside."""
JOIN = 'for group in $1; do echo $$ > "$group" || exit 125; done; shift; exec "$@"'
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
        _require_tools()
        _sweep()
        self.spec = spec or SandboxSpec()
        self.store = store or default_store()
        self._base = base or self._put_base()
        self._shown = _shown(self.spec)
        self._hidden = [place for place in self._shown if os.geteuid() == 0 and not is_open_to_all(place)]
        self._lock = threading.Lock()
        self._holder: MountHolder | None = None
        self._controllers = controllers()
        self._group = self._make_group()
        _not_closed.add(self)
        try:
            self._layers = self._layers_of(start)
            self._holder = self._hold()
        except BaseException:
            self.close()
            raise

    def _put_base(self) -> str:
        root, tree = self.spec.root, self.spec.tree
        if tree is None and root is not None and (root / self.spec.workdir[1:]).is_dir():
            tree = root / self.spec.workdir[1:]
        return self.store.put_or_empty(tree)

    def _make_group(self) -> Group | None:
        if self._controllers.memory is None:
            return None
        limits = self.spec.limits
        name = f"{NAME}-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            return Group(self._controllers, name, memory_mb=limits.memory_mb, processes=limits.processes)
        except OSError as error:
            raise SandboxFailure(f"no control group for a sandbox: {error}") from error

    def _hold(self) -> MountHolder:
        return MountHolder(self.store, self._layers, disk_mb=self.spec.limits.disk_mb, hidden=self._hidden)

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
            "memory": group if self._group else f"per process only: {self._controllers.why_not}",
            "processes": group if self._group else f"per user id: {self._controllers.why_not}",
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
        holder, limits = self._open(), self.spec.limits
        status, theirs = os.pipe()
        try:
            command = self._command(holder, argv, cwd=cwd, env=env or {}, user=user, status=theirs)
            killed_before = self._group.oom_kills() if self._group else 0
            done = run_process(
                command,
                stdin=stdin,
                timeout_s=limits.wall_s if timeout_s is None else timeout_s,
                output_cap=limits.output_bytes if output_cap is None else output_cap,
                env=PATH,
                cwd="/",
                pass_fds=[theirs],
            )
            os.close(theirs)
            theirs = -1
            with open(status, "rb", closefd=False) as reported:
                rc = _exit_code(reported.read())
        except OSError as error:
            raise SandboxFailure(f"a sandbox cannot run a command: {error}") from error
        finally:
            os.close(status)
            if theirs >= 0:
                os.close(theirs)
        oom = self._group is not None and self._group.oom_kills() > killed_before
        return _result(done, rc, oom)

    def _command(
        self,
        holder: MountHolder,
        argv: Sequence[str],
        *,
        cwd: str | None,
        env: Mapping[str, str],
        user: int | None,
        status: int,
    ) -> list[str]:
        number = str(USER if user is None else user)
        bwrap = ["bwrap", *self._mounts(holder)]
        bwrap += ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
        bwrap += ["--share-net"] if self.spec.network == "host" else []
        bwrap += ["--cap-drop", "ALL", "--uid", number, "--gid", number, "--hostname", "sandbox", "--clearenv"]
        for name, value in {**environment(self.spec), **env}.items():
            bwrap += ["--setenv", name, value]
        bwrap += ["--chdir", self.spec.workdir, "--json-status-fd", str(status), "--"]
        inner = in_shell(argv, cwd or ".", self.spec.limits, per_process=() if self._group else ("memory", "processes"))
        groups = " ".join(self._group.members) if self._group else ""
        return ["/bin/sh", "-c", JOIN, "join", groups, *holder.inside([*bwrap, *inner])]

    def _mounts(self, holder: MountHolder) -> list[str]:
        """Everything that a command sees; the order matters, later ones lie on top."""
        limits = self.spec.limits
        view = host_root() if self.spec.root is None else root_folder(self.spec.root, self.spec.workdir)
        view += [
            "--dev",
            "/dev",
            "--size",
            str(limits.disk_mb << 20),
            "--tmpfs",
            "/dev/shm",
            "--remount-ro",
            "/dev",
            "--proc",
            "/proc",
        ]
        view += ["--bind", holder.folder("tmp"), "/tmp"]
        for place in self._shown:
            from_where = holder.folder(f"hidden{self._hidden.index(place)}") if place in self._hidden else str(place)
            view += ["--ro-bind", from_where, str(place)]
        return [*view, "--bind", holder.folder("merged"), self.spec.workdir, "--remount-ro", "/"]

    def diff(self) -> list[Change]:
        holder = self._open()
        below = [str(self.store.path(key) / "work") for key in self._layers]
        return changes(below, holder.seen_from_outside("upper"), holder.seen_from_outside("merged"))

    def snapshot(self) -> Snapshot:
        holder = self._open()
        with self.store.draft() as draft:
            copy = 'cp -a "$1/upper" "$2/work" && cp -a "$1/tmp" "$2/tmp"'
            done = run_process(
                holder.inside(["/bin/sh", "-c", copy, "copy", holder.place, str(draft.resolve())], with_rights=True),
                timeout_s=600.0,
                output_cap=10_000,
                env=PATH,
                cwd="/",
            )
            if done.rc != 0:
                raise SandboxFailure(f"a snapshot failed: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
            key = self.store.keep(draft)
        return Snapshot(BACKEND, (*self._layers, key))

    def restore(self, snapshot: Snapshot) -> None:
        self._open()
        self._change_to(self._layers_of(snapshot))

    def reset(self) -> None:
        self._open()
        self._change_to([self._base])

    def _change_to(self, layers: list[str]) -> None:
        """Fresh mounts instead of cleaning up: the same few milliseconds however much was changed."""
        old, self._layers = self._holder, layers
        self._holder = self._hold()
        if old is not None:
            old.close()

    def fork(self) -> Self:
        return type(self)(self.spec, store=self.store, base=self._base, start=self.snapshot())

    def close(self) -> None:
        with self._lock:
            holder, self._holder = self._holder, None
            group, self._group = self._group, None
        if holder is not None:
            holder.close()
        if group is not None:
            group.remove()

    def _open(self) -> MountHolder:
        if self._holder is None:
            raise UsageError("the sandbox is closed")
        return self._holder


_not_closed: "weakref.WeakSet[NamespaceSandbox]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """A control group and a folder outlive a process that forgets them."""
    for sandbox in list(_not_closed):
        with contextlib.suppress(OSError):
            sandbox.close()


def _exit_code(status: bytes) -> int | None:
    """What bubblewrap reports once the command itself was started; None where it never was, or was killed."""
    for line in status.splitlines():
        with contextlib.suppress(ValueError):
            report = json.loads(line)
            if "exit-code" in report:
                return int(report["exit-code"])
    return None


def _result(done: Finished, rc: int | None, oom: bool) -> ExecResult:
    if rc is None:
        if not (done.timed_out or oom):
            raise SandboxFailure(
                f"a sandbox did not start its command: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}"
            )
        rc = 137
    return ExecResult(rc, done.stdout, done.stderr, done.timed_out, done.truncated, oom, done.duration_s)


def _shown(spec: SandboxSpec) -> tuple[Path, ...]:
    """Folders to show. Raises UsageError for one that is not there or in the way of the working folder."""
    wanted = (*spec.show, *(own_python() if spec.root is None else ()))
    for place in wanted:
        if not place.is_absolute() or not place.is_dir():
            raise UsageError(f"cannot show {place}: it must be an absolute path of a folder")
        if place.is_relative_to(spec.workdir) or Path(spec.workdir).is_relative_to(place):
            raise UsageError(
                f"cannot show {place}: the working folder {spec.workdir} is in its way; choose another workdir"
            )
    return wanted


def _require_tools() -> None:
    if not sys.platform.startswith("linux"):
        raise UsageError("NamespaceSandbox needs Linux; use DockerSandbox")
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH["PATH"]) is None]
    if missing:
        raise UsageError(
            f"NamespaceSandbox needs {missing[0]}: apt-get install {TOOLS[missing[0]]} (see `envgym doctor`)"
        )


@functools.cache
def controllers() -> Controllers:
    """The control groups of this machine."""
    return find_controllers()


@functools.cache
def _sweep() -> None:
    """Removes empty groups and folders of processes that were killed before they could."""
    found = controllers()
    places = {place for place in (found.memory, found.processes) if place is not None} | {Path(tempfile.gettempdir())}
    for place in places:
        for left in place.glob(f"{NAME}-*-*"):
            owner = left.name.removeprefix(f"{NAME}-").partition("-")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                with contextlib.suppress(OSError):
                    left.rmdir()
