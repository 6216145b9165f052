"""Layers as bytes: what a sandbox wrote leaves the store that it was written in, for another process or another machine.

The archive is a tar file that keeps overlayfs' own marks: a device 0/0 where a file was deleted, a header on a folder that hides what lies
below. Several layers become one, so that a state that is kept and restored again and again does not grow a longer chain each time.
Owners are not kept, times in whole seconds; the bytes are a function of the layers' content and times. Sockets and devices are left out.
"""

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from envgym.errors import UsageError
from envgym.sandbox.layers import OPAQUE, SANDBOX_UID, LayerStore, is_opaque, is_whiteout

PARTS = ("tmp", "work")
HIDES = "ENVGYM.opaque"
"""Header of a folder that hides what the layers below have in its place."""
Entries = dict[str, tuple[tarfile.TarInfo, bytes]]


def pack(store: LayerStore, keys: Sequence[str]) -> bytes:
    """What the layers `keys` of a store, the last on top, hold over the first; empty where that is nothing. Raises UsageError for a key
    that is not there."""
    merged: Entries = {}
    for key in keys[1:]:
        _lay_over(merged, _entries(store.path(key)))
    _drop_idle_marks(merged, store.path(keys[0]))
    if not merged.keys() - set(PARTS):
        return b""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as archive:
        for name in sorted(merged):
            info, content = merged[name]
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def unpack(store: LayerStore, packed: bytes) -> str:
    """The key of the layer that `packed` holds, now in `store`. Raises UsageError for bytes that `pack` never made."""
    with store.draft() as draft:
        folders: dict[str, tarfile.TarInfo] = {"": tarfile.TarInfo()}
        try:
            with tarfile.open(fileobj=io.BytesIO(packed), mode="r:", errors="surrogateescape") as archive:
                for info in archive:
                    _make(draft, info, archive, folders)
        except (tarfile.TarError, OSError) as error:
            raise UsageError(f"these bytes are no state of a sandbox: {error}") from error
        for name in sorted(folders.keys() - {""}, reverse=True):
            _finish(draft / name, folders[name])
        return store.keep(draft)


def content_digest(packed: bytes) -> str:
    """sha256 of what `pack` made, without its times."""
    digest = hashlib.sha256()
    if packed:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:", errors="surrogateescape") as archive:
            for info in archive:
                about = (info.name, info.type, info.mode, info.linkname, HIDES in info.pax_headers)
                file = archive.extractfile(info) if info.isfile() else None
                digest.update(repr(about).encode("utf-8", "surrogateescape"))
                digest.update(hashlib.sha256(file.read() if file is not None else b"").digest())
    return digest.hexdigest()


def _entries(layer: Path) -> Entries:
    found: Entries = {}
    for place, folders, files in os.walk(layer):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            entry = _entry(path, os.path.relpath(path, layer))
            if entry is not None:
                found[entry[0].name] = entry
    return found


def _entry(path: str, name: str) -> tuple[tarfile.TarInfo, bytes] | None:
    """One path of a layer; None for what is not kept."""
    about, content = os.lstat(path), b""
    info = tarfile.TarInfo(name)
    info.mode, info.mtime = stat.S_IMODE(about.st_mode), 0 if name in PARTS else int(about.st_mtime)
    if stat.S_ISDIR(about.st_mode):
        info.type = tarfile.DIRTYPE
        if is_opaque(path):
            info.pax_headers = {HIDES: "y"}
    elif stat.S_ISLNK(about.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(path)
    elif stat.S_ISREG(about.st_mode):
        content = _content(path)
        info.size = len(content)
    elif is_whiteout(about):
        info.type, info.mtime = tarfile.CHRTYPE, 0
    elif stat.S_ISFIFO(about.st_mode):
        info.type = tarfile.FIFOTYPE
    else:
        return None
    return info, content


def _content(path: str) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def _lay_over(below: Entries, above: Entries) -> None:
    """Puts one layer over others, as overlayfs shows them together."""
    for name in sorted(above):
        info, content = above[name]
        was = below.get(name)
        if info.isdir() and HIDES not in info.pax_headers and was is not None:
            hides = not was[0].isdir() or HIDES in was[0].pax_headers
            info.pax_headers = {HIDES: "y"} if hides else {}
        else:
            for inside in [path for path in below if path.startswith(f"{name}/")]:
                del below[inside]
        below[name] = (info, content)


def _drop_idle_marks(merged: Entries, base: Path) -> None:
    """Takes out marks of deleted files that hide nothing: in a folder that only one layer has, overlayfs would list them as files."""
    for name in [name for name, (info, _) in merged.items() if info.ischr()]:
        above = [str(parent) for parent in PurePosixPath(name).parents]
        hidden_anyway = any(parent in merged and HIDES in merged[parent][0].pax_headers for parent in above)
        if hidden_anyway or not os.path.lexists(base / name):
            del merged[name]


def _make(draft: Path, info: tarfile.TarInfo, archive: tarfile.TarFile, folders: dict[str, tarfile.TarInfo]) -> None:
    """One entry of an archive, in a folder that the archive made before: no path leads through a link."""
    pure = PurePosixPath(info.name)
    above = "" if str(pure.parent) == "." else str(pure.parent)
    if pure.is_absolute() or ".." in pure.parts or above not in folders or (not above and info.name not in PARTS):
        raise UsageError(f"these bytes are no state of a sandbox: {info.name!r:.200} has no place in it")
    path = draft / info.name
    if info.isdir():
        path.mkdir(mode=0o700)
        folders[info.name] = info
        return
    if info.issym():
        path.symlink_to(info.linkname)
    elif info.isfile():
        content = archive.extractfile(info)
        with open(path, "xb") as file:
            file.write(content.read() if content is not None else b"")
    elif info.isfifo():
        os.mkfifo(path)
    elif info.ischr() and info.devmajor == info.devminor == 0:
        os.mknod(path, stat.S_IFCHR, 0)
    else:
        raise UsageError(f"these bytes are no state of a sandbox: {info.name!r:.200} is of no kind that is kept")
    _finish(path, info)


def _finish(path: Path, info: tarfile.TarInfo) -> None:
    """Mark, owner, mode and time, once the content is there."""
    if os.geteuid() == 0:
        os.chown(path, SANDBOX_UID, SANDBOX_UID, follow_symlinks=False)
    if HIDES in info.pax_headers:
        os.setxattr(path, OPAQUE[0] if os.geteuid() == 0 else OPAQUE[1], b"y")
    if not info.issym():
        os.chmod(path, info.mode)
    os.utime(path, (info.mtime, info.mtime), follow_symlinks=False)
