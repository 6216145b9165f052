"""Two source releases of a package as one event: the newer tests on the older source; what differs in the source is the change."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.swe.task_folder import Source
from envgym.errors import UsageError
from envgym.task_synth.mining.event import Event
from envgym.task_synth.mining.licence import licence_of
from envgym.task_synth.mining.unpack import unpack_file

ENDINGS = re.compile(r"\.(?:tar(?:\.\w+)?|tgz|tbz2|zip)$")
NEWS = re.compile(r"(?i)(?:change(?:s|log)?|history|news|release[-_]?notes)(?:\.\w+)?|readme(?:\.\w+)?")
"""Files that may tell what is new; change logs come before a README in the alphabet."""
HEADING = re.compile(r"[#\s]*(?:version\s*)?v?\d+\.\d[\w.]*(?:\s*[-:,(].*)?|[-=~^]{3,}")
MAX_NEWS = 4_000
RELEASE = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*?)-(?P<version>v?\d[\w.!+]*)")


@dataclass(frozen=True)
class Pair:
    """The archives of two releases."""

    old: Path
    new: Path

    @property
    def id(self) -> str:
        (name, version), (_, newer) = _release(self.old), _release(self.new)
        return re.sub(r"[^A-Za-z0-9._+-]", "_", f"{name}-{version}-{newer}")[:120]

    @property
    def digest(self) -> str:
        return ""

    def write(self, place: Path) -> Event:
        """Both trees. Raises UsageError where an archive cannot be read."""
        before, after = (_tree(archive, place / name) for archive, name in ((self.old, "old"), (self.new, "new")))
        (name, version), (other, newer) = _release(self.old), _release(self.new)
        if name.lower().replace("-", "_") != other.lower().replace("-", "_"):
            raise UsageError(f"--pair takes two releases of one package, not of {name} and {other}")
        source = Source(kind="release_pair", repository=name, commit=newer, parent=version, licence=licence_of(before))
        return Event(self.id, f"{name} {version} to {newer}", _message(name, before, after), source, before, after)


def _message(name: str, before: Path, after: Path) -> str:
    said = news(before, after)
    return f"Changes wanted in {name}\n\n{said}" if said else ""


def news(before: Path, after: Path) -> str:
    """What the newer tree's change log says that the older one's does not; empty where there is no such file."""
    for path in sorted(
        path for path in after.iterdir() if NEWS.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    ):
        old = before / path.name
        known = set(_lines(old)) if old.is_file() and not old.is_symlink() else None
        said = [
            line
            for line in _lines(path)
            if known is not None and line not in known and not HEADING.fullmatch(line.strip())
        ]
        if any(line.strip() for line in said):
            return "\n".join(said)[:MAX_NEWS].strip()
    return ""


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "replace").splitlines()


def _release(archive: Path) -> tuple[str, str]:
    """Name and version, as the file is called."""
    stem = ENDINGS.sub("", archive.name)
    found = RELEASE.fullmatch(stem)
    return (found["name"], found["version"]) if found else (stem or "release", "0")


def _tree(archive: Path, place: Path) -> Path:
    """The one folder that a source release holds. Its build leftovers are removed: they name the other version."""
    unpack_file(archive, place)
    folders = [path for path in place.iterdir() if path.is_dir() and not path.is_symlink()]
    files = [path for path in place.iterdir() if not path.is_dir()]
    tree = folders[0] if len(folders) == 1 and not files else place
    for left in (*tree.rglob("__pycache__"), tree / ".git"):
        shutil.rmtree(left, ignore_errors=True)
    return tree
