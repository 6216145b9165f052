"""Laying an operation down: rows on which it can be carried out, found by reading what it demands.

Rows are made for its parameters, its `setup` runs, and then it is tried: what it refuses is read as text and repaired (repair.py),
until it goes through or nothing helps. Afterwards what follows from other columns is set again (`fill`, `same`), and it is tried once
more.
"""

import sqlite3
from random import Random
from typing import Any

from envgym.environments.tool_world import lexicon
from envgym.environments.tool_world.chain.repair import Repair
from envgym.environments.tool_world.dependents import dependents
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.guard import Guard
from envgym.environments.tool_world.net import net
from envgym.environments.tool_world.operation import Operation, Parameter
from envgym.environments.tool_world.populate import Populator, owner_of
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.settled import Settled, WatchedTx
from envgym.environments.tool_world.transaction import Refused, Row, Tx
from envgym.environments.tool_world.world import World
from envgym.errors import UsageError

ROUNDS = 40
FILLS = 4
"""How far a change goes on from row to row."""
UNSET = (TypeError, AttributeError, IndexError)
"""What an operation raises on a row in which something is not set that it reads before it demands it."""
OWN = 0.85
"""How often a row of the person's kind is the person."""
Place = tuple[str, str]
"""Table and id of a row."""
Arguments = dict[str, Any]
"""Arguments by parameter: a Place, a list of them, or a stored value."""


class NotLaid(Exception):
    """No rows were found on which the operation can be carried out."""


class Layer:
    """Lays operations down in one world, from one stream."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self.populator = Populator(world, Tx(world, free=True), rng)
        self._settled = Settled(world)

    def lay(self, operation: Operation, given: Arguments | None = None) -> Arguments:
        """Arguments with which the operation can be carried out now. Raises NotLaid."""
        arguments = dict(given or {})
        try:
            for parameter in operation.parameters:
                if parameter.name not in arguments:
                    arguments[parameter.name] = self.argument(parameter)
            self._set_up(operation, arguments)
            self.hold(operation, arguments)
        except (UsageError, sqlite3.IntegrityError, *UNSET) as error:
            raise NotLaid(f"{operation.name}: {error}") from error
        return arguments

    def hold(self, operation: Operation, arguments: Arguments) -> None:
        """Repairs rows until the operation goes through with these arguments. Raises NotLaid."""
        settled = False
        for _ in range(ROUNDS):
            why = self.refusal(operation, arguments)
            if why is None:
                if settled:
                    return
                self.settle()
                settled = True
                continue
            settled = False
            guards = [guard for guard in read_operation(self.world.domain, operation).guards if guard.why == why]
            repaired = [self.repair(guard, arguments) for guard in guards]
            if not any(repaired):
                raise NotLaid(f"{operation.name}: {why}")
        raise NotLaid(f"{operation.name}: repairs go round in a circle")

    def repair(self, guard: Guard, arguments: Arguments, *, hold: bool = True) -> bool:
        """Makes one guard hold, or fail."""
        tx = self.free()
        return Repair(self.populator, tx, self.rng).make(guard, self.bind(tx, arguments), hold=hold)

    def refusal(self, operation: Operation, arguments: Arguments) -> str | None:
        """Why the operation would be refused now, or None. Changes nothing. Raises NotLaid where it would break a rule of the engine."""
        with self.world.undone():
            try:
                with self.world.transaction() as tx:
                    operation.function(tx, **self.bind(tx, arguments))
            except Refused as refused:
                return str(refused)
            except (UsageError, *UNSET) as error:
                return self._first_unmet(operation, arguments, error)
        return None

    def settle(self) -> None:
        """Sets what follows from other columns, in rows that were made or changed since the base."""
        touched = list(dict.fromkeys(self.world.execute('SELECT "table", id FROM _journal ORDER BY seq')))
        tx = self.populator.tx = WatchedTx(self.world)
        for name, id in touched:
            table = self.world.table_of(name)
            row = tx.find(table, id) if any(field.same for field in table.fields.values()) else None
            if row is not None:
                self._agree(row)
        waiting = [place for place in reversed(touched) if self.populator.fills(place[0])]
        for _ in range(2):
            written = self.world.written
            self._settled.catch_up()
            for place in waiting:
                if place not in self._settled:
                    self._fill(tx, place)
            if self.world.written == written:
                break
        self._fill_dependents(tx)

    def _fill_dependents(self, tx: WatchedTx) -> None:
        """Fills the rows that follow from those, as long as that changes anything."""
        seen = 0
        for _ in range(FILLS):
            written = self.world.written
            seen, changes = self.world.journal_after(seen)
            for place in dependents(self.world, net(changes)):
                if place not in self._settled:
                    self._fill(tx, place)
            if self.world.written == written:
                return

    def _fill(self, tx: WatchedTx, place: Place) -> None:
        """Sets what follows from other columns in one row."""
        row = tx.find(self.world.table_of(place[0]), place[1])
        if row is None:
            return
        written, tx.reads = self.world.written, set()
        self.populator.fill(row)
        if self.world.written == written:
            self._settled.add(place, tx.reads)
        else:
            self._settled.catch_up()

    def forget(self) -> None:
        """Looks again what there is: some changes were taken back."""
        self.populator.forget()
        self._settled.forget()

    def bind(self, tx: Tx, arguments: Arguments) -> dict[str, Any]:
        """Arguments with rows in the place of places."""
        return {name: self._bound(tx, value) for name, value in arguments.items()}

    # ---- parts

    def _bound(self, tx: Tx, value: Any) -> Any:
        if isinstance(value, list):
            return [self._bound(tx, each) for each in value]
        if isinstance(value, tuple):
            row = tx.find(self.world.table_of(value[0]), value[1])
            if row is None:
                raise UsageError(f"there is no {value[0]} {value[1]}")
            return row
        return value

    def free(self) -> Tx:
        """A new transaction that may set anything; the populator works in it."""
        tx = Tx(self.world, free=True)
        self.populator.tx = tx
        return tx

    def _first_unmet(self, operation: Operation, arguments: Arguments, error: Exception) -> str:
        """The first guard that does not hold, where trying the operation did not even get to say so."""
        tx = self.free()
        repair = Repair(self.populator, tx, self.rng)
        for guard in read_operation(self.world.domain, operation).guards:
            bound = {(id(guard.scope), name): value for name, value in self.bind(tx, arguments).items()}
            if not guard.loops and not repair.value(guard.test, guard.scope, bound):
                return guard.why
        raise NotLaid(f"{operation.name}: {error}")

    def argument(self, parameter: Parameter) -> Any:
        """A value for a parameter: rows of its own, or a drawn value."""
        if parameter.optional and self.rng.random() < 0.5:
            return None
        if parameter.entity is None:
            assert parameter.field is not None
            if parameter.field.kind == "note":
                return self.rng.choice(lexicon.NOTES)
            if parameter.field.kind == "ref":
                return self.fresh(self.world.table_of(parameter.field.target))[1]
            return parameter.field.draw(self.rng, {}, self.world.calendar)
        table = self.world.table_of(parameter.entity)
        if not parameter.many:
            return self.fresh(table)
        return self._several(table)

    def fresh(self, table: Table) -> Place:
        """A new row with everything around it; a row that belongs to another comes with a new one of those."""
        self.free()
        if table.name in self.populator.preferred and self.rng.random() < OWN:
            return table.name, self.populator.preferred[table.name]
        owner = owner_of(self.world, table)
        if owner is None:
            return table.name, self.populator.row(table).id
        return self.rng.choice(self._brood(table, owner))

    def _several(self, table: Table) -> list[Place]:
        self.free()
        owner = owner_of(self.world, table)
        if owner is None:
            return [(table.name, self.populator.row(table).id) for _ in range(self.rng.randrange(1, 4))]
        brood = self._brood(table, owner)
        return sorted(self.rng.sample(brood, self.rng.randrange(1, min(len(brood), 3) + 1)))

    def _brood(self, table: Table, owner: tuple[str, str]) -> list[Place]:
        """A new owner and the rows of `table` that belong to it, at least one."""
        above = owner_of(self.world, self.world.table_of(owner[0]))
        if owner[0] in self.populator.preferred:
            made = self.populator.row(table, {owner[1]: self.populator.preferred[owner[0]]})
            return [(table.name, made.id)]
        parent = (
            self.fresh(self.world.table_of(owner[0]))
            if above is not None
            else (owner[0], self.populator.row(owner[0]).id)
        )
        found = self.world.ids(table, owner[1], parent[1])
        if not found:
            found = [self.populator.row(table, {owner[1]: parent[1]}).id]
        return [(table.name, id) for id in found]

    def _set_up(self, operation: Operation, arguments: Arguments) -> None:
        if operation.setup is None:
            return
        tx = self.free()
        wanted = operation.setup.__code__.co_varnames[: operation.setup.__code__.co_argcount]
        bound = self.bind(tx, arguments)
        operation.setup(tx, **{name: value for name, value in bound.items() if name in wanted})

    def _agree(self, row: Row) -> None:
        """Re-points references of a row that have to share something with it and do not."""
        table = row._table
        values = self.world.values(table, row.id) or {}
        for name, field in table.fields.items():
            if not field.same or values[name] is None:
                continue
            target = self.world.table_of(field.target)
            same = {shared: values[shared] for shared in field.same}
            there = self.world.values(target, values[name]) or {}
            if any(there.get(shared) != value for shared, value in same.items()):
                found = self.populator.pick(target, same)
                chosen = found if found is not None else self.populator.row(target, same).id
                row._tx.set(row, name, chosen)
