"""What an overlay changed: its upper layers compared with the lowest one.

Everything here was written by whom we do not trust. Paths are walked from one open folder to the next, never through a link.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence

from envgym.sandbox.layers import is_opaque, is_whiteout
from envgym.sandbox.sandbox import Change, Kind


def changes(below: Sequence[str], upper: str, merged: str) -> list[Change]:
    """Paths that differ between the first of the layers `below` and `merged`, where the others and `upper` were laid over it."""
    base = below[0]
    touched: set[str] = set()
    for layer in (*below[1:], upper):
        touched |= set(_touched(layer, base))
    with _folder(base) as before, _folder(merged) as after:
        found = ((path, _kind(path, before, after)) for path in sorted(touched))
        return [Change(path, kind) for path, kind in found if kind is not None]


def _touched(layer: str, base: str) -> Iterator[str]:
    """Paths that a layer has an entry for; under folders that hide or delete what lies below, also those of the base."""
    for place, folders, files, here in os.fwalk(layer):
        inside = os.path.relpath(place, layer)
        for name in (*folders, *files):
            path = os.path.normpath(os.path.join(inside, name))
            yield path
            about = os.stat(name, dir_fd=here, follow_symlinks=False)
            replaced = (
                is_whiteout(about) or not stat.S_ISDIR(about.st_mode) or is_opaque(f"/proc/self/fd/{here}/{name}")
            )
            if replaced:
                yield from _all_below(base, path)


def _all_below(base: str, path: str) -> Iterator[str]:
    with _folder(base) as root, contextlib.suppress(OSError):
        start = _open_below(root, path.split("/"))
        try:
            for place, folders, files, _ in os.fwalk(".", dir_fd=start):
                for name in (*folders, *files):
                    yield os.path.normpath(os.path.join(path, place, name))
        finally:
            os.close(start)


def _kind(path: str, before: int, after: int) -> Kind | None:
    old, new = _look(before, path), _look(after, path)
    if old is None or new is None:
        return None if old is new else "added" if old is None else "deleted"
    if stat.S_ISDIR(old.st_mode) and stat.S_ISDIR(new.st_mode):
        return None
    same = old.st_mode == new.st_mode and old.st_size == new.st_size and _content(before, path) == _content(after, path)
    return None if same else "modified"


def _look(root: int, path: str) -> os.stat_result | None:
    """What is at a path below `root`; None where there is nothing."""
    *above, name = path.split("/")
    with contextlib.suppress(OSError), _inside(root, above) as folder:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None


def _content(root: int, path: str) -> bytes:
    """Target of a link, hash of a file; nothing of anything else. Only read where the other side has the same size: the size of what a
    sandbox wrote may be a lie of terabytes."""
    *above, name = path.split("/")
    with contextlib.suppress(OSError), _inside(root, above) as folder:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            return os.fsencode(os.readlink(name, dir_fd=folder))
        if stat.S_ISREG(mode):
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder), "rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
    return b""


@contextlib.contextmanager
def _inside(root: int, parts: Sequence[str]) -> Iterator[int]:
    folder = _open_below(root, parts)
    try:
        yield folder
    finally:
        os.close(folder)


@contextlib.contextmanager
def _folder(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open_below(root: int, parts: Sequence[str]) -> int:
    """The folder at `parts` below `root`, without following a link. Raises OSError."""
    here = os.dup(root)
    for part in parts:
        try:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
        finally:
            os.close(here)
        here = deeper
    return here
