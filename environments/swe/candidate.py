"""A candidate: what somebody changed in the tree of a task, as content by path. It is not to be trusted in any way.

However it comes (a working copy that an agent left behind, a patch, a sandbox that still runs), the same files give the same candidate.
Links are kept as links and never followed; what is neither a file nor a link does not count.
"""

import functools
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from envgym.errors import UsageError
from envgym.sandbox.sandbox import FileRefused, Sandbox

MAX_BYTES = 16 << 20
"""Of one changed file, and of a patch."""
MAX_TOTAL = 64 << 20
"""Of all changed files together; what comes after is taken as too large to be read."""
MAX_CHANGES = 5_000
MAX_PATH = 1_000
"""Bytes of a path: longer ones could not be written below a folder of ours."""
NOT_LOOKED_AT = {".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
APPLY_S = 60


class PatchRejected(Exception):
    """A patch does not apply; the message says where. The fault of who wrote it."""


@dataclass(frozen=True, slots=True)
class File:
    """What is at a path: bytes of a file, or the target of a link. `content` is None where the file is too large to be read."""

    content: bytes | None
    link: bool = False
    executable: bool = False


@dataclass(frozen=True)
class Candidate:
    """Changed paths, relative to the tree; None where a file was deleted."""

    changes: Mapping[str, File | None]
    unread: str = ""
    """Why not everything that was changed is here; empty where it is."""

    @functools.cached_property
    def digest(self) -> str:
        """sha256 over what was changed."""
        digest = hashlib.sha256(self.unread.encode())
        for path in sorted(self.changes):
            file = self.changes[path]
            digest.update(repr(path).encode("utf-8", "surrogateescape"))
            digest.update(repr(file and (file.link, file.executable, file.content is None)).encode())
            digest.update(hashlib.sha256(file.content or b"" if file else b"").digest())
        return digest.hexdigest()

    @classmethod
    def of_tree(cls, base: Path, tree: Path) -> "Candidate":
        """What `tree`, a full working copy, has otherwise than `base`. Raises UsageError where it is no folder."""
        if not tree.is_dir():
            raise UsageError(f"{tree} is no folder with a candidate's working copy")
        before, after = _files(base), _files(tree)
        changes: dict[str, File | None] = dict.fromkeys(before.keys() - after.keys())
        left = MAX_TOTAL
        for path, about in sorted(after.items()):
            if path not in before or not _same(base / path, before[path], tree / path, about):
                file = _read(tree / path, about) if len(changes) <= MAX_CHANGES else File(None)
                changes[path], left = _within(left, file)
        return cls(*_bounded(changes))

    @classmethod
    def of_patch(cls, base: Path, text: str) -> "Candidate":
        """What a unified diff makes of `base`. Raises PatchRejected, and UsageError where git is missing."""
        if not text.strip():
            return cls({})
        if len(text) > MAX_BYTES:
            raise PatchRejected(f"the patch holds {len(text):,} characters; at most {MAX_BYTES:,} are read")
        if text.count("diff --git ") > MAX_CHANGES:  # a few words make a copy of a file
            raise PatchRejected(f"the patch changes more than {MAX_CHANGES:,} files")
        with tempfile.TemporaryDirectory(prefix="envgym-candidate-") as place:
            tree = Path(place) / "tree"
            shutil.copytree(base, tree, symlinks=True)
            apply_patch(tree, text)
            return cls.of_tree(base, tree)

    @classmethod
    def of_sandbox(cls, sandbox: Sandbox) -> "Candidate":
        """What was changed in the working folder of a sandbox that was made from base. Raises SandboxFailure."""
        changes: dict[str, File | None] = {}
        listed = [change for change in sandbox.diff() if _looked_at(change.path)]
        if len(listed) > MAX_CHANGES:
            return cls(*_bounded(dict.fromkeys(change.path for change in listed)))
        left = MAX_TOTAL
        for change in sorted(listed, key=lambda change: change.path):
            file = None if change.kind == "deleted" else _read_in(sandbox, change.path)
            changes[change.path], left = _within(left, file)
        return cls(*_bounded(changes))


def apply_patch(tree: Path, text: str) -> None:
    """Applies a patch to a folder that is ours to change. Raises PatchRejected; git itself keeps it inside the folder."""
    if shutil.which("git") is None:
        raise UsageError("a patch is applied by git, which is not there: apt-get install git")
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", LIMITED, "apply", "git", "apply", "--whitespace=nowarn", "--recount", "-"],
            cwd=tree,
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=APPLY_S,
            env={"PATH": os.environ.get("PATH", os.defpath), "GIT_CEILING_DIRECTORIES": str(tree.parent), **ISOLATED},
            check=False,
        )
    except UnicodeEncodeError as error:
        raise PatchRejected(f"the patch holds what is no text: {error}") from None
    except subprocess.TimeoutExpired:
        raise PatchRejected(f"the patch could not be applied within {APPLY_S} s") from None
    if done.returncode != 0:
        raise PatchRejected(done.stderr.decode("utf-8", "replace").strip()[:1000] or "git apply refuses the patch")


APPLY_BYTES = 512 << 20
LIMITED = f'ulimit -v {APPLY_BYTES >> 10} && exec "$@"'
"""Memory of git: some kilobytes of a binary patch may ask for gigabytes."""
ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""Environment of git: nobody's settings."""


def _looked_at(path: str) -> bool:
    return NOT_LOOKED_AT.isdisjoint(path.split("/")) and len(os.fsencode(path)) <= MAX_PATH


def _files(folder: Path) -> dict[str, os.stat_result]:
    """Files and links below a folder."""
    found = {}
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        folders[:] = [name for name in folders if name not in NOT_LOOKED_AT]
        for name in (*files, *links):
            relative = os.path.relpath(os.path.join(place, name), folder)
            if not _looked_at(relative):
                continue
            about = os.lstat(os.path.join(place, name))
            if stat.S_ISREG(about.st_mode) or stat.S_ISLNK(about.st_mode):
                found[relative] = about
    return found


def _same(before: Path, was: os.stat_result, after: Path, now: os.stat_result) -> bool:
    if stat.S_IFMT(was.st_mode) != stat.S_IFMT(now.st_mode) or was.st_size != now.st_size:
        return False
    if bool(was.st_mode & 0o100) != bool(now.st_mode & 0o100) and not stat.S_ISLNK(now.st_mode):
        return False
    return _read(before, was) == _read(after, now)


def _read(path: Path, about: os.stat_result) -> File:
    if stat.S_ISLNK(about.st_mode):
        return File(os.fsencode(os.readlink(path)), link=True)
    executable = bool(about.st_mode & 0o100)
    if about.st_size > MAX_BYTES:
        return File(None, executable=executable)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return File(None, executable=executable)
    with open(descriptor, "rb") as file:
        return File(file.read(MAX_BYTES + 1), executable=executable)


def _read_in(sandbox: Sandbox, path: str) -> File:
    about = sandbox.exec(["stat", "--format=%f %s", "--", f"./{path}"])
    mode_text, _, size = about.stdout.decode("ascii", "replace").strip().partition(" ")
    if about.rc != 0 or not size.isdigit():
        return File(None)
    mode = int(mode_text, 16)
    if stat.S_ISLNK(mode):
        return File(sandbox.exec(["readlink", "-n", "--", f"./{path}"]).stdout, link=True)
    executable = bool(mode & 0o100)
    if not stat.S_ISREG(mode) or int(size) > MAX_BYTES:
        return File(None, executable=executable)
    try:
        return File(sandbox.read(path), executable=executable)
    except FileRefused:
        return File(None, executable=executable)


def _within(left: int, file: File | None) -> tuple[File | None, int]:
    """The file, without its content where that is more than what is left, and what is left after it."""
    size = len(file.content or b"") if file else 0
    if file is None or size <= left:
        return file, left - size
    return File(None, link=file.link, executable=file.executable), left


def _bounded(changes: dict[str, File | None]) -> tuple[dict[str, File | None], str]:
    if len(changes) <= MAX_CHANGES:
        return changes, ""
    return {}, f"{len(changes):,} files were changed; at most {MAX_CHANGES:,} are looked at"
