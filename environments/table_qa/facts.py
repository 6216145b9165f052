"""What is stored in the columns of a database: kinds, missing and different values, which columns are unique.

SQLite lets any column hold anything, so declared types are not believed. Of a table with very many rows only the first are looked at; a
column counts as unique there only when the database itself says so.
"""

import sqlite3
from dataclasses import dataclass

from envgym.environments.table_qa.schema import Kind, quoted

LOOKED_AT = 200_000
"""Rows of a table that are looked at: counting different values sorts them, and 1.5 million rows would take 10 s."""
COLUMNS_AT_ONCE = 100
"""A SELECT has at most 2000 result columns; each column of a table takes eight."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored in one column, in the rows that were looked at."""

    name: str
    declared: str
    unique: bool
    """Whether no two rows of the whole table share a value, and none lacks it."""
    rows: int
    nulls: int
    integers: int
    numbers: int
    texts: int
    distinct: int
    folded: int
    """Different values without their case and outer spaces."""
    longest: int
    binary: int
    """1 when it holds nothing but 0, 1 and NULL."""

    @property
    def kind(self) -> Kind:
        filled = self.rows - self.nulls
        if filled and self.texts == filled:
            return "text"
        if filled and self.integers == filled:
            return "boolean" if self.binary and "BOOL" in self.declared.upper() else "integer"
        return "number" if filled and self.integers + self.numbers == filled else "other"


def table_names(connection: sqlite3.Connection) -> list[str]:
    """Ordinary tables. Views and virtual tables are left out: what reading them runs is not ours to know."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    found = connection.execute(query).fetchall()
    virtual = [name for name, sql in found if sql and sql.lstrip().upper().startswith("CREATE VIRTUAL")]
    shadows = tuple(f"{name}_" for name in virtual)
    return [name for name, _ in found if name not in virtual and not (shadows and name.startswith(shadows))]


def count_rows(connection: sqlite3.Connection, table: str) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()
    return int(rows)


def column_facts(connection: sqlite3.Connection, table: str, rows: int) -> list[Facts]:
    """The facts of every column of a table with this many rows."""
    declared = [(row[1], row[2] or "") for row in connection.execute(f"PRAGMA table_info({quoted(table)})")]
    uniques = declared_unique(connection, table)
    source = quoted(table) if rows <= LOOKED_AT else f"(SELECT * FROM {quoted(table)} LIMIT {LOOKED_AT})"
    facts: list[Facts] = []
    for start in range(0, len(declared), COLUMNS_AT_ONCE):
        part = declared[start : start + COLUMNS_AT_ONCE]
        query = f"SELECT count(*), {', '.join(measures(name) for name, _ in part)} FROM {source}"
        seen, *values = connection.execute(query).fetchone()
        for place, (name, kind) in enumerate(part):
            figures = [value or 0 for value in values[place * 8 : place * 8 + 8]]
            unique = figures[0] == 0 and (name in uniques or (seen == rows and figures[4] == rows > 0))
            facts.append(Facts(name, kind, unique, seen, *figures))
    return facts


def measures(name: str) -> str:
    """SQL of the eight figures of a column, in the order of `Facts`."""
    column = quoted(name)
    return (
        f"count(*) - count({column}), sum(typeof({column}) = 'integer'), sum(typeof({column}) = 'real'), "
        f"sum(typeof({column}) = 'text'), count(DISTINCT {column}), count(DISTINCT lower(trim({column}))), "
        f"max(length({column})), min(coalesce({column} IN (0, 1), 1))"
    )


def declared_key(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of the primary key."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})") if row[5]]


def declared_unique(connection: sqlite3.Connection, table: str) -> set[str]:
    """Columns that the database keeps unique: a primary key of one column, unique indexes of one column."""
    key = declared_key(connection, table)
    found = set(key) if len(key) == 1 else set()
    for _, index, unique, _, partial in connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
        columns = [row[2] for row in connection.execute(f"PRAGMA index_info({quoted(index)})")]
        if unique and not partial and len(columns) == 1 and columns[0] is not None:
            found.add(columns[0])
    return found


def last_rowid(connection: sqlite3.Connection, table: str) -> int:
    """The greatest rowid, 0 for a table without rowids."""
    try:
        (last,) = connection.execute(f"SELECT max(rowid) FROM {quoted(table)}").fetchone()
    except sqlite3.OperationalError:
        return 0
    return last if isinstance(last, int) else 0
