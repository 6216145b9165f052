"""The documentation of SQLite as a corpus to read: pages and links, no facts."""

from collections.abc import Mapping
from pathlib import Path

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.folder import Limits, read_folder

BASE = "https://sqlite.test/"
MENUS = frozenset({"nosearch", "fancy_toc"})
"""Classes of the menus and tables of contents that stand on every page."""


def sqlite(folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
    """The corpus out of the unpacked package sqlite3-doc."""
    folder = folders["sqlite3-doc"] / "usr/share/doc/sqlite3"
    read = read_folder(folder, BASE, Limits(), without=MENUS)
    return Corpus("sqlite", "The documentation of SQLite", read.pages, sources=(sources["sqlite3-doc"],))
