"""Unpacks archives that nobody vouches for: nothing lands outside of the folder, and no link leads out of it."""

import os
import posixpath
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from envgym.errors import UsageError

MAX_BYTES = 256 << 20
MAX_FILES = 50_000
UNREADABLE = (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, RuntimeError, NotImplementedError)
"""What the standard library raises for archives that are broken, encrypted or of a kind that it does not know."""


def unpack(archive: tarfile.TarFile, place: Path, *, name: str) -> None:
    """Writes the files and inner links of a tar archive to `place`; devices and links that lead out are left out.

    Raises UsageError for a path that leads out, and for what is too large.
    """
    place.mkdir(parents=True, exist_ok=True)
    room = _Room(name)
    links: list[tuple[str, str]] = []
    for member in archive:
        if member.isdir() or member.type == tarfile.XGLTYPE:
            continue
        path = _checked(member.name, name)
        if member.issym():
            links.append((path, member.linkname))
        elif member.isreg():
            room.take(member.size)
            file = archive.extractfile(member)
            _write(place / path, file.read() if file is not None else b"", executable=bool(member.mode & 0o100))
    for path, target in links:
        _link(place, path, target)


def unpack_file(path: Path, place: Path) -> None:
    """Unpacks a .tar.gz, .tar.bz2, .tar.xz, .tar or .zip. Raises UsageError where it is none of them, is broken or leads out."""
    if not path.is_file():
        raise UsageError(f"{path} is no file; name the archive of a source release (.tar.gz or .zip)")
    try:
        if zipfile.is_zipfile(path):
            _unpack_zip(path, place)
        else:
            with tarfile.open(path) as archive:
                unpack(archive, place, name=path.name)
    except UsageError:
        raise
    except UNREADABLE as error:
        raise UsageError(f"cannot read {path} as an archive: {error}") from error


def _unpack_zip(path: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    room = _Room(path.name)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            inner = _checked(member.filename, path.name)
            room.take(member.file_size)
            if (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
                continue
            _write(place / inner, archive.read(member), executable=bool(member.external_attr >> 16 & 0o100))


class _Room:
    """Counts what an archive unpacks to, by what its own directory says: libraries read no more than that of a member."""

    def __init__(self, name: str) -> None:
        self.name, self.bytes, self.files = name, 0, 0

    def take(self, size: int) -> None:
        self.bytes += size
        self.files += 1
        if self.bytes > MAX_BYTES or self.files > MAX_FILES:
            raise UsageError(f"{self.name} unpacks to more than {MAX_BYTES >> 20} MiB or {MAX_FILES:,} files")


def _checked(path: str, name: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path or not pure.parts:
        raise UsageError(f"{name} holds {path[:200]!r}, which leads out of it; refused")
    return str(pure)


def _write(place: Path, content: bytes, *, executable: bool) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    place.chmod(0o755 if executable else 0o644)


def _link(root: Path, path: str, target: str) -> None:
    """Makes a link where it stays inside. Links are made last: no file is ever written through one."""
    inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    place = root / path
    if posixpath.isabs(target) or inner == ".." or inner.startswith("../") or place.exists() or place.is_symlink():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, place)
    if not os.path.realpath(place).startswith(os.path.realpath(root) + os.sep):
        place.unlink()
