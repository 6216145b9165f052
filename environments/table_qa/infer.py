"""Reads the schema of a SQLite connection: tables, keys, foreign keys, which columns name a row, what each can be asked for.

What a schema file says wins; everything else is inferred from what is stored. Keys and blobs are never asked for; a number may be
compared and averaged; a text or small integer that repeats chooses rows.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from envgym.environments.table_qa.facts import (
    Facts,
    column_facts,
    count_rows,
    declared_key,
    last_rowid,
    table_names,
)
from envgym.environments.table_qa.links import find_links, make_link
from envgym.environments.table_qa.schema import (
    REFERENCE,
    Column,
    ColumnWords,
    Kind,
    Role,
    Schema,
    SchemaWords,
    Table,
    TableWords,
    make_schema,
    plain_name,
)
from envgym.errors import UsageError

MAX_CATEGORIES = 60
MAX_NAME_CHARS = 80
UNSPOKEN = ColumnWords.model_validate({"total": True})
"""A column that no schema file speaks of: nobody says what its numbers mean, so sums are asked for too."""
NO_TABLE_WORDS = TableWords.model_validate({})


def read_schema(connection: sqlite3.Connection, words: SchemaWords, *, title: str) -> Schema:
    """The schema. Raises UsageError when there is nothing to ask about, or `words` does not fit."""
    rows = {name: count_rows(connection, name) for name in table_names(connection)}
    facts = {name: column_facts(connection, name, count) for name, count in rows.items() if count}
    if not facts:
        raise UsageError(f"data: {title} has no table with rows; expected at least one with three rows")
    check_words(words, facts)
    keys = {name: primary_key(connection, name, facts[name], words) for name in facts}
    spoken = words.links is not None
    found = words.links if words.links is not None else find_links(connection, facts, keys)
    links = tuple(make_link(link, spoken=spoken) for link in found)
    in_links = {(link.table, link.column) for link in links} | {(link.target, link.target_column) for link in links}
    tables = {}
    for name, columns in facts.items():
        spoken_of = words.tables.get(name, NO_TABLE_WORDS)
        linked = {column for table, column in in_links if table == name}
        shape = {"rows": rows[name], "max_rowid": last_rowid(connection, name)}
        tables[name] = make_table(name, columns, keys[name], spoken_of, linked=linked, **shape)
    return make_schema(words.title or title, tables, links)


def check_words(words: SchemaWords, facts: Mapping[str, Sequence[Facts]]) -> None:
    """Raises UsageError for a schema file that names what is not there, or takes for unique what is not."""
    known = {name: {column.name: column for column in columns} for name, columns in facts.items()}
    places = [(table, column) for table, spoken in words.tables.items() for column in ["", *spoken.columns]]
    uniques = [(link.target, link.target_column) for link in words.links or ()]
    uniques += [(table, name) for table, spoken in words.tables.items() for name in (spoken.key, spoken.label) if name]
    places += [(link.table, link.column) for link in words.links or ()]
    for table, column in [*places, *uniques]:
        if table not in known or (column and column not in known[table]):
            raise UsageError(
                f"data: schema.json speaks of {table}.{column}, which is not in the data; correct the name"
            )
    for table, column in uniques:
        if not known[table][column].unique:
            raise UsageError(f"data: schema.json takes {table}.{column} for unique, but values repeat or are missing")


def primary_key(connection: sqlite3.Connection, table: str, facts: Sequence[Facts], words: SchemaWords) -> str:
    """The declared key of one column, else the first unique column that is named like one, else nothing."""
    spoken = words.tables.get(table)
    if spoken is not None and spoken.key:
        return spoken.key
    declared = declared_key(connection, table)
    if declared:
        return declared[0] if len(declared) == 1 else ""
    uniques = [column.name for column in facts if column.unique and column.kind in ("integer", "text")]
    named = [name for name in uniques if plain_name(name).endswith(("id", "key", "code", "number", "no"))]
    return (named or uniques[:1] or [""])[0]


def make_table(
    name: str, facts: Sequence[Facts], key: str, words: TableWords, *, linked: set[str], rows: int, max_rowid: int
) -> Table:
    """A table from its facts and words; `linked` are the columns that are part of a foreign key on either side."""
    columns: dict[str, Column] = {}
    for each in facts:
        spoken = words.columns.get(each.name, UNSPOKEN)
        kind = spoken.kind or each.kind
        is_key = each.name == key or each.name in linked
        roles = spoken.roles if spoken.roles is not None else roles_of(each, kind, is_key=is_key)
        phrase = spoken.phrase or f"`{each.name}`"
        columns[each.name] = Column(each.name, kind, phrase, each.nulls, each.distinct, roles, spoken)
    hidden = {name for name, spoken in words.columns.items() if spoken.roles == ()}
    uniques = (
        naming_columns([each for each in facts if each.name not in hidden], key, words.label) if words.named else ()
    )
    label = next(iter(uniques), "")
    noun = words.noun or f"`{name}` row"
    plural = words.plural or f"`{name}` rows"
    reference = words.reference or REFERENCE
    return Table(
        name=name,
        rows=rows,
        max_rowid=max_rowid,
        columns=columns,
        key=key,
        label=label,
        noun=noun,
        plural=plural,
        about=words.about,
        reference=reference,
        lower=words.lower,
        uniques=uniques,
    )


def naming_columns(facts: Sequence[Facts], key: str, label: str) -> tuple[str, ...]:
    """The columns by which a row can be named, the best first: what is called a name, other unique texts, the key."""
    texts = [each.name for each in facts if names_rows(each)]
    found = [label] if label else []
    found += sorted(texts, key=lambda text: not looks_named(text))
    found += [each.name for each in facts if each.name == key and each.unique]
    return tuple(dict.fromkeys(found))


def names_rows(column: Facts) -> bool:
    """Whether every value is a short text of its own, also without regard to case."""
    return (
        column.kind == "text"
        and column.unique
        and column.folded == column.rows
        and 0 < column.longest <= MAX_NAME_CHARS
    )


def looks_named(name: str) -> bool:
    return any(word in plain_name(name) for word in ("name", "title", "label"))


def roles_of(column: Facts, kind: Kind, *, is_key: bool) -> tuple[Role, ...]:
    """What an inferred column can be asked for. Keys and blobs: nothing. Numbers that repeat a lot may also choose rows."""
    if is_key or kind == "other":
        return ()
    if kind == "boolean":
        return ("category",)
    repeats = (
        2 <= column.distinct <= MAX_CATEGORIES
        and column.distinct * 2 <= column.rows
        and column.longest <= MAX_NAME_CHARS
    )
    if kind == "text":
        return ("category", "plain") if repeats else ("plain",) if column.longest <= MAX_NAME_CHARS else ()
    if column.unique and kind == "integer" and plain_name(column.name).endswith("id"):
        return ()
    return ("measure", "category") if repeats and kind == "integer" and column.distinct <= 12 else ("measure",)
