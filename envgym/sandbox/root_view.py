"""What a sandbox sees of the machine besides its working folder. All of it read-only."""

import functools
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from envgym.errors import UsageError

Part = tuple[Literal["show", "link"], str, str]
"""Kind, what is shown or linked to, and where."""
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


def host_root() -> list[Part]:
    """This machine's programs and libraries; of /etc only what they need, with accounts of the sandbox's own."""
    view: list[Part] = [("show", "/usr", "/usr"), ("show", _etc().name, "/etc")]
    for name in LINKED:
        place = f"/{name}"
        if os.path.islink(place):
            view.append(("link", os.readlink(place), place))
        elif os.path.isdir(place):
            view.append(("show", place, place))
    return view


def _etc() -> "tempfile.TemporaryDirectory[str]":
    """One folder, made once: a bind for each of its files would double the time of every command."""
    with _making_etc:
        return _made_etc()


_making_etc = threading.Lock()
"""Or two threads would make one each, and the one that is forgotten would be removed under its sandbox."""


@functools.cache
def _made_etc() -> "tempfile.TemporaryDirectory[str]":
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


def root_folder(root: Path, workdir: str) -> list[Part]:
    """A root filesystem that lies in a folder. Raises UsageError where it is none or the working folder has no place in it."""
    if not (root / "usr").is_dir() or not os.path.lexists(root / "bin/sh"):
        raise UsageError(f"{root} is no root filesystem: it needs usr/ and bin/sh (make one with mmdebstrap)")
    top = workdir.split("/")[1]
    if top in OWN:
        raise UsageError(f"the working folder cannot be {workdir}: /{top} is made by the sandbox")
    if (root / top).exists() and not (root / workdir[1:]).is_dir():
        raise UsageError(f"{root} has /{top} but not {workdir}; it is read-only, so make the folder in it first")
    view: list[Part] = []
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        place = f"/{entry.name}"
        if entry.name in OWN or (place == workdir):
            continue
        if entry.is_symlink():
            view.append(("link", os.readlink(entry.path), place))
        else:
            view.append(("show", entry.path, place))
    return view


def own_python() -> tuple[Path, ...]:
    """Where this interpreter and its packages lie, unless /usr shows them anyway."""
    places = dict.fromkeys(Path(prefix).resolve() for prefix in (sys.base_prefix, sys.prefix))
    return tuple(place for place in places if not place.is_relative_to("/usr"))


def own_package(view: Iterable[Part], shown: Mapping[str, Path]) -> list[str]:
    """Where a sandbox would see envgym itself: it holds the gold of bundled tasks. Nothing in a sandbox needs it."""
    package = Path(__file__).resolve().parents[1]
    seen = [(Path(source).resolve(), place) for kind, source, place in view if kind == "show"]
    seen += [(folder.resolve(), place) for place, folder in shown.items()]
    places = [Path(place) / package.relative_to(folder) for folder, place in seen if package.is_relative_to(folder)]
    return sorted({str(place) for place in places})
