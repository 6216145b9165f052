"""What a sandbox sees of the machine besides its working folder, as arguments of bubblewrap. All of it read-only."""

import functools
import os
import shutil
import sys
import tempfile
from pathlib import Path

from envgym.errors import UsageError

OWN = ("dev", "proc", "sys", "tmp")
"""Top folders that a sandbox has of its own."""
LINKED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Links into /usr on today's distributions, folders on older ones."""
FROM_ETC = (
    "alternatives",
    "ca-certificates",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "ssl",
)
ACCOUNTS = {
    "passwd": "root:x:0:0:root:/tmp:/bin/sh\nagent:x:1000:1000:agent:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    "group": "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def host_root() -> list[str]:
    """This machine's programs and libraries; of /etc only what they need, with accounts of the sandbox's own."""
    view = ["--ro-bind", "/usr", "/usr", "--ro-bind", _etc().name, "/etc"]
    for name in LINKED:
        place = f"/{name}"
        if os.path.islink(place):
            view += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            view += ["--ro-bind", place, place]
    return view


@functools.cache
def _etc() -> "tempfile.TemporaryDirectory[str]":
    """One folder, made once: a bind for each of its files would double the time of every command."""
    folder = tempfile.TemporaryDirectory(prefix="envgym-etc-")
    os.chmod(folder.name, 0o755)
    for name in FROM_ETC:
        source, copy = Path("/etc", name), Path(folder.name, name)
        if source.is_dir():
            shutil.copytree(source, copy, symlinks=True, ignore=shutil.ignore_patterns("private"))
        elif source.exists():
            shutil.copyfile(source, copy)
    for name, text in ACCOUNTS.items():
        Path(folder.name, name).write_text(text)
    for place, folders, files in os.walk(folder.name):
        for name in (*folders, *files):
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def root_folder(root: Path, workdir: str) -> list[str]:
    """A root filesystem that lies in a folder. Raises UsageError where it is none or the working folder has no place in it."""
    if not (root / "usr").is_dir() or not os.path.lexists(root / "bin/sh"):
        raise UsageError(f"{root} is no root filesystem: it needs usr/ and bin/sh (make one with mmdebstrap)")
    top = workdir.split("/")[1]
    if top in OWN:
        raise UsageError(f"the working folder cannot be {workdir}: /{top} is made by the sandbox")
    if (root / top).exists() and not (root / workdir[1:]).is_dir():
        raise UsageError(f"{root} has /{top} but not {workdir}; it is read-only, so make the folder in it first")
    view: list[str] = []
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        place = f"/{entry.name}"
        if entry.name in OWN or (place == workdir):
            continue
        if entry.is_symlink():
            view += ["--symlink", os.readlink(entry.path), place]
        else:
            view += ["--ro-bind", entry.path, place]
    return view


def own_python() -> tuple[Path, ...]:
    """Where this interpreter and its packages lie, unless /usr shows them anyway."""
    places = dict.fromkeys(Path(prefix).resolve() for prefix in (sys.base_prefix, sys.prefix))
    return tuple(place for place in places if not place.is_relative_to("/usr"))


def is_open_to_all(place: Path) -> bool:
    """Whether every user of this machine can reach a folder."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (place, *place.parents))
