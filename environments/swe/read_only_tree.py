"""A fresh sandbox in which a tree lies read-only, at a place that what runs there can neither change nor replace.

In namespaces the folder itself is shown, unless it lies deeper in /tmp: the folders above it would be the sandbox's own, to be renamed, so
then a copy lies directly under /tmp. In a container a copy belongs to user 0 and /tmp is sticky.
"""

import contextlib
import functools
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.swe.graded_tree import open_to_all
from envgym.environments.swe.task_folder import Recipe
from envgym.errors import UsageError
from envgym.sandbox.docker_sandbox import DockerSandbox
from envgym.sandbox.layers import LayerStore
from envgym.sandbox.namespace_sandbox import NamespaceSandbox
from envgym.sandbox.sandbox import Sandbox, SandboxFailure
from envgym.sandbox.spec import Limits, SandboxSpec

TEMPORARY = Path("/tmp")
NAME = "envgym-shown"
DISK_MB = 256


@dataclass(frozen=True, slots=True)
class Place:
    """A sandbox, and where in it things lie."""

    sandbox: Sandbox
    tree: str
    packages: str
    """Empty where there are none."""


@contextlib.contextmanager
def read_only_tree(
    tree: Path, packages: Path | None, recipe: Recipe, *, backend: str, store: LayerStore | None = None
) -> Iterator[Place]:
    """Raises UsageError for a tree that is no folder and for Docker without an image, SandboxFailure."""
    if not tree.is_dir():
        raise UsageError(f"{tree} is no folder with a tree to test")
    if backend == "docker" or recipe.image:
        with _container(tree, packages, recipe, store) as place:
            yield place
        return
    with contextlib.ExitStack() as stack:
        shown = stack.enter_context(_out_of_reach(tree.resolve()))
        show = (shown,) if packages is None else (shown, packages)
        spec = SandboxSpec(show=show, limits=limits(recipe))
        sandbox = stack.enter_context(NamespaceSandbox(spec, store=store))
        yield Place(sandbox, str(shown), str(packages or ""))


def limits(recipe: Recipe) -> Limits:
    return Limits(memory_mb=recipe.memory_mb, wall_s=recipe.seconds, disk_mb=min(DISK_MB, recipe.memory_mb))


@contextlib.contextmanager
def _out_of_reach(tree: Path) -> Iterator[Path]:
    if not tree.is_relative_to(TEMPORARY) or tree.parent == TEMPORARY:
        yield tree
        return
    _sweep()
    copy = Path(tempfile.mkdtemp(prefix=f"{NAME}-{os.getpid()}-", dir=TEMPORARY))
    try:
        shutil.copytree(tree, copy, symlinks=True, dirs_exist_ok=True)
        open_to_all(copy)
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


@functools.cache
def _sweep() -> None:
    """Removes copies of processes that were killed before they could."""
    for left in TEMPORARY.glob(f"{NAME}-*-*"):
        owner = left.name.removeprefix(f"{NAME}-").partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _container(tree: Path, packages: Path | None, recipe: Recipe, store: LayerStore | None) -> Iterator[Place]:
    if not recipe.image:
        raise UsageError("tests run in Docker only where the recipe names an image: recipe.image is empty")
    spec = SandboxSpec(image=recipe.image, limits=limits(recipe))
    with DockerSandbox(spec, store=store) as sandbox:
        put(sandbox, tree, "/tmp/tree")
        if packages is not None:
            put(sandbox, packages, "/tmp/packages")
        yield Place(sandbox, "/tmp/tree", "/tmp/packages" if packages is not None else "")


def put(sandbox: Sandbox, folder: Path, place: str) -> None:
    """Copies a folder into a new one that is user 0's and that others can read. Raises SandboxFailure."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, arcname=".", filter=_readable)
    script = 'mkdir -- "$1" && cd -- "$1" && tar -xf - --no-same-owner'
    done = sandbox.exec(["/bin/sh", "-c", script, "put", place], stdin=packed.getvalue(), cwd="/", user=0)
    if done.rc != 0:
        raise SandboxFailure(f"{folder.name} cannot be put into a container: {done.text.strip()[-500:]}")


def _readable(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry
