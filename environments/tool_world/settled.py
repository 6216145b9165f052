"""What need not be filled again: rows whose `fill` changed nothing when it ran last, and has read nothing that changed since.

A fill is a function of what it reads through its transaction, so running it again would change nothing either. What it reads is noted as
keys: a row, or a list of rows by the value of a column.
"""

from collections.abc import Iterator
from typing import Any

from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.transaction import Row, Tx, stored
from envgym.environments.tool_world.world import Change, World

Key = tuple[Any, ...]
"""(table, id) of a row, or (table, field, value) of a list."""


class WatchedTx(Tx):
    """A transaction that may set anything and notes in `reads` what is read."""

    __slots__ = ("reads",)

    def __init__(self, world: World) -> None:
        super().__init__(world, free=True)
        self.reads: set[Key] = set()

    def values(self, table: Table, id: str) -> dict[str, Any]:
        self.reads.add((table.name, id))
        return super().values(table, id)

    def find(self, table: Table, id: str) -> Row | None:
        self.reads.add((table.name, id))
        return super().find(table, id)

    def children(self, row: Row, name: str) -> list[Row]:
        table, field = row._table.many[name]
        self.reads.add((table.name, field, _folded(row.id)))
        return super().children(row, name)

    def all(self, entity: Any, /, **fields: Any) -> list[Any]:
        first, value = next(iter(fields.items()))
        self.reads.add((self._store.table_of(entity).name, first, _folded(stored(value))))
        return super().all(entity, **fields)


class Settled:
    """The rows that need no filling, as long as time goes forward; `forget` where changes were taken back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rests_on: dict[Key, frozenset[Key]] = {}
        self._seen = 0

    def forget(self) -> None:
        self._rests_on.clear()
        self._seen = 0

    def __contains__(self, place: tuple[str, str]) -> bool:
        return place in self._rests_on

    def add(self, place: tuple[str, str], reads: set[Key]) -> None:
        """Notes that filling this row has changed nothing, and what that rests on."""
        self._rests_on[place] = frozenset(reads)

    def catch_up(self) -> None:
        """Drops the rows that rest on something that has changed since the last time."""
        position, changes = self._world.journal_after(self._seen)
        self._seen = position
        changed = {key for change in changes for key in self._keys(change)}
        self._rests_on = {place: reads for place, reads in self._rests_on.items() if reads.isdisjoint(changed)}

    def _keys(self, change: Change) -> Iterator[Key]:
        """What a change alters: its row, and the lists that the row leaves or joins."""
        name, id, old, new = change
        yield name, id
        for at, field in enumerate(self._world.table_of(name).fields):
            before, after = old and old[at], new and new[at]
            if old is None or new is None or before != after:
                yield name, field, _folded(before)
                yield name, field, _folded(after)


def _folded(value: Any) -> Any:
    """A value as lists are asked for it: some columns compare in any letter case."""
    return value.lower() if isinstance(value, str) else value
