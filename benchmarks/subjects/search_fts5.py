"""SQLite FTS5 with its own bm25(), any of the words, in memory; the title counts four times."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import serve
from search_documents import K, asked, documents_in, timed, words

SQL = "SELECT rowid, bm25(pages, 4.0, 1.0) AS score FROM pages WHERE pages MATCH ? ORDER BY score LIMIT ?"


def ranking(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE pages USING fts5(title, text, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    base.executemany("INSERT INTO pages (title, text) VALUES (?, ?)", documents_in(lines))
    base.execute("INSERT INTO pages (pages) VALUES ('optimize')")

    def search(query: str) -> Any:
        return base.execute(SQL, (" OR ".join(f'"{word}"' for word in words(query)), K)).fetchall()

    return timed(search, asked(lines, count))


if __name__ == "__main__":
    serve({"ranking": ranking})
