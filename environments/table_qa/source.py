"""A source: one set of tables, opened for reading and shared by every environment of the process that uses it.

A SQLite file is read where it lies and never written to; CSV files are read into memory. The file stays open exactly as long as some
environment holds the source: the cache below holds none, except the bundled data, which has no open file. Reading is safe from
several threads.
"""

import hashlib
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from envgym.environments.table_qa.csv_tables import SUFFIXES, csv_files, load_csv
from envgym.environments.table_qa.guard import LONGEST_FOR_SQL, Guard
from envgym.environments.table_qa.infer import read_schema
from envgym.environments.table_qa.schema import Schema, SchemaWords, quoted
from envgym.environments.table_qa.statement import check_statement, suggestion
from envgym.errors import EnvFailure, InvalidAction, UsageError
from envgym.task import faults_of

BUNDLED = Path(__file__).parent / "data"
MAGIC = b"SQLite format 3\0"
WORK_STEPS = 500_000
WORK_STEPS_PER_ROW = 30
"""Steps that one statement of the agent may take: enough to read all rows several times and join them on keys."""
NO_WORDS = SchemaWords.model_validate({})
BROKEN = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Error codes that are the world's fault, not the query's."""
MAX_LENGTH = 1_000_000_000
"""SQLite's own limit of the length of a value or row."""
Row = tuple[Any, ...]
Kept = TypeVar("Kept")


class Source:
    """The tables, their schema, and `sha256` of the bytes that they were read from."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema, *, sha256: str) -> None:
        self._connection = connection
        weakref.finalize(self, connection.close)
        self._lock = threading.Lock()
        self.schema = schema
        self.sha256 = sha256
        self.work_steps = WORK_STEPS + WORK_STEPS_PER_ROW * schema.rows
        self._kept: dict[tuple[str, ...], Any] = {}
        everything = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        self._guard = Guard(schema.tables, hidden=[row[0] for row in everything])
        self._guard.install(connection)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Every row of our own statement. Raises InvalidAction where the data does not allow it, such as a sum beyond 64 bits.

        Raises EnvFailure when the database cannot be read any more.
        """
        with self._lock:
            self._allow(None)
            try:
                return self._connection.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                self._raise_if_broken(error)
                raise InvalidAction(f"the data does not allow this: {error}", code="table.refused") from None

    def values(self, table: str, column: str) -> tuple[Any, ...]:
        """Every value of a column in ascending order, without NULL. Kept in memory: for small tables."""
        name = quoted(column)
        sql = f"SELECT {name} FROM {quoted(table)} WHERE {name} IS NOT NULL ORDER BY 1"
        return self.kept(("values", table, column), lambda: tuple(row[0] for row in self.read(sql)))

    def examples(self, table: str, column: str) -> tuple[Any, ...]:
        """Different values of a column from its first rows."""
        name = quoted(column)
        sql = f"SELECT {name} FROM {quoted(table)} NOT INDEXED WHERE {name} IS NOT NULL LIMIT 50"
        return self.kept(("examples", table, column), lambda: tuple(dict.fromkeys(row[0] for row in self.read(sql))))

    def kept(self, key: tuple[str, ...], make: Callable[[], Kept]) -> Kept:
        """What `make` gives, made once: the data does not change."""
        if key not in self._kept:
            self._kept[key] = make()
        made: Kept = self._kept[key]
        return made

    def ask(self, sql: str, *, rows: int) -> tuple[list[str], list[Row]]:
        """Column names and at most `rows` rows of the agent's statement. Raises InvalidAction with the reason it was refused."""
        check_statement(sql)
        with self._lock:
            self._allow(self.work_steps)
            try:
                cursor = self._connection.execute(sql)
                found = cursor.fetchmany(rows)
                names = [column[0] for column in cursor.description or ()]
                cursor.close()
            except (sqlite3.Error, sqlite3.Warning) as error:
                self._raise_if_broken(error)
                why = self._guard.refused or f"{error}{suggestion(str(error), self.schema)}"
                raise InvalidAction(f"sql: {why}", code="sql.refused") from None
            except (ValueError, OverflowError) as error:
                raise InvalidAction(f"sql: the query cannot be sent: {error}", code="sql.refused") from None
        if not names:
            raise InvalidAction("sql: there is no query; write one SELECT", code="sql.refused")
        return names, found

    def _raise_if_broken(self, error: Exception) -> None:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN:
            raise EnvFailure(f"{self.schema.title}: the database cannot be read: {error}") from error

    def _allow(self, steps: int | None) -> None:
        """Prepares the connection for our own statement (None), or for one of the agent's with this many steps."""
        own = steps is None
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LENGTH if own else LONGEST_FOR_SQL)
        self._guard.allow(self._connection, steps)


_open: weakref.WeakValueDictionary[tuple[Any, ...], Source] = weakref.WeakValueDictionary()
_opening = threading.Lock()


def open_source(data: str) -> Source:
    """The source at `data`: a SQLite file, a CSV file or a folder of them; the bundled periodic table for an empty text.

    Raises UsageError that says what is wrong with the path or the data.
    """
    if not data:
        return bundled()
    path = Path(data).expanduser()
    with _opening:
        try:
            key = tuple((str(file.absolute()), file.stat().st_mtime_ns, file.stat().st_size) for file in files_of(path))
            source = _open.get(key)
            if source is None:
                source = _open[key] = read_source(path)
        except OSError as error:
            raise UsageError(f"data: cannot read {path}: {error.strerror or error}") from error
    return source


@lru_cache(maxsize=1)
def bundled() -> Source:
    """The periodic table. Kept for good: it takes 0.1 s to read and holds no file open."""
    return read_source(BUNDLED)


def files_of(path: Path) -> list[Path]:
    """The files that make up the data, in a fixed order. Raises UsageError when there are none."""
    if path.is_dir():
        files = csv_files(path)
        if not files:
            raise UsageError(
                f"data: the folder {path} holds no .csv or .tsv file; put one there, or name a SQLite file"
            )
        words = path / "schema.json"
        return [*files, words] if words.is_file() else files
    if not path.exists():
        raise UsageError(
            f"data: there is no file or folder {path}; expected a SQLite file, a CSV file or a folder of CSV files"
        )
    log = path.with_name(path.name + "-wal")
    return [path, log] if log.is_file() and log.stat().st_size else [path]


def read_source(path: Path) -> Source:
    files = files_of(path)
    with open(files[0], "rb") as file:
        head = file.read(len(MAGIC))
    if head == MAGIC:
        return read_database(path, files)
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"data: {path} is no SQLite database, and its name does not end in .csv or .tsv")
    return read_csv(path, [(file, file.read_bytes()) for file in files])


def read_csv(path: Path, contents: Sequence[tuple[Path, bytes]]) -> Source:
    """CSV files, and the words for them, in memory."""
    digest = hashlib.sha256()
    for file, content in contents:
        digest.update(f"{file.name} {len(content)}\n".encode() + content)
    connection = connect(":memory:")
    try:
        taken: set[str] = set()
        words = NO_WORDS
        for file, content in contents:
            if file.name == "schema.json":
                words = read_words(file, content)
            else:
                load_csv(connection, file, content, taken)
        schema = read_schema(connection, words, title=path.stem)
        add_indexes(connection, schema)
        return Source(connection, schema, sha256=digest.hexdigest())
    except BaseException:
        connection.close()
        raise


def read_words(file: Path, content: bytes) -> SchemaWords:
    try:
        return SchemaWords.model_validate_json(content)
    except ValidationError as error:
        raise UsageError(f"data: {file}: {faults_of(error)}") from None


def read_database(path: Path, files: Sequence[Path]) -> Source:
    """A SQLite file, in place. Without a log of unfinished writes it is opened as immutable: then SQLite makes no file beside it."""
    digest = hashlib.sha256()
    for file in files:
        with open(file, "rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    busy = len(files) > 1 or path.with_name(path.name + "-journal").exists()
    connection = connect(f"{path.absolute().as_uri()}?mode=ro{'' if busy else '&immutable=1'}")
    connection.text_factory = decoded
    try:
        schema = read_schema(connection, NO_WORDS, title=path.stem)
        return Source(connection, schema, sha256=digest.hexdigest())
    except sqlite3.Error as error:
        connection.close()
        raise UsageError(f"data: {path} cannot be read as a SQLite database: {error}") from error
    except BaseException:
        connection.close()
        raise


def decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def connect(place: str) -> sqlite3.Connection:
    """A connection that may move between threads. Statements are not kept: a kept one would start with used-up steps."""
    return sqlite3.connect(
        place, uri=place.startswith("file:"), isolation_level=None, check_same_thread=False, cached_statements=0
    )


def add_indexes(connection: sqlite3.Connection, schema: Schema) -> None:
    """Indexes on the keys of tables in memory, or following a foreign key reads all rows."""
    places = {(link.table, link.column) for link in schema.links} | {
        (link.target, link.target_column) for link in schema.links
    }
    places |= {(table.name, table.key) for table in schema.tables.values() if table.key}
    for number, (table, column) in enumerate(sorted(places)):
        connection.execute(f"CREATE INDEX {quoted(f'by_{number}')} ON {quoted(table)} ({quoted(column)})")
