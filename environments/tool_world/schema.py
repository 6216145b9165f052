"""SQLite tables of a domain: columns with checks, foreign keys, indices, and triggers that write every change into a journal."""

from collections.abc import Iterator

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field

SYSTEM = """
CREATE TABLE _clock (now TEXT NOT NULL);
CREATE TABLE _journal (seq INTEGER PRIMARY KEY, "table" TEXT NOT NULL, id TEXT NOT NULL, old TEXT, new TEXT);
CREATE TABLE _outcome (id TEXT PRIMARY KEY, outcome TEXT NOT NULL, answer TEXT, policy TEXT) WITHOUT ROWID;
"""


def schema(domain: Domain) -> str:
    """All statements that make an empty world."""
    return SYSTEM + "\n".join(statement for table in domain.tables.values() for statement in _table(domain, table))


def _table(domain: Domain, table: Table) -> Iterator[str]:
    columns = ["id TEXT PRIMARY KEY", *(_column(domain, table, name, field) for name, field in table.fields.items())]
    yield f'CREATE TABLE "{table.name}" ({", ".join(columns)}) WITHOUT ROWID;'
    for name, field in table.fields.items():
        if field.kind == "ref":
            yield f'CREATE INDEX "index_{table.name}_{name}" ON "{table.name}" ("{table.column(name)}");'
    for keys in table.find:
        if len(keys) > 1 or not table.fields[keys[0]].unique:
            named = ", ".join(f'"{table.column(key)}"{_collation(table.fields[key])}' for key in keys)
            yield f'CREATE INDEX "index_{table.name}_by_{"_".join(keys)}" ON "{table.name}" ({named});'
    old, new = (", ".join(f'{side}."{column}"' for column in table.columns[1:]) for side in ("OLD", "NEW"))
    for event, key, before, after in (
        ("INSERT", "NEW", "NULL", f"json_array({new})"),
        ("UPDATE", "NEW", f"json_array({old})", f"json_array({new})"),
        ("DELETE", "OLD", f"json_array({old})", "NULL"),
    ):
        yield (
            f'CREATE TRIGGER "{table.name}_{event.lower()}" AFTER {event} ON "{table.name}" BEGIN '
            f"INSERT INTO _journal VALUES (NULL, '{table.name}', {key}.id, {before}, {after}); END;"
        )


def _column(domain: Domain, table: Table, name: str, field: Field) -> str:
    column = f'"{table.column(name)}"'
    parts = [column, "INTEGER" if field.whole_number else "TEXT" + _collation(field)]
    if not field.optional:
        parts.append("NOT NULL")
    if field.unique:
        parts.append("UNIQUE")
    if field.choices:
        parts.append(f"CHECK ({column} IN ({', '.join(_quoted(choice) for choice in field.choices)}))")
    if field.kind in ("integer", "flag"):
        parts.append(f"CHECK ({column} BETWEEN {field.low} AND {field.high})")
    if field.kind == "cents":
        parts.append(f"CHECK ({column} >= 0)")
    if field.kind == "ref":
        parts.append(f'REFERENCES "{domain.table(field.target).name}" (id)')
    return " ".join(parts)


def _collation(field: Field) -> str:
    """Texts that are found in any case are compared so by the database as well."""
    return " COLLATE NOCASE" if field.compare == "casefold" else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
