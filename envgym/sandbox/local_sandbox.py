"""LocalSandbox: a temporary folder and limits per process, for trusted code only.

It keeps nothing in: commands run as our user, see the whole machine and its network, and a daemon that leaves its process group lives on.
It is for tests of tools and for machines that have neither namespaces nor Docker, and it has to be asked for by name:
`LocalSandbox(spec, trusted=True)`. The working folder is a temporary one, whatever spec.workdir says; /tmp is the machine's own.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from envgym.errors import UsageError
from envgym.sandbox.environment import environment, in_shell
from envgym.sandbox.layers import LayerStore, default_store
from envgym.sandbox.overlay_changes import changes
from envgym.sandbox.process import kill_group, run_process
from envgym.sandbox.sandbox import Change, ExecResult, Sandbox, SandboxFailure, Snapshot
from envgym.sandbox.spec import SandboxSpec

BACKEND = "local"


class LocalSandbox(Sandbox):
    """Raises UsageError unless it is told that what will run is trusted."""

    def __init__(
        self,
        spec: SandboxSpec | None = None,
        *,
        trusted: bool = False,
        store: LayerStore | None = None,
        base: str = "",
        start: Snapshot | None = None,
    ) -> None:
        if not trusted:
            raise UsageError(
                "LocalSandbox keeps nothing in: use NamespaceSandbox or DockerSandbox for what an agent writes, or say trusted=True "
                "for code of your own"
            )
        self.spec = spec or SandboxSpec()
        if self.spec.root is not None:
            raise UsageError("LocalSandbox has no root filesystem of its own; use NamespaceSandbox")
        self.store = store or default_store()
        self._base = base or self.store.put_or_empty(self.spec.tree)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._place: Path | None = Path(tempfile.mkdtemp(prefix="envgym-local-"))
        self._fill(start.keys[-1] if start is not None else self._base)

    @property
    def capabilities(self) -> Mapping[str, str]:
        return {"memory": "per process only (ulimit)", "snapshot": "copies"}

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
        if user is not None:
            raise UsageError("LocalSandbox runs everything as our own user")
        limits, place = self.spec.limits, self._open()
        try:
            done = run_process(
                in_shell(argv, cwd or ".", limits, per_process=("memory",)),
                stdin=stdin,
                timeout_s=limits.wall_s if timeout_s is None else timeout_s,
                output_cap=limits.output_bytes if output_cap is None else output_cap,
                env={**environment(self.spec), **(env or {})},
                cwd=str(place),
                running=self._running,
            )
        except OSError as error:
            raise SandboxFailure(f"a command cannot be run: {error}") from error
        rc = 137 if done.timed_out else 128 - done.rc if done.rc < 0 else done.rc
        return ExecResult(
            rc, done.stdout, done.stderr, done.timed_out, done.truncated, oom=False, duration_s=done.duration_s
        )

    def diff(self) -> list[Change]:
        base = str(self.store.path(self._base) / "work")
        return changes([base, base], str(self._open()), str(self._open()))

    def snapshot(self) -> Snapshot:
        with self.store.draft() as draft:
            shutil.copytree(self._open(), draft / "work", symlinks=True)
            return Snapshot(BACKEND, (self._base, self.store.keep(draft)))

    def restore(self, snapshot: Snapshot) -> None:
        self._open()
        if snapshot.backend != BACKEND or snapshot.keys[0] != self._base:
            raise UsageError("a snapshot fits sandboxes of the same backend and the same tree only")
        self._fill(snapshot.keys[-1])

    def reset(self) -> None:
        self._open()
        self._fill(self._base)

    def fork(self) -> Self:
        return type(self)(self.spec, trusted=True, store=self.store, base=self._base, start=self.snapshot())

    def close(self) -> None:
        for process in tuple(self._running):
            kill_group(process)
        place, self._place = self._place, None
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)

    def _open(self) -> Path:
        if self._place is None:
            raise UsageError("the sandbox is closed")
        return self._place

    def _fill(self, key: str) -> None:
        place = self._open()
        shutil.rmtree(place)
        shutil.copytree(self.store.path(key) / "work", place, symlinks=True)
        os.chmod(place, 0o755)
