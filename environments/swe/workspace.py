"""The place where an agent works on a task: a sandbox that starts when it is needed, and whose state travels as bytes.

A workspace is a value of an episode: pickled, it is what was written so far; restored, in this process or another one, it is a new sandbox
in that state. So an environment that holds one is restored and forked like any other. The tree that all workspaces of a task start from
lies once in a store of layers, and what differs between two of them is what each wrote.
"""

import functools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.swe.candidate import Candidate, File
from envgym.environments.swe.graded_tree import graded_tree, put
from envgym.environments.swe.one_commit import commit_all, freeze_times
from envgym.environments.swe.packages import packages_folder
from envgym.environments.swe.task_folder import TaskFolder
from envgym.sandbox.docker_sandbox import DockerSandbox
from envgym.sandbox.layer_archive import pack, unpack
from envgym.sandbox.layers import LayerStore
from envgym.sandbox.namespace_sandbox import NamespaceSandbox
from envgym.sandbox.sandbox import Sandbox, Snapshot
from envgym.sandbox.spec import Limits, SandboxSpec

DISK_MB = 512
Changes = Mapping[str, File | None]


@dataclass(frozen=True)
class Start:
    """What workspaces of a task start as. `name` tells the starts of one folder apart."""

    folder: TaskFolder
    name: str = "base"
    committed: Changes = field(default_factory=dict)
    """Over base, in the one commit."""
    uncommitted: Changes = field(default_factory=dict)
    """Over that, as if somebody were working on it."""


class Workspace:
    """One episode's sandbox. Not thread-safe; `close` gives everything back, and twice is fine."""

    def __init__(self, written: bytes = b"") -> None:
        self._written = written
        self._sandbox: NamespaceSandbox | DockerSandbox | None = None
        self._seen: bytes | None = None
        self._candidate: Candidate | None = None

    def open(self, start: Start, *, writes: bool = True) -> Sandbox:
        """The sandbox, for one use, which says whether it may write. It starts now if it does not run yet. Raises SandboxFailure."""
        if writes:
            self._seen = self._candidate = None
        if self._sandbox is None:
            store, base = _kept(start)
            self._sandbox = _sandbox(start.folder, store, base, self._written)
        return self._sandbox

    def candidate(self, start: Start) -> Candidate:
        """What was changed since the start. Raises SandboxFailure."""
        if self._sandbox is None and not self._written:
            return Candidate({})
        sandbox = self.open(start, writes=False)
        if self._candidate is None:
            self._candidate = Candidate.of_sandbox(sandbox)
        return self._candidate

    @property
    def written(self) -> bytes:
        """All that was written, as `layer_archive` packs it. Raises SandboxFailure."""
        if self._sandbox is None:
            return self._written
        if self._seen is None:
            self._seen = pack(self._sandbox.store, self._sandbox.snapshot().keys)
        return self._seen

    def close(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def __reduce__(self) -> tuple[type["Workspace"], tuple[bytes]]:
        return Workspace, (self.written,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workspace) and self.written == other.written

    __hash__ = None  # type: ignore[assignment]  # it changes


def python_environment(folder: TaskFolder, workdir: str) -> dict[str, str]:
    """Variables with which a command finds what the tests of a tree import."""
    recipe = folder.task.recipe
    places = [workdir if place == "." else f"{workdir}/{place}" for place in recipe.python_path]
    packages = packages_folder(recipe)
    return {**recipe.env, "PYTHONPATH": ":".join([*places, *([str(packages)] if packages else [])])}


def _sandbox(folder: TaskFolder, store: LayerStore, base: str, written: bytes) -> NamespaceSandbox | DockerSandbox:
    recipe = folder.task.recipe
    packages = packages_folder(recipe)
    limits = Limits(memory_mb=max(DISK_MB, recipe.memory_mb), disk_mb=DISK_MB, wall_s=recipe.seconds)
    kind: Any = DockerSandbox if recipe.image else NamespaceSandbox
    backend = "docker" if recipe.image else "namespaces"
    spec = SandboxSpec(image=recipe.image, show=(packages,) if packages is not None else (), limits=limits)
    start = Snapshot(backend, (base, unpack(store, written))) if written else None
    made: NamespaceSandbox | DockerSandbox = kind(spec, store=store, base=base, start=start)
    return made


_lock = threading.Lock()
_bases: dict[tuple[str, str], str] = {}


@functools.cache
def _store() -> LayerStore:
    return LayerStore()


def _kept(start: Start) -> tuple[LayerStore, str]:
    """The store, and the key of the layer that workspaces of `start` begin with; made on first use."""
    with _lock:
        if not _store().folder.is_dir():  # somebody cleaned the temporary folder
            _store.cache_clear()
            _bases.clear()
        store, name = _store(), (start.folder.digest, start.name)
        if name not in _bases:
            with graded_tree(start.folder, start.committed, hidden=False) as tree:
                commit_all(tree)
                for path, file in start.uncommitted.items():
                    put(tree, path, file)
                freeze_times(tree)
                _bases[name] = store.put(tree)
        return store, _bases[name]
