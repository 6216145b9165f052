"""What a Harbor task is played in: made once in a process for each task, then shared by all its episodes and by its verifier."""

import functools
import io
import logging
import shutil
import tarfile
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from envgym.environments.harbor.image_build import connected, image_of, workdir_of
from envgym.environments.harbor.task_file import HarborFolder
from envgym.environments.harbor.tree_build import build_tree
from envgym.environments.swe.graded_tree import open_to_all
from envgym.environments.swe.one_commit import freeze_times
from envgym.environments.swe.workspace import Workspace
from envgym.sandbox.docker_sandbox import DockerSandbox
from envgym.sandbox.layer_archive import unpack
from envgym.sandbox.layers import LayerStore
from envgym.sandbox.namespace_sandbox import NamespaceSandbox
from envgym.sandbox.sandbox import Sandbox, Snapshot
from envgym.sandbox.spec import Limits, SandboxSpec

log = logging.getLogger(__name__)
Backend = Literal["docker", "namespaces"]
MAX_DISK_MB = 1024
TESTS, LOGS = "/tests", "/logs/verifier"


@dataclass(frozen=True)
class World:
    """The spec that sandboxes of a task start from, and the layers of its working folder and of its tests."""

    backend: Backend
    store: LayerStore
    spec: SandboxSpec
    base: str
    tests: str

    def start(self, written: bytes = b"") -> NamespaceSandbox | DockerSandbox:
        """A sandbox for the agent, in the state that was written. Raises SandboxFailure."""
        return self._started(self.spec, written)

    def for_verifier(self, written: bytes) -> NamespaceSandbox | DockerSandbox:
        """A fresh sandbox with what was written to the working folder, and nothing else that an agent left; with the tests, and an empty
        folder for the reward. Raises SandboxFailure."""
        tests = self.store.path(self.tests) / "work"
        placed = {**self.spec.placed, TESTS: tests}
        return self._started(self.spec.model_copy(update={"placed": placed, "scratch": (LOGS,)}), written)

    def _started(self, spec: SandboxSpec, written: bytes) -> NamespaceSandbox | DockerSandbox:
        kind: Any = DockerSandbox if self.backend == "docker" else NamespaceSandbox
        start = Snapshot(self.backend, (self.base, unpack(self.store, written))) if written else None
        made: NamespaceSandbox | DockerSandbox = kind(spec, store=self.store, base=self.base, start=start)
        return made


class WorkingFolder(Workspace):
    """One episode's sandbox, as `Workspace` is, of a Harbor task."""

    def open_in(self, world: World, *, writes: bool = True) -> Sandbox:
        """The sandbox, for one use, which says whether it may write. Raises SandboxFailure."""
        if writes:
            self._seen = None
        if self._sandbox is None:
            self._sandbox = world.start(self._written)
        return self._sandbox

    def __reduce__(self) -> tuple[type[Workspace], tuple[bytes]]:
        return WorkingFolder, (self.written,)


def working_folder_only(written: bytes) -> bytes:
    """What was written without /tmp: the home of whoever runs there, where programs look for settings and modules."""
    if not written:
        return b""
    kept = io.BytesIO()
    count = 0
    with (
        tarfile.open(fileobj=io.BytesIO(written), mode="r:", errors="surrogateescape") as archive,
        tarfile.open(fileobj=kept, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as copy,
    ):
        for entry in archive:
            if entry.name == "tmp" or entry.name.startswith("tmp/"):
                continue
            count += entry.name != "work"
            copy.addfile(entry, archive.extractfile(entry) if entry.isreg() else None)
    return kept.getvalue() if count else b""


_lock = threading.Lock()
_worlds: dict[tuple[str, str, str, str], World] = {}


@functools.cache
def _store() -> LayerStore:
    return LayerStore()


def world_of(folder: HarborFolder, *, backend: Backend, root: str = "", image: str = "") -> World:
    """The world of a task; made on first use. Raises UsageError where it cannot be built, SandboxFailure."""
    name = (folder.digest, backend, root, image)
    with _lock:
        if not _store().folder.is_dir():  # somebody cleaned the temporary folder
            _store.cache_clear()
            _worlds.clear()
        if name not in _worlds:
            make = _in_docker if backend == "docker" else _in_namespaces
            _worlds[name] = make(folder, _store(), root, image)
        return _worlds[name]


def _limits(folder: HarborFolder) -> Limits:
    task = folder.task
    storage = task.environment.storage_mb or task.environment.storage or MAX_DISK_MB
    return Limits(
        memory_mb=task.memory_mb,
        disk_mb=min(storage, MAX_DISK_MB, task.memory_mb),
        wall_s=task.agent.timeout_sec or 600.0,
    )


def _in_docker(folder: HarborFolder, store: LayerStore, root: str, image: str) -> World:
    client = connected()
    try:
        found = image_of(folder, client, wanted=image)
        spec = SandboxSpec(
            image=found,
            workdir=workdir_of(client, found),
            env=_environment(client, found) | folder.task.environment.env,
            limits=_limits(folder),
        )
        with DockerSandbox(spec, client=client, store=store) as sandbox:
            base = sandbox.snapshot().keys[0]
    finally:
        client.close()
    return World("docker", store, spec, base, _tests(folder, store))


def _environment(client: Any, image: str) -> dict[str, str]:
    """What an image sets; HOME stays the sandbox's own."""
    pairs = (entry.partition("=") for entry in client.images.get(image).attrs["Config"].get("Env") or [])
    return {name: value for name, _, value in pairs if name != "HOME"}


def _in_namespaces(folder: HarborFolder, store: LayerStore, root: str, image: str) -> World:
    below = Path(root).expanduser().absolute() if root else None
    log.info("%s: FROM is not looked at; programs are those of %s", folder.path.name, root or "this machine")
    with tempfile.TemporaryDirectory(prefix="envgym-harbor-") as place:
        built = build_tree(folder, Path(place) / "built", below)
        open_to_all(built.tree)
        freeze_times(built.tree)
        base = store.put(built.tree)
        outside = {where: store.path(_kept(source, store)) / "work" for where, source in built.placed.items()}
    spec = SandboxSpec(
        root=below,
        workdir=built.workdir,
        env=built.env | folder.task.environment.env,
        placed=outside,
        limits=_limits(folder),
    )
    return World("namespaces", store, spec, base, _tests(folder, store))


def _tests(folder: HarborFolder, store: LayerStore) -> str:
    return _kept(folder.tests, store)


def _kept(source: Path, store: LayerStore) -> str:
    """The key of a folder that any user may read."""
    with tempfile.TemporaryDirectory(prefix="envgym-harbor-") as place:
        copy = Path(place) / "copy"
        shutil.copytree(source, copy, symlinks=True)
        open_to_all(copy)
        freeze_times(copy)
        return store.put(copy)
