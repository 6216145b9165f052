"""Rows and the transaction that an operation runs in: `order.customer.tier` reads, `order.status = "cancelled"` writes, `tx.new` inserts.

A transaction caches the rows that it has read and writes through at once, so triggers, constraints and later reads see every change.
It has no SQL in its face: an operation can only do what the business does to its rows.
"""

from typing import Any, Protocol

from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.entity import Table
from envgym.errors import InvalidAction, UsageError


class Refused(InvalidAction):
    """The business does not do that; the message says why and is told to the agent."""

    def __init__(self, why: str) -> None:
        super().__init__(why, code="tool.refused")


class Store(Protocol):
    """What a transaction needs of a world."""

    def values(self, table: Table, id: str) -> dict[str, Any] | None: ...
    def ids(self, table: Table, field: str, value: Any) -> list[str]: ...
    def update(self, table: Table, id: str, field: str, value: Any) -> None: ...
    def insert(self, table: Table, values: dict[str, Any]) -> str: ...
    def delete(self, table: Table, id: str) -> None: ...
    def table_of(self, kind: Any) -> Table: ...
    @property
    def calendar(self) -> Calendar: ...


class Row:
    """A row that answers to the fields of its entity. Rows are equal when they are the same row of the same table."""

    __slots__ = ("_table", "_tx", "id")

    id: str

    def __init__(self, tx: "Tx", table: Table, id: str) -> None:
        object.__setattr__(self, "_tx", tx)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "id", id)

    def __getattr__(self, name: str) -> Any:
        table: Table = self._table
        field = table.fields.get(name)
        if field is None:
            if name in table.many:
                return self._tx.children(self, name)
            raise AttributeError(
                f"{table.name} has no field {name!r}; there are {', '.join([*table.fields, *table.many])}"
            )
        value = self._tx.values(table, self.id)[name]
        if field.kind == "ref" and value is not None:
            return self._tx.row(field.target, value)
        return bool(value) if field.kind == "flag" else value

    def __setattr__(self, name: str, value: Any) -> None:
        self._tx.set(self, name, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.id == other.id and self._table is other._table

    def __hash__(self) -> int:
        return hash((self._table.name, self.id))

    def __repr__(self) -> str:
        return f"<{self._table.name} {self.id}>"


class Tx:
    """One operation's view of the world. `free` lifts the state machines: generated rows may start in any state."""

    __slots__ = ("_store", "_values", "free")

    def __init__(self, store: Store, *, free: bool = False) -> None:
        self._store = store
        self._values: dict[tuple[str, str], dict[str, Any]] = {}
        self.free = free

    # ---- what operations use

    def require(self, holds: object, why: str) -> None:
        """A guard: where it does not hold, the operation ends, nothing is changed, and `why` is told."""
        if not holds:
            raise Refused(why)

    def new(self, entity: Any, /, **fields: Any) -> Any:
        """Inserts a row; fields that are not given have their defaults."""
        table = self._store.table_of(entity)
        values = {
            name: stored(fields.pop(name)) if name in fields else self._default(table, name) for name in table.fields
        }
        if fields:
            raise UsageError(f"{table.name} has no field {next(iter(fields))!r}; there are {', '.join(table.fields)}")
        return Row(self, table, self._store.insert(table, values))

    def delete(self, row: Any) -> None:
        """Removes a row. Refused where other rows point at it."""
        self._values.pop((row._table.name, row.id), None)
        self._store.delete(row._table, row.id)

    @property
    def today(self) -> str:
        return self._store.calendar.today

    @property
    def now(self) -> str:
        return self._store.calendar.now

    def days(self, days: int) -> str:
        """The date `days` from today."""
        return self._store.calendar.day(days)

    def hours(self, hours: int) -> str:
        """The moment `hours` from now."""
        return self._store.calendar.hours(hours)

    def all(self, entity: Any, /, **fields: Any) -> list[Any]:
        """The rows of an entity whose fields have these values; at least one has to be given."""
        table = self._store.table_of(entity)
        (first, value), *rest = [(name, stored(value)) for name, value in fields.items()]
        rows = [Row(self, table, id) for id in self._store.ids(table, first, value)]
        return [row for row in rows if all(self.values(table, row.id)[name] == wanted for name, wanted in rest)]

    # ---- what rows use

    def row(self, kind: Any, id: str) -> Any:
        """A row by id, which has to exist."""
        return Row(self, self._store.table_of(kind), id)

    def find(self, table: Table, id: str) -> Row | None:
        """A row by id, or None."""
        values = self._values.get((table.name, id)) or self._store.values(table, id)
        if values is None:
            return None
        self._values[table.name, id] = values
        return Row(self, table, id)

    def values(self, table: Table, id: str) -> dict[str, Any]:
        """Stored values of a row by field. Raises UsageError when there is none."""
        key = (table.name, id)
        if key not in self._values:
            values = self._store.values(table, id)
            if values is None:
                raise UsageError(f"there is no {table.noun} {id!r}")
            self._values[key] = values
        return self._values[key]

    def children(self, row: Row, name: str) -> list[Row]:
        """The rows that point at `row`, by what they are called there, in the order of their ids."""
        table, field = row._table.many[name]
        return [Row(self, table, id) for id in self._store.ids(table, field, row.id)]

    def set(self, row: Row, name: str, value: Any) -> None:
        table: Table = row._table
        field = table.fields.get(name)
        if field is None:
            raise UsageError(f"{table.name} has no field {name!r}; there are {', '.join(table.fields)}")
        old, new = self.values(table, row.id)[name], stored(value)
        if old == new:
            return
        if field.kind == "states" and not self.free and (old, new) not in field.moves:
            raise UsageError(f"{table.name}.{name} cannot go from {old!r} to {new!r}; there are {sorted(field.moves)}")
        self._store.update(table, row.id, name, new)
        self._values[table.name, row.id][name] = new

    def _default(self, table: Table, name: str) -> Any:
        field = table.fields[name]
        if field.default == "today":
            return self.today
        if field.default == "now":
            return self.now
        if field.default is None and not field.optional:
            if field.kind == "flag":
                return 0
            raise UsageError(f"a new {table.noun} needs {name!r}")
        return stored(field.default)


def stored(value: Any) -> Any:
    """A value as SQLite holds it: rows by their ids, flags as 0 and 1."""
    if isinstance(value, Row):
        return value.id
    return int(value) if value is True or value is False else value
