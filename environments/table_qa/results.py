"""What tools answer: compact JSON that an agent can read and a program can parse, with a note wherever something was left out."""

import json
from collections.abc import Sequence
from typing import Any

from envgym.environments.table_qa.schema import Column, Schema, Table
from envgym.environments.table_qa.source import Row, Source

MAX_CELL_CHARS = 300
MAX_CHARS = 12_000
MAX_COLUMNS = 60
EXAMPLES = 3


def rows_text(columns: Sequence[str], rows: Sequence[Row], *, more: str = "") -> str:
    """Rows as JSON. `more` says how to get at rows that were not read; what does not fit into MAX_CHARS is left out, and that is said."""
    notes = [more] if more else []
    if len(columns) > MAX_COLUMNS:
        notes.append(f"only the first {MAX_COLUMNS} of {len(columns)} columns are shown; name the columns you need")
    kept: list[list[Any]] = []
    size = 0
    for row in rows:
        cells = [cell(value) for value in row[:MAX_COLUMNS]]
        size += sum(len(value) if isinstance(value, str) else 8 for value in cells)
        if size > MAX_CHARS and kept:
            notes = [f"only the first {len(kept)} rows fit here; ask for fewer columns or rows"]
            break
        kept.append(cells)
    names = [str(cell(name)) for name in columns[:MAX_COLUMNS]]
    return text({"columns": names, "rows": kept} | ({"note": "; ".join(notes)} if notes else {}))


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cell(value: Any) -> Any:
    """A value as JSON has it. Blobs are named by their size, infinities by their sign, long texts are cut."""
    if isinstance(value, str):
        return value if len(value) <= MAX_CELL_CHARS else f"{value[:MAX_CELL_CHARS]}... ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return str(value) if value in (float("inf"), float("-inf")) else value


def tables_text(schema: Schema) -> str:
    tables = [
        {"table": table.name, "rows": table.rows, **({"about": table.about} if table.about else {})}
        for table in schema.tables.values()
    ]
    return text({"data": schema.title, "tables": tables})


def table_text(source: Source, table: Table) -> str:
    """Everything about one table: columns with type, meaning, unit, missing values and examples, keys in both directions."""
    return source.kept(("sheet", table.name), lambda: text(sheet_of(source, table)))


def sheet_of(source: Source, table: Table) -> dict[str, Any]:
    sheet: dict[str, Any] = {"table": table.name, "rows": table.rows}
    if table.about:
        sheet["about"] = table.about
    if table.key:
        sheet["key"] = table.key
    sheet["columns"] = [column_entry(source, table, column) for column in table.columns.values()]
    into = source.schema.into[table.name]
    if into:
        sheet["referred_to_by"] = [f"{link.table}.{link.column} -> {link.target_column}" for link in into]
    return sheet


def column_entry(source: Source, table: Table, column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.spoken:
        entry["meaning"] = column.phrase + (f" ({column.words.note})" if column.words.note else "")
    if column.unit:
        entry["unit"] = column.unit
    links = [link for link in source.schema.out_of[table.name] if link.column == column.name]
    if links:
        entry["refers_to"] = " and ".join(f"{link.target}.{link.target_column}" for link in links)
    if column.nulls:
        entry["missing"] = column.nulls
    entry["examples"] = [cell(value) for value in source.examples(table.name, column.name)[:EXAMPLES]]
    return entry
