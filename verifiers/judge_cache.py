"""What judges have said, by the hash of what they were asked: a bounded memory, the least recently used goes first, and optionally a file.

Only usable answers are put in, never errors. The file is SQLite, so that several processes may share it; a file that stops working during
a run costs a warning and the saving, not the run.
"""

import logging
import sqlite3
import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from envgym.errors import UsageError

log = logging.getLogger(__name__)
TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL, calls INTEGER, tokens INTEGER)"


class Kept(NamedTuple):
    """An answer and what it took to get it."""

    text: str
    calls: int
    tokens: int


class JudgeCache:
    """Up to `size` answers in memory and all of them in `file`, where one is given. Safe to share among threads."""

    def __init__(self, size: int, file: Path | str | None = None) -> None:
        if size < 0:
            raise UsageError(f"a cache of {size} answers was asked for; give 0 for none")
        self._size = size
        self._memory: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._file: sqlite3.Connection | None = None
        if file is not None:
            try:
                self._file = sqlite3.connect(file, check_same_thread=False, timeout=10.0, isolation_level=None)
                self._file.execute("PRAGMA journal_mode=WAL")
                self._file.execute(TABLE)
            except sqlite3.Error as error:
                self.close()
                raise UsageError(
                    f"cannot use {str(file)!r} as a cache of answers: {error}; give another file"
                ) from error

    def get(self, key: str) -> Kept | None:
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
            row = self._execute("SELECT text, calls, tokens FROM answers WHERE key = ?", key)
            if row is None:
                return None
            kept = Kept(*row)
            self._remember(key, kept)
            return kept

    def put(self, key: str, kept: Kept) -> None:
        with self._lock:
            self._remember(key, kept)
            self._execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", key, *kept)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _remember(self, key: str, kept: Kept) -> None:
        self._memory[key] = kept
        self._memory.move_to_end(key)
        while len(self._memory) > self._size:
            self._memory.popitem(last=False)

    def _execute(self, statement: str, *values: str | int) -> tuple[str, int, int] | None:
        if self._file is None:
            return None
        try:
            row: tuple[str, int, int] | None = self._file.execute(statement, values).fetchone()
        except (sqlite3.Error, UnicodeError) as error:
            log.warning("the cache of judges' answers does not work: %s; going on without this answer", error)
            return None
        return row
