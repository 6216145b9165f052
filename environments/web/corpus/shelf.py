"""The shelf: every corpus that this machine has, by name: the bundled one, those built with `envgym corpus build`, a user's own folder.

A corpus is opened once per process and shared by all that ask for it; nobody changes it.
"""

import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from envgym.environments.web.corpus.corpus import BUNDLED, Corpus, home, load_corpus
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.errors import UnknownId, UsageError

LOCK = threading.Lock()
ABOUT = "corpus.json"
HELD = 8
"""Corpora that a process keeps open; the one that was not asked for longest is let go."""


def open_corpus(name: str | Path) -> Corpus:
    """A corpus by its name, or by the path of a folder: a built one, or one of documents of any kind.

    Raises UsageError where there is none, and says how to get it; also where the bytes of a built one are not those that were built.
    A folder of documents is read once per process: what changes in it later is not seen.
    """
    folder = folder_of(name)
    with LOCK:
        return _opened(folder.resolve())


def folder_of(name: str | Path) -> Path:
    """Where a corpus lies. A name goes before a folder of that name in the working directory."""
    if isinstance(name, str) and name in (known := names()):
        return known[name]
    if Path(name).exists():
        return Path(name)
    if str(name) in RECIPES:
        raise UsageError(f"corpus {name!r} is not built on this machine: envgym corpus build {name}")
    raise UnknownId.of("corpus", str(name), {*names(), *RECIPES})


def names() -> dict[str, Path]:
    """The folder of every corpus that can be opened by name; a built one does not hide a bundled one."""
    found: dict[str, Path] = {}
    for place in (BUNDLED, home()):
        for file in sorted(place.glob(f"[!.]*/{ABOUT}")):
            found.setdefault(file.parent.name, file.parent)
    return found


def describe(folder: Path) -> dict[str, Any]:
    """What the corpus.json of a folder says, without reading the corpus; empty where it cannot be read."""
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


@lru_cache(maxsize=HELD)
def _opened(folder: Path) -> Corpus:
    if (folder / ABOUT).is_file():
        return load_corpus(folder)
    from envgym.environments.web.corpus.folder import folder_corpus

    return folder_corpus(folder)
