"""CSV files as SQLite tables in memory.

The text decides the types: a column is of integers only when every value reads as one ("007" and twenty digits are text, for they are
codes). Empty fields are NULL everywhere, "NA" and its like only in columns that are numbers otherwise. UTF-8 with or without a byte order
mark is tried first, then Windows-1252, which is what spreadsheets write.
"""

import csv
import io
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from envgym.environments.table_qa.schema import quoted
from envgym.errors import UsageError

SUFFIXES = frozenset({".csv", ".tsv"})
DELIMITERS = ",;\t|"
INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
LEADING_ZERO = re.compile(r"[+-]?0\d+")
MISSING = frozenset({"na", "n/a", "nan", "null", "none", "-", "?"})
MAX_FIELD_CHARS = 1_000_000


def csv_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def load_csv(connection: sqlite3.Connection, path: Path, content: bytes, taken: set[str]) -> None:
    """Adds the table of one file. Raises UsageError, with the line, for what cannot be read as a table."""
    header, rows = read_rows(path, content)
    if not rows:
        raise UsageError(f"{path} has a header and no rows; give it rows or move it away")
    name = fresh(path.stem, taken)
    names = column_names(header)
    columns = list(zip(*rows, strict=True))
    typed = [typed_column(column) for column in columns]
    declared = ", ".join(f"{quoted(each)} {kind}" for each, (kind, _) in zip(names, typed, strict=True))
    connection.execute(f"CREATE TABLE {quoted(name)} ({declared})")
    marks = ", ".join("?" * len(names))
    values = zip(*(column for _, column in typed), strict=True)
    connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", values)


def read_rows(path: Path, content: bytes) -> tuple[list[str], list[list[str]]]:
    """Header and rows, all of the header's length: short rows are filled up, long ones are an error."""
    text = decoded(content)
    if "\0" in text:
        raise UsageError(f"{path} is no text file (it holds NUL bytes); expected CSV or SQLite")
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_FIELD_CHARS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}; expected one record per line") from None
    if not lines:
        raise UsageError(f"{path} is empty; expected a header line and rows")
    header = lines[0][1]
    for number, row in lines[1:]:
        if len(row) > len(header):
            raise UsageError(f"{path}, line {number}: {len(row)} fields, the header has {len(header)} (quote commas)")
        row.extend([""] * (len(header) - len(row)))
    return header, [row for _, row in lines[1:]]


def decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def column_names(header: Sequence[str]) -> list[str]:
    """Names as they stand, made unique: SQLite does not tell `A` from `a`."""
    taken: set[str] = set()
    return [fresh(name.strip() or f"column_{number}", taken) for number, name in enumerate(header, 1)]


def fresh(name: str, taken: set[str]) -> str:
    """`name`, or `name_2`, ..., whichever is free; `taken` holds names in lower case and gets the new one."""
    number, free = 1, name
    while free.casefold() in taken or free.casefold().startswith("sqlite_"):
        number += 1
        free = f"{name}_{number}" if not name.casefold().startswith("sqlite_") else f"table_{number}"
    taken.add(free.casefold())
    return free


def typed_column(texts: Sequence[str]) -> tuple[str, list[int | float | str | None]]:
    """SQL type and values of a column."""
    stripped = [text.strip() for text in texts]
    filled = [text for text in stripped if text and text.casefold() not in MISSING]
    if filled and all(INTEGER.fullmatch(text) for text in filled):
        known = set(filled)
        return "INTEGER", [int(text) if text in known else None for text in stripped]
    if filled and all(NUMBER.fullmatch(text) and not LEADING_ZERO.match(text) for text in filled):
        known = set(filled)
        return "REAL", [float(text) if text in known else None for text in stripped]
    if filled and all(text.casefold() in ("true", "false") for text in filled):
        return "BOOLEAN", [None if text not in filled else int(text.casefold() == "true") for text in stripped]
    return "TEXT", [text or None for text in stripped]
