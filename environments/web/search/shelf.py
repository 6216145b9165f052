"""One engine per corpus and kind in a process: every environment over a corpus shares it.

The index of a corpus is saved beside it, so that other processes map the same files into memory; where its folder cannot be written, and
for the bundled corpora, which lie in the package, it goes to the folder of built corpora. A saved index belongs to the bytes of its corpus
and is made again where they, or its own files, have changed.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from envgym.environments.web.corpus.corpus import BUNDLED, Corpus, home
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.engine import SearchEngine
from envgym.environments.web.search.postings import Postings, postings_of

Kind = Literal["bm25", "tantivy"]
FORMAT = "1"
"""Changes whenever the same pages would be indexed differently."""
LOCK = threading.Lock()
OPEN: dict[tuple[Kind, str], SearchEngine] = {}
MOST_OPEN = 16


def engine_of(corpus: Corpus, kind: Kind = "bm25") -> SearchEngine:
    """The engine over a corpus. Raises UsageError where the package of its kind is missing."""
    key = (kind, corpus.sha256)
    with LOCK:
        if key not in OPEN:
            while len(OPEN) >= MOST_OPEN:
                del OPEN[next(iter(OPEN))]
            OPEN[key] = MAKERS[kind](corpus)
        return OPEN[key]


def _bm25(corpus: Corpus) -> SearchEngine:
    pages = list(corpus.pages.values())
    place = index_folder(corpus)
    if place is not None:
        try:
            return Bm25(pages, Postings.load(place))
        except (OSError, ValueError, EOFError):  # not there yet, cut, or of another numpy: made again below
            shutil.rmtree(place, ignore_errors=True)
    postings = postings_of(pages)
    if place is not None:
        _save(postings, place)
    return Bm25(pages, postings)


def _tantivy(corpus: Corpus) -> SearchEngine:
    from envgym.environments.web.search.tantivy_engine import TantivyEngine

    return TantivyEngine(list(corpus.pages.values()))


MAKERS: dict[Kind, Callable[[Corpus], SearchEngine]] = {"bm25": _bm25, "tantivy": _tantivy}


def index_folder(corpus: Corpus) -> Path | None:
    """Where the index of a corpus lies; None for one that is in memory only."""
    if corpus.folder is None:
        return None
    beside = not corpus.folder.resolve().is_relative_to(BUNDLED.resolve()) and os.access(corpus.folder, os.W_OK)
    place = corpus.folder if beside else home()
    return place / "index" / f"bm25-{FORMAT}-{corpus.sha256[:16]}"


def _save(postings: Postings, place: Path) -> None:
    """Whole or not at all. Nothing is lost where it cannot be written: the index stays in memory."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="making-", dir=place.parent))
    except OSError:
        return
    try:
        postings.save(made)
        made.rename(place)
    except OSError:  # no room, or another process was first
        shutil.rmtree(made, ignore_errors=True)
