"""World: the rows of one episode in an SQLite database of their own, in memory.

All of an episode lies inside one open transaction: a task's rows are laid over the base, then everything that the agent does follows a
savepoint, and starting over is a rollback, whatever the size of the base. Nothing may commit: an authorizer refuses it when a
statement is prepared. A copy of a world travels as its changes, read from the journal, and is rebuilt over the same base.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from random import Random
from types import TracebackType
from typing import Any

from envgym.environments.tool_world import lexicon
from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.schema import schema
from envgym.environments.tool_world.transaction import Refused, Tx
from envgym.task import derive_seed

Change = tuple[str, str, list[Any] | None, list[Any] | None]
"""Table, id, columns before and after (without the id); None where the row did not or does not exist."""
FORBIDDEN = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
PAGE_BYTES = 1024
"""Most tables and indices are small: with pages of 4,096 bytes a world takes 1.6 times the memory and twice as long to open."""


class World:
    """A database over the schema of `domain`, opened on `content`, bytes of a database, or empty. `base` is the seed and size of what it
    was opened on, by which a copy that travels finds it again.
    """

    def __init__(self, domain: Domain, content: bytes | None = None, *, base: tuple[int, int] = (0, 0)) -> None:
        self.domain = domain
        self.base = base
        self.base_bytes = len(content) if content is not None else 0
        self.task = ""
        self._laid: Sequence[Change] = ()
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        if content is None:
            self._connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            self._connection.executescript(schema(domain))
            self._connection.execute("INSERT INTO _clock VALUES (?)", (domain.now,))
        else:
            self._connection.deserialize(content)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.set_authorizer(_authorize)
        self.execute = self._connection.execute
        self._sql = _statements(domain)
        self._tables: dict[Any, Table] = {table.name: table for table in domain.tables.values()}
        self.calendar = Calendar(domain.now)
        self.seed = 0
        self.inserted = 0
        self.written = 0
        """Changes that transactions have made, those that were undone included."""
        self.made: list[tuple[Table, str]] = []
        """Rows that were inserted since the last operation began, in order."""
        self.execute("BEGIN")

    # ---- an episode

    def begin(self, changes: Sequence[Change], *, seed: int, task: str = "") -> None:
        """Starts over from the base with `changes` laid over it; ids of rows that are inserted later follow from `seed`. `task` is the hash
        of the task that they are of.
        """
        self.task = ""
        self.execute("ROLLBACK")
        self.execute("BEGIN")
        rank = _ranks(self.domain)
        self.apply(sorted(changes, key=lambda change: rank[change[0]]))
        self.execute("DELETE FROM _journal")
        self.execute("SAVEPOINT episode")
        self._laid = changes
        self.seed, self.inserted = seed, 0
        self.task = task

    def restart(self) -> None:
        """Starts the same episode over."""
        self.execute("ROLLBACK TO episode")
        self.inserted = 0

    def apply(self, changes: Sequence[Change]) -> None:
        """Carries changes out as they are, rows that point at later ones included."""
        self.execute("SAVEPOINT laying")
        try:
            self._carry_out(changes)
        except sqlite3.IntegrityError:  # deferring throws away every prepared statement: only where it has to be
            self.execute("ROLLBACK TO laying")
            self.execute("PRAGMA defer_foreign_keys = ON")
            self._carry_out(changes)
            self.execute("PRAGMA defer_foreign_keys = OFF")
        self.execute("RELEASE laying")

    def _carry_out(self, changes: Sequence[Change]) -> None:
        for name, id, old, new in changes:
            insert, update, delete = self._sql[name][:3]
            if old is None:
                self.execute(insert, (id, *(new or ())))
            elif new is None:
                self.execute(delete, (id,))
            else:
                self.execute(update, (*new, id))

    def transaction(self) -> "Transaction":
        """A transaction that leaves nothing behind when it raises. A constraint that is broken is a refusal."""
        return Transaction(self)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done inside is undone at the end."""
        inserted = self.inserted
        self.execute("SAVEPOINT trial")
        try:
            yield
        finally:
            self.execute("ROLLBACK TO trial")
            self.execute("RELEASE trial")
            self.inserted = inserted

    def journal(self) -> list[Change]:
        """Every change since the episode began, in order."""
        return self.journal_after(0)[1]

    def journal_after(self, position: int) -> tuple[int, list[Change]]:
        """The end of the journal now, and every change after a position in it, in order."""
        rows = self.execute(
            'SELECT seq, "table", id, old, new FROM _journal WHERE seq > ? ORDER BY seq', (position,)
        ).fetchall()
        changes = [(name, id, old and json.loads(old), new and json.loads(new)) for _, name, id, old, new in rows]
        return (rows[-1][0] if rows else position), changes

    def last_inserted(self) -> list[tuple[Table, str]]:
        """The rows that the last operation made."""
        return [(table, id) for table, id in self.made if self.values(table, id) is not None]

    def settle(self) -> None:
        """Makes what lies here now the base of later episodes; only for worlds that are being made."""
        self.execute("DELETE FROM _journal")
        self._connection.set_authorizer(None)
        self.execute("COMMIT")

    def dump(self) -> bytes:
        """The database as bytes, for `World(domain, base)`."""
        return self._connection.serialize()

    def close(self) -> None:
        self._connection.close()

    def __reduce__(self) -> Any:
        """Travels as the base it lies over, what the task laid over that, and what happened since."""
        outcome = self.execute("SELECT * FROM _outcome").fetchall()
        laid = (list(self._laid), self.seed, self.task)
        return rebuilt, (self.domain, self.base, laid, self.inserted, self.journal(), outcome)

    # ---- what transactions use

    def table_of(self, kind: Any) -> Table:
        if isinstance(kind, Table):
            return kind
        found = self._tables.get(kind)
        if found is None:
            found = self._tables[kind] = self.domain.table(kind)
        return found

    def values(self, table: Table, id: str) -> dict[str, Any] | None:
        found = self.execute(self._sql[table.name][3], (id,)).fetchone()
        return None if found is None else dict(zip(table.fields, found, strict=True))

    def ids(self, table: Table, field: str, value: Any) -> list[str]:
        column = table.column(field)
        return [
            id for (id,) in self.execute(f'SELECT id FROM "{table.name}" WHERE "{column}" IS ? ORDER BY id', (value,))
        ]

    def ids_of(self, table: Table) -> list[str]:
        """The ids of all rows of a table."""
        return [id for (id,) in self.execute(f'SELECT id FROM "{table.name}" ORDER BY id')]

    def update(self, table: Table, id: str, field: str, value: Any) -> None:
        self.written += 1
        self.execute(f'UPDATE "{table.name}" SET "{table.column(field)}" = ? WHERE id = ?', (value, id))

    def insert(self, table: Table, values: dict[str, Any]) -> str:
        id = self.new_id(table)
        self.written += 1
        self.execute(self._sql[table.name][0], (id, *(values[name] for name in table.fields)))
        self.made.append((table, id))
        return id

    def delete(self, table: Table, id: str) -> None:
        self.written += 1
        self.execute(self._sql[table.name][2], (id,))

    def new_id(self, table: Table) -> str:
        """An id that no row has, a function of the seed and of how many rows were inserted before."""
        rng = Random(derive_seed("row", self.seed, table.name, self.inserted))
        self.inserted += 1
        while True:
            id = lexicon.code(rng, table.code)
            if self.values(table, id) is None:
                return id


class Transaction:
    """A `with` block over a savepoint, which gives a Tx."""

    __slots__ = ("_inserted", "_world")

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> Tx:
        self._inserted = self._world.inserted
        self._world.made = []
        self._world.execute("SAVEPOINT call")
        return Tx(self._world)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._world.execute("ROLLBACK TO call")
            self._world.inserted = self._inserted
        self._world.execute("RELEASE call")
        if isinstance(error, sqlite3.IntegrityError):
            raise Refused(_broken(str(error))) from None


def rebuilt(
    domain: Domain,
    base: tuple[int, int],
    laid: tuple[list[Change], int, str],
    inserted: int,
    journal: list[Change],
    outcome: list[Any],
) -> World:
    """A world in the middle of an episode, from what `World.__reduce__` gives."""
    from envgym.environments.tool_world.generated_base import base_of

    world = World(domain, base_of(domain, *base).content, base=base)
    changes, seed, task = laid
    world.begin(changes, seed=seed, task=task)
    world.apply(journal)
    world.inserted = inserted
    for row in outcome:
        world.execute("INSERT INTO _outcome VALUES (?, ?, ?, ?)", row)
    return world


@lru_cache(maxsize=64)
def _statements(domain: Domain) -> dict[str, tuple[str, str, str, str]]:
    """Insert, update, delete and select of a row, by table."""
    made = {}
    for table in domain.tables.values():
        columns = [f'"{column}"' for column in table.columns]
        sets = ", ".join(f"{column} = ?" for column in columns[1:])
        made[table.name] = (
            f'INSERT INTO "{table.name}" VALUES ({", ".join("?" for _ in columns)})',
            f'UPDATE "{table.name}" SET {sets} WHERE id = ?',
            f'DELETE FROM "{table.name}" WHERE id = ?',
            f'SELECT {", ".join(columns[1:])} FROM "{table.name}" WHERE id = ?',
        )
    return made


@lru_cache(maxsize=64)
def _ranks(domain: Domain) -> dict[str, int]:
    """The tables by name, each after those that its rows point at, as far as references do not go round in a circle."""
    ranks: dict[str, int] = {}

    def visit(table: Table, above: tuple[Table, ...]) -> None:
        for field in table.fields.values():
            if field.kind == "ref" and domain.table(field.target) not in above:
                visit(domain.table(field.target), (*above, table))
        ranks.setdefault(table.name, len(ranks))

    for table in domain.tables.values():
        visit(table, (table,))
    return ranks


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    setting = action == sqlite3.SQLITE_PRAGMA and first != "defer_foreign_keys"
    if setting or action in FORBIDDEN or (action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _broken(error: str) -> str:
    """What a broken constraint means to whoever asked."""
    if "FOREIGN KEY" in error:
        return "other records still refer to it"
    kind, _, what = error.partition(" constraint failed: ")
    return (
        f"{what.replace('.', ' ').replace('_', ' ')} is taken already"
        if kind == "UNIQUE"
        else "a value would be out of its range"
    )
