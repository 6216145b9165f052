"""What is known of the change that was made, and the parts of a golden episode that environments share."""

import ast
import base64
import functools
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from envgym.environments.swe.candidate import File
from envgym.environments.swe.folder_tasks import read_certified
from envgym.environments.swe.gates import gold_changes
from envgym.environments.swe.task_folder import TaskFolder
from envgym.message import Action, call
from envgym.python_source import parse_python

MAX_READ = 3
"""Files that are read."""


def gold_of(folder: TaskFolder) -> Mapping[str, File | None]:
    """What gold changes, by path; worked out once for a folder."""
    return _gold(folder.path, folder.digest)


@functools.lru_cache(maxsize=256)
def _gold(path: Path, digest: str) -> Mapping[str, File | None]:
    return gold_changes(read_certified(path))


def source_before(folder: TaskFolder, path: str) -> str | None:
    """A source file before the change; None where there is none, or it is no text."""
    place = folder.base / path
    return text_or_none(place.read_bytes()) if place.is_file() and not place.is_symlink() else None


def source_after(folder: TaskFolder, path: str) -> str | None:
    """A file that gold changes, after it."""
    file = gold_of(folder)[path]
    return None if file is None or file.content is None else text_or_none(file.content)


def text_or_none(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def tree_or_none(source: str | None) -> ast.Module | None:
    """Source as a tree; None for what is no Python of ours."""
    try:
        return parse_python(source) if source is not None else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def look_around(folder: TaskFolder) -> Iterator[Action]:
    """Lists the tree, searches for the module that gold changes, reads it."""
    changed = [path for path in sorted(gold_of(folder)) if (folder.base / path).is_file()]
    yield call("list_files")
    for path in changed[:1]:
        yield call("search", pattern=re.escape(PurePosixPath(path).stem), files="*.py")
    for path in changed[:MAX_READ]:
        yield call("read_file", path=path)


def write_hidden(folder: TaskFolder) -> Iterator[Action]:
    """Writes the tests as they are after the change, with what they need."""
    for place in sorted(folder.hidden.rglob("*")):
        path = str(place.relative_to(folder.hidden))
        if place.is_symlink() or not place.is_file():
            continue
        text = text_or_none(place.read_bytes())
        if text is not None:
            yield call("create_file", path=path, content=text, overwrite=True)
        else:
            packed = base64.b64encode(place.read_bytes()).decode()
            name, above = shlex.quote(path), shlex.quote(str(PurePosixPath(path).parent))
            yield call("shell", command=f"mkdir -p {above} && printf %s {packed} | base64 -d > {name}")
