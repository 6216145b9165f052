"""Finds the foreign keys of a database: those that are declared, and for tables that declare none those that names and values show.

A guess needs both: the column is named like a unique column elsewhere ("customer_id", "customer"), and every value of it occurs there.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from envgym.environments.table_qa.facts import Facts
from envgym.environments.table_qa.schema import Link, LinkWords, fill, plain_name, quoted, singular

INFERRED = LinkWords(
    table="",
    column="",
    target="",
    target_column="",
    of="linked by `{column}` to {x}",
    to="the {noun} that the `{column}` of {x} refers to",
    having="referred to by the `{column}` of at least one {x}",
    most="is referred to by the `{column}` of the most {x}",
)


def find_links(
    connection: sqlite3.Connection, facts: Mapping[str, Sequence[Facts]], keys: Mapping[str, str]
) -> Iterable[LinkWords]:
    """Declared foreign keys of one column; for a table without any, those that names and values show."""
    for table, columns in facts.items():
        declared = connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
        by_key: dict[int, list[tuple[str, str, str | None]]] = {}
        for row in declared:
            by_key.setdefault(row[0], []).append((row[2], row[3], row[4]))
        for parts in sorted(by_key.values()):
            target = next((name for name in facts if name.casefold() == parts[0][0].casefold()), "")
            link = INFERRED.model_copy(update={"table": table, "column": parts[0][1], "target": target})
            place = parts[0][2] or keys.get(target, "")
            if len(parts) == 1 and any(column.name == place and column.unique for column in facts.get(target, ())):
                yield link.model_copy(update={"target_column": place})
        if not declared:
            for column in columns:
                yield from guessed_links(connection, table, column, facts)


def guessed_links(
    connection: sqlite3.Connection, table: str, column: Facts, facts: Mapping[str, Sequence[Facts]]
) -> Iterable[LinkWords]:
    """The first unique column elsewhere that `column` is named after and whose values hold all of its own."""
    for target, others in facts.items():
        for other in others:
            fits = target != table and other.unique and other.kind == column.kind and column.kind in ("integer", "text")
            if (
                fits
                and named_after(column.name, target, other.name)
                and contained(connection, table, column, target, other)
            ):
                place = {"table": table, "column": column.name, "target": target, "target_column": other.name}
                yield INFERRED.model_copy(update=place)
                return


def named_after(column: str, target: str, target_column: str) -> bool:
    """`customer_id`, `customerId`, `customer`, or the very name of a key that is not just "id"."""
    name, key = plain_name(column), plain_name(target_column)
    tables = {plain_name(target), singular(plain_name(target))}
    if name == key:
        return key not in ("id", "name", "key", "code", "number", "title", "label")
    return name in {word + key for word in tables} or name in tables or name in {word + "id" for word in tables}


def contained(connection: sqlite3.Connection, table: str, column: Facts, target: str, other: Facts) -> bool:
    mine, theirs = quoted(column.name), quoted(other.name)
    stray = (
        f"SELECT 1 FROM {quoted(table)} WHERE {mine} IS NOT NULL "
        f"AND {mine} NOT IN (SELECT {theirs} FROM {quoted(target)}) LIMIT 1"
    )
    return connection.execute(stray).fetchone() is None


def make_link(link: LinkWords, *, spoken: bool) -> Link:
    names = {"column": link.column}
    words = {name: fill(getattr(link, name), names) for name in ("of", "to", "having", "most")}
    return Link(link.table, link.column, link.target, link.target_column, spoken=spoken, **words)
