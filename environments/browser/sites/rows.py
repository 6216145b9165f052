"""The net difference that an episode made to a database, row by row, in a form that can be compared.

A new row is known by its content, never by its id; where it points at another new row, that one's content stands there. Texts compare
with single spaces. Times and the like, which the site names as volatile, do not count. Rows that came and went leave nothing, nor do
those that went and came again. Ids must not be used twice, so keys are `INTEGER PRIMARY KEY AUTOINCREMENT`.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]
Rows = dict[str, dict[Any, Row]]
"""Rows by table and primary key."""
Entry = dict[str, Any]
"""{"table", "key" (None for a new row), "was": new | changed | gone, "fields"}."""
Volatile = Mapping[str, tuple[str, ...]]
MAX_NESTING = 6


def tables_of(db: sqlite3.Connection) -> list[str]:
    """The tables that count."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in found if not name.startswith(("_", "sqlite_"))]


def rows_of(db: sqlite3.Connection) -> Rows:
    """Everything that counts. Every table has a primary key `id`."""
    return {
        table: {row["id"]: dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY id")}
        for table in tables_of(db)
    }


def references(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """The table that a column points at."""
    return {
        (table, key[3]): key[2] for table in tables_of(db) for key in db.execute(f"PRAGMA foreign_key_list({table})")
    }


def difference(before: Rows, db: sqlite3.Connection, volatile: Volatile) -> list[Entry]:
    """What is different in `db` from `before`, sorted."""
    after, points = rows_of(db), references(db)
    new = {table: {key: row for key, row in rows.items() if key not in before[table]} for table, rows in after.items()}

    def shown(table: str, column: str, value: Any, depth: int) -> Any:
        target = points.get((table, column))
        if target is not None and value in new[target]:
            return content(target, new[target][value], depth + 1) if depth < MAX_NESTING else "..."
        return " ".join(value.split()) if isinstance(value, str) else value

    def content(table: str, row: Row, depth: int = 0) -> Row:
        skipped = ("id", *volatile.get(table, ()))
        return {column: shown(table, column, value, depth) for column, value in row.items() if column not in skipped}

    entries: list[Entry] = []
    for table, rows in before.items():
        come = [content(table, row) for row in new[table].values()]
        for key, row in rows.items():
            now = after[table].get(key)
            if now is None and (was := content(table, row)) in come:
                come.remove(was)  # taken away and put back: the same row but for its id
            elif now is None:
                entries.append({"table": table, "key": key, "was": "gone", "fields": {}})
            elif now != row and (changed := _changed(content(table, row), content(table, now))):
                entries.append({"table": table, "key": key, "was": "changed", "fields": changed})
        entries += [{"table": table, "key": None, "was": "new", "fields": fields} for fields in come]
    return ordered(entries)


def _changed(before: Row, now: Row) -> Row:
    return {column: value for column, value in now.items() if value != before[column]}


def ordered(entries: list[Entry]) -> list[Entry]:
    """In an order that does not depend on how they came about."""
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True, default=str))


def told(entry: Entry) -> str:
    """An entry as a line for people."""
    fields = ", ".join(f"{name}={value!r}" for name, value in entry["fields"].items())
    key = "" if entry["key"] is None else f" {entry['key']}"
    return f"{entry['table']}{key} {entry['was']}{': ' + fields if fields else ''}"
