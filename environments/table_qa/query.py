"""Formal questions: a small tree that says exactly what is asked, and the SQL that answers it.

Rows are picked by `Named`, `Everything`, `Where`, `Children`, `Parents`, `Extreme`, `Busiest` and `Only`; a question asks something of
rows: a `Value`, a `Count`, ... Values are always SQL parameters and names always quoted. `Extreme`, `Busiest` and `Only` speak of one row;
that there is exactly one is proved elsewhere (prove.py), for SQL would silently take any.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from envgym.environments.table_qa.schema import quoted

FORM = ConfigDict(extra="forbid")
Comparison = Literal["=", ">", "<"]
End = Literal["max", "min"]
Scalar = int | float | str
Sql = tuple[str, list[Scalar]]


@dataclass(frozen=True, slots=True, config=FORM)
class Key:
    """A foreign key: `table.column` points to `target.target_column`."""

    table: str
    column: str
    target: str
    target_column: str


@dataclass(frozen=True, slots=True, config=FORM)
class Named:
    """The one row whose `column` is `value`."""

    table: str
    column: str
    value: Scalar
    node: Literal["named"] = "named"


@dataclass(frozen=True, slots=True, config=FORM)
class Everything:
    """All rows of a table."""

    table: str
    node: Literal["everything"] = "everything"


@dataclass(frozen=True, slots=True, config=FORM)
class Where:
    """Those rows for which a comparison holds."""

    of: "Rows"
    column: str
    comparison: Comparison
    value: Scalar
    node: Literal["where"] = "where"


@dataclass(frozen=True, slots=True, config=FORM)
class Children:
    """The rows that point to some row of `of`."""

    of: "Rows"
    key: Key
    node: Literal["children"] = "children"


@dataclass(frozen=True, slots=True, config=FORM)
class Parents:
    """The rows that some row of `of` points to."""

    of: "Rows"
    key: Key
    node: Literal["parents"] = "parents"


@dataclass(frozen=True, slots=True, config=FORM)
class Extreme:
    """The one row with the greatest or smallest value; rows without a value do not take part."""

    of: "Rows"
    column: str
    end: End
    node: Literal["extreme"] = "extreme"


@dataclass(frozen=True, slots=True, config=FORM)
class Busiest:
    """The one row that most rows of `of` point to."""

    of: "Rows"
    key: Key
    node: Literal["busiest"] = "busiest"


@dataclass(frozen=True, slots=True, config=FORM)
class Only:
    """The one row that there is in `of`."""

    of: "Rows"
    node: Literal["only"] = "only"


Rows = Annotated[
    Named | Everything | Where | Children | Parents | Extreme | Busiest | Only, Field(discriminator="node")
]


@dataclass(frozen=True, slots=True, config=FORM)
class Value:
    """What one row holds in a column."""

    of: Rows
    column: str
    asks: Literal["value"] = "value"


@dataclass(frozen=True, slots=True, config=FORM)
class Count:
    """How many rows there are."""

    of: Rows
    asks: Literal["count"] = "count"


@dataclass(frozen=True, slots=True, config=FORM)
class Distinct:
    """How many different values a column has in the rows."""

    of: Rows
    column: str
    asks: Literal["distinct"] = "distinct"


@dataclass(frozen=True, slots=True, config=FORM)
class Aggregate:
    """One number made of the values of a column; rows without a value do not take part."""

    of: Rows
    column: str
    function: Literal["sum", "avg", "max", "min"]
    asks: Literal["aggregate"] = "aggregate"


@dataclass(frozen=True, slots=True, config=FORM)
class Listing:
    """The values of a column in the rows, in any order."""

    of: Rows
    column: str
    asks: Literal["listing"] = "listing"


@dataclass(frozen=True, slots=True, config=FORM)
class Exists:
    """Whether there is any row."""

    of: Rows
    asks: Literal["exists"] = "exists"


@dataclass(frozen=True, slots=True, config=FORM)
class Greater:
    """Whether the first value is greater than the second."""

    left: Value
    right: Value
    asks: Literal["greater"] = "greater"


@dataclass(frozen=True, slots=True, config=FORM)
class Difference:
    """The first value minus the second."""

    left: Value
    right: Value
    asks: Literal["difference"] = "difference"


Question = Annotated[
    Value | Count | Distinct | Aggregate | Listing | Exists | Greater | Difference, Field(discriminator="asks")
]
QUESTION: TypeAdapter[Any] = TypeAdapter(Question)
"""Questions to and from JSON."""
SINGLE = (Named, Extreme, Busiest, Only)


def table_of(rows: Any) -> str:
    """The table that rows are of."""
    if isinstance(rows, Named | Everything):
        return rows.table
    if isinstance(rows, Children):
        return rows.key.table
    if isinstance(rows, Parents | Busiest):
        return rows.key.target
    return table_of(rows.of)


def single(rows: Any) -> bool:
    """Whether rows are one by their form."""
    return isinstance(rows, SINGLE) or (isinstance(rows, Parents) and single(rows.of))


def parts(rows: Any) -> Iterator[Any]:
    """A tree of rows from the outside in."""
    yield rows
    if not isinstance(rows, Named | Everything):
        yield from parts(rows.of)


def hops(question: Any) -> int:
    """Steps that build on one another: foreign keys followed, superlatives, and the reckoning over several rows at the end."""
    if isinstance(question, Greater | Difference):
        return hops(question.left) + hops(question.right) + 1
    steps = sum(isinstance(part, Children | Parents | Extreme | Busiest) for part in parts(question.of))
    return steps + (not isinstance(question, Value))


def select(what: str, rows: Any, *, also: str = "", tail: str = "") -> Sql:
    """A SELECT over rows with one more condition and what follows the conditions, and its parameters."""
    source, clauses, values = picked(rows)
    where = " AND ".join([*clauses, also] if also else clauses)
    return f"SELECT {what} FROM {source}{f' WHERE {where}' if where else ''}{f' {tail}' if tail else ''}", values


def picked(rows: Any) -> tuple[str, list[str], list[Scalar]]:
    """Rows as a table, conditions that all hold, and their parameters."""
    match rows:
        case Named():
            return quoted(rows.table), [f"{quoted(rows.column)} = ?"], [rows.value]
        case Everything():
            return quoted(rows.table), [], []
        case Only():
            return picked(rows.of)
        case Where():
            source, clauses, values = picked(rows.of)
            return source, [*clauses, f"{quoted(rows.column)} {rows.comparison} ?"], [*values, rows.value]
        case Extreme():
            column, order = quoted(rows.column), "DESC" if rows.end == "max" else "ASC"
            sql, values = select("*", rows.of, also=f"{column} IS NOT NULL", tail=f"ORDER BY {column} {order} LIMIT 1")
            return f"({sql})", [], values
    column, target = quoted(rows.key.column), quoted(rows.key.target_column)
    if isinstance(rows, Children):
        sql, values = select(target, rows.of)
        return quoted(rows.key.table), [f"{column} IN ({sql})"], values
    if isinstance(rows, Parents):
        sql, values = select(column, rows.of)
        return quoted(rows.key.target), [f"{target} IN ({sql})"], values
    most = f"GROUP BY {column} ORDER BY count(*) DESC LIMIT 1"
    sql, values = select(column, rows.of, also=f"{column} IS NOT NULL", tail=most)
    return quoted(rows.key.target), [f"{target} = ({sql})"], values


def answer_sql(question: Any) -> Sql:
    """The SELECT whose only value, or column of values, is the answer."""
    if isinstance(question, Greater | Difference):
        (left, first), (right, second) = answer_sql(question.left), answer_sql(question.right)
        return f"SELECT ({left}) {'>' if isinstance(question, Greater) else '-'} ({right})", [*first, *second]
    if isinstance(question, Count):
        return select("count(*)", question.of)
    if isinstance(question, Exists):
        return select("count(*) > 0", question.of)
    column = quoted(question.column)
    if isinstance(question, Distinct):
        return select(f"count(DISTINCT {column})", question.of)
    if isinstance(question, Aggregate):
        return select(f"{question.function}({column})", question.of)
    return select(column, question.of)
