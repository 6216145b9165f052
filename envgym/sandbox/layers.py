"""A store of layers: folders of files by the hash of their content, laid over each other by the sandboxes that share them.

A layer is `work` (what the working folder gets) and `tmp` (what /tmp gets). It is written once, by renaming a finished folder into
place, and never changes; the members of a GRPO group, or of many, start from the same one. Layers that sandboxes leave behind hold
overlayfs' own marks: a character device 0/0 where a file was deleted, an `overlay.opaque` attribute on a folder that was replaced. They
count as content.
"""

import contextlib
import functools
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from envgym.errors import UsageError

SANDBOX_UID = 60_000
"""The user of this machine, with no rights, that sandboxes of root run as: between the dynamic users and those of containers."""
OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque")
COPY_CHUNK = 1 << 20
LARGE_HOLES = 256 << 20


class LayerStore:
    """Layers under `folder`; without one, in a temporary folder that goes with the process or with `close`.

    Several processes may share a folder. Thread-safe.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="envgym-layers-") if folder is None else None
        self.folder = Path(self._temporary.name) if self._temporary is not None else Path(str(folder))
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Where a layer lies. Raises UsageError where the store does not have it."""
        place = self.folder / key
        if not place.is_dir():
            raise UsageError(
                f"no layer {key[:16]} in {self.folder}; snapshots live in the store that they were made in"
            )
        return place

    def put(self, tree: Path) -> str:
        """The key of a layer with a copy of `tree`, its links and modes. Raises UsageError where it cannot be read."""
        if not tree.is_dir():
            raise UsageError(f"{tree} is no folder")
        with self.draft() as draft:
            try:
                shutil.copytree(tree, draft / "work", symlinks=True, ignore=_special)
            except (OSError, shutil.Error) as error:
                raise UsageError(f"cannot copy {tree}: {str(error)[:300]}") from error
            if os.geteuid() == 0:
                give_away(draft / "work")
            return self.keep(draft)

    def put_or_empty(self, tree: Path | None) -> str:
        """`put`, or the key of an empty layer."""
        if tree is not None:
            return self.put(tree)
        with self.draft() as draft:
            return self.keep(draft)

    @contextlib.contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder of the store for a layer in the making; what was not kept is removed."""
        place = Path(tempfile.mkdtemp(prefix="draft-", dir=self.folder))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def keep(self, draft: Path) -> str:
        """Takes a draft over as a layer and returns its key; one that is there already stays."""
        for part in ("work", "tmp"):
            (draft / part).mkdir(exist_ok=True)
        key = content_key(draft)
        with contextlib.suppress(OSError):  # it is there already: rename refuses a folder that is not empty
            os.rename(draft, self.folder / key)
        return key

    def close(self) -> None:
        """Removes a temporary store."""
        if self._temporary is not None:
            self._temporary.cleanup()


def default_store() -> LayerStore:
    """The store of sandboxes that were given none; it goes with the process."""
    with _making_store:
        return _made_store()


_making_store = threading.Lock()
"""Or two first sandboxes would make one each, and the one that is forgotten would be removed under its sandboxes."""


@functools.cache
def _made_store() -> LayerStore:
    return LayerStore()


def content_key(folder: Path) -> str:
    """sha256 of all that a folder holds: names, kinds, modes, content, link targets, overlay marks. Owners and times do not count."""
    digest = sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = os.path.join(place, name)
            about = os.lstat(path)
            digest.update(
                f"{os.path.relpath(path, folder)!r} {about.st_mode:o} {is_opaque(path):d} ".encode(
                    "utf-8", "surrogateescape"
                )
            )
            if stat.S_ISLNK(about.st_mode):
                digest.update(os.readlink(path).encode("utf-8", "surrogateescape"))
            elif stat.S_ISREG(about.st_mode):
                digest.update(file_hash(path))
            digest.update(b"\n")
    return digest.hexdigest()


def file_hash(path: str) -> bytes:
    """sha256 of a file that is no link; of one with large holes, of its size and what lies between them: sizes may be lies."""
    digest = sha256()
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        about = os.fstat(file.fileno())
        if about.st_size - about.st_blocks * 512 > LARGE_HOLES:
            digest.update(b"sparse %d" % about.st_size)
            for start, end in _written_parts(file.fileno(), about.st_size):
                digest.update(b" %d:" % start)
                for place in range(start, end, COPY_CHUNK):
                    digest.update(os.pread(file.fileno(), min(COPY_CHUNK, end - place), place))
            return digest.digest()
        while chunk := file.read(COPY_CHUNK):
            digest.update(chunk)
    return digest.digest()


def _written_parts(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Where a file with holes has content."""
    end = 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:  # nothing but a hole from here on
            return
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end


def is_whiteout(about: os.stat_result) -> bool:
    """Whether this is overlayfs' mark for a deleted file."""
    return stat.S_ISCHR(about.st_mode) and about.st_rdev == 0


def is_opaque(path: str) -> bool:
    """Whether this folder hides what the layers below have in its place."""
    for name in OPAQUE:
        with contextlib.suppress(OSError):
            if os.getxattr(path, name, follow_symlinks=False) == b"y":
                return True
    return False


def give_away(folder: Path) -> None:
    """Makes everything in a folder the sandboxes' user's: what root owns, a sandbox could not change."""
    os.chown(folder, SANDBOX_UID, SANDBOX_UID)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            about = os.lstat(path)
            os.chown(path, SANDBOX_UID, SANDBOX_UID, follow_symlinks=False)
            if not stat.S_ISLNK(about.st_mode):
                os.chmod(path, stat.S_IMODE(about.st_mode) & 0o777)  # chown cleared setuid bits; they mean nothing here


def _special(place: str, names: list[str]) -> list[str]:
    """Sockets, pipes and devices: not copied."""
    kinds = {name: os.lstat(os.path.join(place, name)).st_mode for name in names}
    return [
        name for name, mode in kinds.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
    ]
