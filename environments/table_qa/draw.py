"""Draws formal questions at random from what a schema allows.

A question is built from the outside in: its table, then where the rows come from, then filters whose values are taken from rows that are
there. Nothing here is sure to make sense; prove.py rejects what does not. Every choice comes from the one random stream, over lists in the
order of the schema, so equal seeds give equal questions in any process.
"""

import math
import random
from collections.abc import Callable
from typing import Any, Literal

from envgym.environments.table_qa.prove import Prover, Rejected, printable, require
from envgym.environments.table_qa.query import (
    Aggregate,
    Busiest,
    Children,
    Comparison,
    Count,
    Difference,
    Distinct,
    Everything,
    Exists,
    Extreme,
    Greater,
    Key,
    Listing,
    Named,
    Only,
    Parents,
    Value,
    Where,
    parts,
    select,
    single,
    table_of,
)
from envgym.environments.table_qa.schema import Column, Link, Schema, Table, quoted
from envgym.environments.table_qa.source import Source

Shape = Literal[
    "attribute",
    "superlative",
    "superlative_attribute",
    "busiest",
    "count",
    "distinct",
    "sum",
    "average",
    "extreme_value",
    "list",
    "exists",
    "compare",
    "difference",
]
SCAN_ROWS = 20_000
"""Tables up to this size are ordered to draw a value; in larger ones the value of a random row is taken."""


class Drawer:
    """Draws on one source from one random stream. Every method raises Rejected when its luck runs out."""

    def __init__(self, source: Source, rng: random.Random, prover: Prover, *, truth: bool) -> None:
        self._source = source
        self._schema: Schema = source.schema
        self._rng = rng
        self._prover = prover
        self._truth = truth
        """What a question for yes or no should be answered with."""
        self._tables = list(self._schema.tables.values())

    def question(self, shape: Shape, steps: int) -> Any:
        """A question of this shape with about `steps` steps."""
        draw: dict[str, Callable[[int], Any]] = {
            "attribute": self._attribute,
            "superlative": self._superlative,
            "superlative_attribute": self._superlative_attribute,
            "busiest": self._busiest_name,
            "count": lambda left: Count(self.several(self._table(), left - 1)),
            "distinct": self._distinct,
            "sum": lambda left: self._aggregate("sum", left),
            "average": lambda left: self._aggregate("avg", left),
            "extreme_value": lambda left: self._aggregate(self._rng.choice(("max", "min")), left),
            "list": self._list,
            "exists": self._exists,
            "compare": self._compare,
            "difference": self._difference,
        }
        return draw[shape](steps)

    def _table(self, fits: Callable[[Table], bool] = lambda table: True) -> Table:
        """One of the tables that fit."""
        tables = [table for table in self._tables if table.rows >= 3 and fits(table)]
        require(bool(tables), "no table that fits")
        return self._rng.choice(tables)

    # ---- what is asked

    def _attribute(self, steps: int) -> Value:
        table = self._table()
        rows = self.linked_one(table, steps)
        return Value(rows, self._asked_column(table, rows).name)

    def _superlative(self, steps: int) -> Value:
        table = self._table(lambda each: bool(each.label and each.with_role("measure", "extreme")))
        return Value(self.extreme(table, steps), table.label)

    def _superlative_attribute(self, steps: int) -> Value:
        table = self._table(lambda each: bool(each.with_role("measure", "extreme")))
        rows = self.extreme(table, steps)
        return Value(rows, self._asked_column(table, rows).name)

    def _busiest_name(self, steps: int) -> Value:
        table = self._table(lambda each: bool(each.label and self._schema.into[each.name]))
        return Value(self.busiest(table, steps), table.label)

    def _distinct(self, steps: int) -> Distinct:
        table = self._table(lambda each: bool(counted(each)))
        column = self._rng.choice(counted(table))
        return Distinct(self.several(table, steps - 1), column.name)

    def _aggregate(self, function: Any, steps: int) -> Aggregate:
        table = self._table(lambda each: bool(self._summed(each, function)))
        column = self._rng.choice(self._summed(table, function))
        rows = self.several(table, steps - 1)
        require(function not in ("max", "min") or column.name not in filtered_by(rows), "asks for what it filters by")
        return Aggregate(rows, column.name, function)

    def _list(self, steps: int) -> Listing:
        table = self._table(lambda each: bool(each.label and each.columns[each.label].kind == "text"))
        return Listing(self.several(table, steps - 1), table.label)

    def _exists(self, steps: int) -> Exists:
        table = self._table()
        rows = self.several(table, steps - 1)
        while isinstance(rows, Where) and not isinstance(rows.of, Everything):
            rows = rows.of
        found = self._filter(rows, drawn_from=rows if self._truth else Everything(table.name))
        return Exists(found)

    def _compare(self, steps: int) -> Greater:
        table = self._table(lambda each: bool(each.with_role("measure")))
        return Greater(*self._pair(table, self._rng.choice(table.with_role("measure")), steps))

    def _difference(self, steps: int) -> Difference:
        table = self._table(lambda each: bool(each.with_role("measure", "difference")))
        return Difference(*self._pair(table, self._rng.choice(table.with_role("measure", "difference")), steps))

    def _pair(self, table: Table, column: Column, steps: int) -> tuple[Value, Value]:
        """The same column of two rows, each of which can be said in a few words."""
        left = self._rng.randint(0, steps - 1)
        first, second = self.one(table, left), self.one(table, steps - 1 - left)
        wordy = any(isinstance(part, Where) for rows in (first, second) for part in parts(rows))
        require(not wordy, "too long to compare")
        require(all(getattr(part, "column", "") != column.name for part in (first, second)), "asks for what it says")
        return Value(first, column.name), Value(second, column.name)

    def _asked_column(self, table: Table, rows: Any) -> Column:
        """A column that may be asked for and does not already stand in the question about the same row."""
        used = {getattr(part, "column", "") for part in parts(rows) if table_of(part) == table.name}
        open_columns = [
            column
            for column in table.columns.values()
            if column.roles and column.kind in ("integer", "number", "text") and column.name not in used
        ]
        require(bool(open_columns), "no column to ask for")
        return self._rng.choice(open_columns)

    def _summed(self, table: Table, function: str) -> list[Column]:
        if function == "sum":
            return [column for column in table.with_role("measure") if column.words.total]
        return table.with_role("measure", "mean" if function == "avg" else "extreme")

    # ---- rows

    def several(self, table: Table, steps: int) -> Any:
        """Rows of `table` that `steps` links lead to, in most cases filtered."""
        if steps <= 0:
            some = self._filter(Everything(table.name))
            return self._filter(some) if self._rng.random() < 0.5 else some
        down, up = self._schema.out_of[table.name], self._schema.into[table.name]
        require(bool(down or up), "no links")
        link = self._rng.choice([*down, *down, *down, *up])
        rows: Children | Parents = self._children(link, steps) if link in down else self._parents(link, steps)
        return self._filter(rows) if self._rng.random() < 0.5 else rows

    def _children(self, link: Link, steps: int) -> Children:
        target = self._schema.tables[link.target]
        of = self.one(target, steps - 1) if self._rng.random() < 0.7 or steps < 2 else self.several(target, steps - 1)
        return Children(of, key_of(link))

    def _parents(self, link: Link, steps: int) -> Parents:
        rows = self.several(self._schema.tables[link.table], steps - 1)
        require(came_from(rows) != key_of(link), "goes back where it came from")
        return Parents(rows, key_of(link))

    def one(self, table: Table, steps: int) -> Any:
        """One row of `table`."""
        if steps <= 0:
            return self._named(table)
        if table.with_role("measure", "extreme") and self._rng.random() < 0.45:
            return self.extreme(table, steps)
        return self.linked_one(table, steps)

    def linked_one(self, table: Table, steps: int) -> Any:
        """One row that links alone pick: what a row points to, the only one of several, the one that most rows point to."""
        into = self._schema.into[table.name]
        choices: list[Callable[[], Any]] = [lambda: Only(self.several(table, steps))]
        if into:
            link = self._rng.choice(into)
            choices += [lambda: self._parent(link, steps)] * 2
        if into and steps >= 2:
            choices.append(lambda: self.busiest(table, steps))
        return self._rng.choice(choices)()

    def _parent(self, link: Link, steps: int) -> Parents:
        row = self.one(self._schema.tables[link.table], steps - 1)
        require(came_from(row, one=True) != key_of(link), "goes back where it came from")
        return Parents(row, key_of(link))

    def extreme(self, table: Table, steps: int) -> Extreme:
        columns = table.with_role("measure", "extreme")
        require(bool(columns), "nothing to order by")
        rows = self.several(table, steps - 1)
        columns = [column for column in columns if column.name not in filtered_by(rows)]
        require(bool(columns), "nothing to order by")
        return Extreme(rows, self._rng.choice(columns).name, self._rng.choice(("max", "min")))

    def busiest(self, table: Table, steps: int) -> Busiest:
        link = self._rng.choice(self._schema.into[table.name])
        rows = self.several(self._schema.tables[link.table], steps - 1)
        require(came_from(rows) != key_of(link), "goes back where it came from")
        return Busiest(rows, key_of(link))

    def _named(self, table: Table) -> Named:
        require(bool(table.uniques), "rows without names")
        name = table.uniques[0] if self._rng.random() < 0.8 else self._rng.choice(table.uniques)
        value = self._value_in(Everything(table.name), table.columns[name])
        return Named(table.name, name, value)

    # ---- filters

    def _filter(self, rows: Any, *, drawn_from: Any = None) -> Where:
        """`rows` with one more filter, on a column that has none yet; its value occurs in `drawn_from`, else in the rows."""
        table = self._schema.tables[table_of(rows)]
        choosing = [*table.with_role("category"), *table.with_role("measure")]
        columns = [each for each in choosing if each.name not in filtered_by(rows)]
        require(bool(columns), "nothing to filter by")
        column = self._rng.choice(columns)
        value = self._value_in(drawn_from or rows, column)
        if "category" in column.roles and ("measure" not in column.roles or self._rng.random() < 0.5):
            return Where(rows, column.name, "=", value)
        comparison: Comparison = self._rng.choice((">", "<"))
        return Where(rows, column.name, comparison, rounded(value))

    def _value_in(self, rows: Any, column: Column) -> str | int | float:
        """A value that occurs in the rows and can be written."""
        table = self._schema.tables[table_of(rows)]
        if table.rows > SCAN_ROWS and table.max_rowid:
            value = self._value_of_some_row(rows, column, table.max_rowid)
        elif isinstance(rows, Everything):
            kept = self._source.values(table.name, column.name)
            value = self._rng.choice(kept) if kept else None
        else:
            value = self._value_in_order(rows, column)
        return written(value)

    def _value_of_some_row(self, rows: Any, column: Column, max_rowid: int) -> Any:
        """The value of the first row at or after a random one: nothing is sorted, most often little is read."""
        name, start = quoted(column.name), self._rng.randint(1, max_rowid)
        sql, values = select(name, rows, also=f"{name} IS NOT NULL AND rowid >= ?", tail="ORDER BY rowid LIMIT 1")
        found = self._source.read(sql, [*values, start]) or self._source.read(sql, [*values, -(2**63)])
        return found[0][0] if found else None

    def _value_in_order(self, rows: Any, column: Column) -> Any:
        """The value at a random place in their order."""
        count = self._prover.count(rows)
        require(count > 0, "no rows")
        name = quoted(column.name)
        sql, values = select(name, rows, also=f"{name} IS NOT NULL", tail="ORDER BY 1 LIMIT 1 OFFSET ?")
        found = self._source.read(sql, [*values, self._rng.randrange(count)])
        return found[0][0] if found else None


def written(value: Any) -> str | int | float:
    """A value that can stand in a question. Raises Rejected for others: NULL, blobs, infinities, long or odd texts."""
    if isinstance(value, str) and printable(value):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise Rejected("no value that can be written")


def counted(table: Table) -> list[Column]:
    """Columns of which it makes sense to count the different values."""
    return [column for column in table.with_role("category", "distinct") if column.kind != "boolean"]


def filtered_by(rows: Any) -> set[str]:
    """The columns by which rows of this table were filtered."""
    return {part.column for part in parts(rows) if isinstance(part, Where) and table_of(part) == table_of(rows)}


def came_from(rows: Any, *, one: bool = False) -> Key | None:
    """The key that the rows were reached by from above, if they were; with `one`, from a single row."""
    while isinstance(rows, Where | Only | Extreme):
        rows = rows.of
    return rows.key if isinstance(rows, Children) and (single(rows.of) or not one) else None


def key_of(link: Link) -> Key:
    return Key(link.table, link.column, link.target, link.target_column)


def rounded(value: Any) -> Any:
    """A number with two significant digits, as people choose thresholds; years and small integers stay as they are."""
    if isinstance(value, float):
        return float(f"{value:.2g}")
    return value if not isinstance(value, int) or abs(value) < 3000 else int(float(f"{value:.2g}"))
