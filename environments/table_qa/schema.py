"""What the tables of a source are and how they are spoken of: columns, keys, links, names, units, phrases.

Facts (kinds, keys, links) decide which questions can be asked; words only decide how they read. Words come from a `schema.json` beside CSV
files, or are made from the names, in `backticks`, so that a reader knows which column is meant.
"""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["integer", "number", "text", "boolean", "other"]
"""`other` holds blobs or mixed types: shown to the agent, never asked about."""
Role = Literal["measure", "category", "plain"]
"""measure: may be compared, ordered, averaged. category: rows may be chosen by its value. plain: may be asked for only."""

REFERENCE = "the {noun} whose {phrase} is {value}"
"""How a row is named where nobody said how."""
Use = Literal["extreme", "mean", "difference", "distinct"]


class ColumnWords(BaseModel):
    """What a schema file says about one column. Empty fields are inferred."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrase: str = Field("", description="How it is called in a question: 'melting point'.")
    unit: str = Field("", description="Unit of its numbers: 'K'.")
    note: str = Field("", description="What a reader must know besides: 'at 295 K'.")
    kind: Kind | None = Field(None, description="Kind of its values, where the text of a CSV file cannot tell.")
    roles: tuple[Role, ...] | None = Field(None, description="What questions may do with it; [] hides it from them.")
    total: bool = Field(False, description="Whether a sum over rows means something.")
    without: tuple[Use, ...] = Field((), description="What of a measure makes no sense to ask for.")
    high: str = Field("highest", description="Superlative of its greatest value: 'longest'.")
    low: str = Field("lowest", description="Superlative of its smallest value.")
    above: str = Field("whose {phrase} is above {value}", description="Clause: greater than.")
    below: str = Field("whose {phrase} is below {value}", description="Clause: smaller than.")
    equal: str = Field("whose {phrase} is {value}", description="Clause: equal to.")
    adjectives: tuple[str, str] | None = Field(None, description="Of a boolean: words before the noun for true, false.")


class LinkWords(BaseModel):
    """What a schema file says about one foreign key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(description="Table that holds the key.")
    column: str = Field(description="Column that holds the key.")
    target: str = Field(description="Table that it points to.")
    target_column: str = Field(description="Unique column that it points to.")
    of: str = Field("of {x}", description="Behind the noun of the rows that point to {x}: 'isotopes of {x}'.")
    to: str = Field("the {noun} of {x}", description="The row that {x} points to.")
    having: str = Field("with at least one {x}", description="Behind the noun of rows that some {x} points to.")
    most: str = Field("has the most {x}", description="What is true of the row that most {x} point to.")


class TableWords(BaseModel):
    """What a schema file says about one table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str = Field("", description="One sentence: what a row is.")
    noun: str = Field("", description="One row: 'isotope'.")
    plural: str = Field("", description="Several rows: 'isotopes'.")
    key: str = Field("", description="Primary key.")
    label: str = Field("", description="Column that names a row.")
    named: bool = Field(
        True, description="Whether questions may name one row of it, by its label or another unique column."
    )
    reference: str = Field("", description="How a named row is written: 'the isotope {value}'.")
    lower: bool = Field(False, description="Whether its names are written in lower case within a sentence.")
    columns: dict[str, ColumnWords] = Field(default_factory=dict, description="By column name.")


class SchemaWords(BaseModel):
    """A `schema.json` beside CSV files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field("", description="What the data is: 'the periodic table'.")
    tables: dict[str, TableWords] = Field(default_factory=dict, description="By table name, the stem of the CSV file.")
    links: tuple[LinkWords, ...] | None = Field(None, description="Every foreign key; inferred where absent.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: facts of its values, and its words."""

    name: str
    kind: Kind
    phrase: str
    nulls: int
    distinct: int
    roles: tuple[Role, ...]
    words: ColumnWords

    @property
    def unit(self) -> str:
        return self.words.unit

    @property
    def spoken(self) -> bool:
        """Whether a schema file gave it words; otherwise its name stands for them."""
        return bool(self.words.phrase)


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key of one column. `target_column` is unique in `target`."""

    table: str
    column: str
    target: str
    target_column: str
    of: str
    to: str
    having: str
    most: str
    spoken: bool
    """Whether a schema file gave it words."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `label` is the column that names a row, `key` the primary key of one column; either may be empty."""

    name: str
    rows: int
    max_rowid: int
    """0 where rows have no rowid."""
    columns: dict[str, Column]
    key: str
    label: str
    noun: str
    plural: str
    about: str
    reference: str
    lower: bool
    uniques: tuple[str, ...] = ()
    """Columns by which a question may name a row, the best first."""

    def with_role(self, role: Role, use: Use | None = None) -> list[Column]:
        """The columns of a role, in the order of the table; with `use`, only those for which it makes sense."""
        return [column for column in self.columns.values() if role in column.roles and use not in column.words.without]


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that is known of a source."""

    title: str
    tables: dict[str, Table]
    links: tuple[Link, ...]
    into: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    """Links by the table that they point to."""
    out_of: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    """Links by the table that holds them."""

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def link(self, table: str, column: str, target: str) -> Link | None:
        """The link from `table.column` to `target`."""
        for link in self.out_of.get(table, ()):
            if link.column == column and link.target == target:
                return link
        return None


def make_schema(title: str, tables: dict[str, Table], links: tuple[Link, ...]) -> Schema:
    into = {name: tuple(link for link in links if link.target == name) for name in tables}
    out_of = {name: tuple(link for link in links if link.table == name) for name in tables}
    return Schema(title, tables, links, into, out_of)


def quoted(name: str) -> str:
    """An identifier as SQL, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def plain_name(name: str) -> str:
    """A name without case and separators: `Customer_ID` and `customerId` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def singular(word: str) -> str:
    """An English plural without its ending, as far as foreign keys are named by it."""
    for ending, kept in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            return word[: -len(ending)] + kept
    return word


def fill(template: str, values: dict[str, str]) -> str:
    """`template` with the {names} that `values` knows; other braces, also those within values, stay as they are."""
    parts = template.split("{")
    for place, part in enumerate(parts[1:], 1):
        name, closed, rest = part.partition("}")
        parts[place] = values[name] + rest if closed and name in values else "{" + part
    return "".join(parts)
