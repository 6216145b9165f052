"""Generated rows: whole customers with their orders and items, so that what belongs together agrees.

A row is drawn field by field in the order of its class, references to rows that exist or are made for it; then come the rows that
belong to it (`per`), then its `fill`. `base` is a whole world of such rows, the same bytes for the same domain, seed and size
anywhere.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.transaction import Row, Tx
from envgym.environments.tool_world.world import World
from envgym.errors import UsageError
from envgym.task import derive_seed

UNIQUE_TRIES = 60
DEPTH = 12
KEPT_BASES = 64


class Populator:
    """Makes rows in a world within one transaction `tx`, from one random stream."""

    def __init__(self, world: World, tx: Tx, rng: Random) -> None:
        self.world = world
        self.tx = tx
        self.rng = rng
        self.preferred: dict[str, str] = {}
        """Ids that references to a table take before any other, so that rows belong to one person."""
        self._known: dict[str, list[str]] = {}

    def row(self, kind: Any, given: Mapping[str, Any] | None = None, *, children: bool = True, depth: int = 0) -> Row:
        """A new row with everything that belongs to it. `given` are fields that are decided. Raises UsageError when no row can be made."""
        table = self.world.table_of(kind)
        if depth > DEPTH:
            raise UsageError(f"{table.name}: required references go round in a circle; make one of them optional")
        values: dict[str, Any] = {}
        for name, field in table.fields.items():
            if given is not None and name in given:
                value = given[name]
                values[name] = value.id if isinstance(value, Row) else value
            elif field.kind == "ref":
                values[name] = self._reference(table, field, values, depth)
            else:
                values[name] = self._value(table, name, field, values)
        made = Row(self.tx, table, self.world.insert(table, values))
        if table.name in self._known:
            self._known[table.name].append(made.id)
        if children:
            self._children(made, table, depth)
        self.fill(made)
        return made

    def fill(self, row: Row) -> None:
        """Sets what follows from other columns; parents that are known to follow from this row are set as well."""
        fill = _fills(self.world.domain).get(row._table.name)
        if fill is not None:
            fill(self.tx, row)

    def fills(self, name: str) -> bool:
        """Whether anything in the rows of a table follows from other columns."""
        return name in _fills(self.world.domain)

    def pick(self, table: Table, same: Mapping[str, Any]) -> str | None:
        """The id of a row that has the values `same`, or None where there is none."""
        found = self.ids(table)
        for name, value in same.items():
            wanted = set(self.world.ids(table, name, value))
            found = [id for id in found if id in wanted]
        return self.rng.choice(found) if found else None

    def ids(self, table: Table) -> list[str]:
        """The ids of all rows of a table, in an order that does not depend on when they were made."""
        if table.name not in self._known:
            self._known[table.name] = self.world.ids_of(table)
        return self._known[table.name]

    def forget(self) -> None:
        """Looks again which rows there are: some were taken back."""
        self._known.clear()

    # ---- parts of a row

    def _value(self, table: Table, name: str, field: Field, values: Mapping[str, Any]) -> Any:
        if field.optional:
            return field.default if field.default not in ("today", "now") else None
        for _ in range(UNIQUE_TRIES):
            value = field.draw(self.rng, values, self.world.calendar)
            if not field.unique or not self.world.ids(table, name, value):
                return value
        raise UsageError(
            f"{table.name}.{name}: no value left that is not taken; widen what it is drawn from or lower rows="
        )

    def _reference(self, table: Table, field: Field, values: Mapping[str, Any], depth: int) -> str | None:
        target = self.world.table_of(field.target)
        same = {name: values[name] for name in field.same}
        if field.optional and self.rng.random() < 0.5:
            return None
        if target.name in self.preferred and not field.same:
            return self.preferred[target.name]
        found = self.pick(target, same)
        if found is not None or field.optional:
            return found
        return self.row(target, same, children=target is not table, depth=depth + 1).id

    def _children(self, row: Row, table: Table, depth: int) -> None:
        for child, name in table.many.values():
            field = child.fields[name]
            if field.per is not None and owner_of(self.world, child) == (table.name, name):
                for _ in range(self.rng.randrange(field.per[0], field.per[1] + 1)):
                    self.row(child, {name: row.id}, depth=depth + 1)


def owner_of(world: World, table: Table) -> tuple[str, str] | None:
    """The table whose rows bring rows of this one along, and by which field: its first reference with `per`."""
    for name, field in table.fields.items():
        if field.kind == "ref" and field.per is not None:
            return world.table_of(field.target).name, name
    return None


@lru_cache(maxsize=64)
def _fills(domain: Domain) -> dict[str, Callable[..., None]]:
    """The fills of a domain by table."""
    return {domain.tables[kind].name: fill for kind, fill in domain.fills.items()}


def _ordered(world: World) -> list[Table]:
    """Tables, each after those that its rows, and the rows that come along with them, point at."""
    waiting = list(world.domain.tables.values())
    done: list[Table] = []
    while waiting:
        ready = [table for table in waiting if _needed(world, table) <= {*(each.name for each in done), table.name}]
        if not ready:
            ready = [
                table for table in waiting if _own_needs(world, table) <= {*(each.name for each in done), table.name}
            ]
        if not ready:
            names = ", ".join(table.name for table in waiting)
            raise UsageError(f"{world.domain.file}: {names} need each other; make one reference optional")
        done += ready
        waiting = [table for table in waiting if table not in ready]
    return done


def _own_needs(world: World, table: Table) -> set[str]:
    fields = [field for field in table.fields.values() if field.kind == "ref" and not field.optional]
    return {world.table_of(field.target).name for field in fields}


def _needed(world: World, table: Table) -> set[str]:
    """The tables that a table and its brood point at, the brood itself left out."""
    brood, waiting = {table.name}, [table]
    while waiting:
        here = waiting.pop()
        for child, _ in here.many.values():
            owner = owner_of(world, child)
            if owner is not None and owner[0] == here.name and child.name not in brood:
                brood.add(child.name)
                waiting.append(child)
    needs = set[str]().union(*(_own_needs(world, world.table_of(name)) for name in brood))
    return (needs - brood) | ({table.name} & needs)


def _fill_up(populator: Populator, table: Table, size: int) -> None:
    """Adds `size` times the rows of a table; fewer where its unique fields have no values left, but never fewer than are declared."""
    for made in range(table.rows * size):
        populator.world.execute("SAVEPOINT one")
        try:
            populator.row(table)
        except UsageError:
            populator.world.execute("ROLLBACK TO one")
            populator.forget()
            if made < table.rows:
                raise
            return
        finally:
            populator.world.execute("RELEASE one")


@lru_cache(maxsize=KEPT_BASES)
def base(domain: Domain, seed: int, size: int) -> bytes:
    """A database of about `size` times the rows that the domain declares. Raises UsageError where its data cannot be made."""
    world = World(domain)
    world.seed = derive_seed("base", domain.name, seed)
    rng = Random(derive_seed("rows", domain.name, seed, size))
    populator = Populator(world, Tx(world, free=True), rng)
    for table in _ordered(world):
        if owner_of(world, table) is None:
            _fill_up(populator, table, size)
    for table in domain.tables.values():
        for id in world.ids_of(table):  # what follows from parents that were filled after their children
            populator.fill(Row(Tx(world, free=True), table, id))
    world.settle()
    return world.dump()
