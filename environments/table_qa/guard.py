"""The guard of a connection: nothing but reading, of known tables, with allowed functions, within a budget of work.

The budget counts SQLite's own steps, so that the same query is stopped at the same point on every machine; a clock is never asked. What one
step may cost is bounded too: strings are capped, and functions whose work outgrows their input are replaced (text_functions.py).
Recursion, ATTACH, PRAGMA, clocks and random numbers are refused while the statement is prepared. Source: SQLite's "Defense Against The
Dark Arts", sqlite.org/security.html.
"""

import sqlite3
from collections.abc import Iterable

from envgym.environments.table_qa import text_functions

STEP = 1000
"""SQLite steps between two looks at the budget."""
CALL_STEPS = 25
"""What one call of a replaced function costs besides its characters: about 1 us, as 25 of SQLite's steps do."""
MAX_SQL_CHARS = 10_000
LONGEST_FOR_SQL = 4000
"""Bytes of the longest value or row that the agent's own SQL may make or read: what one step can cost, and what sorting can fill."""
FUNCTIONS = frozenset(
    [
        "abs",
        "avg",
        "ceil",
        "ceiling",
        "coalesce",
        "count",
        "cume_dist",
        "dense_rank",
        "first_value",
        "floor",
        "group_concat",
        "ifnull",
        "iif",
        "instr",
        "lag",
        "last_value",
        "lead",
        "length",
        "like",
        "lower",
        "ltrim",
        "max",
        "min",
        "nth_value",
        "ntile",
        "nullif",
        "percent_rank",
        "rank",
        "replace",
        "round",
        "row_number",
        "rtrim",
        "sign",
        "sqrt",
        "substr",
        "substring",
        "sum",
        "total",
        "trim",
        "typeof",
        "unicode",
        "upper",
    ]
)
ACTIONS = {
    sqlite3.SQLITE_ATTACH: "ATTACH",
    sqlite3.SQLITE_PRAGMA: "PRAGMA",
    sqlite3.SQLITE_RECURSIVE: "recursion",
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
    sqlite3.SQLITE_TRANSACTION: "a transaction",
}
CATALOGUE = frozenset({"sqlite_master", "sqlite_schema"})
NO_LIMIT = 2**62


class Guard:
    """Watches one connection. It holds no reference to it: a cycle would keep the user's file open."""

    def __init__(self, tables: Iterable[str], hidden: Iterable[str] = ()) -> None:
        self._tables = frozenset(name.casefold() for name in tables) | CATALOGUE
        self._hidden = frozenset(name.casefold() for name in hidden) - self._tables
        self._steps_left = NO_LIMIT
        self.refused = ""
        """What the statement was refused for, in words for the agent; empty when it was not."""

    def install(self, connection: sqlite3.Connection) -> None:
        """Locks `connection` for good."""
        limits = {
            sqlite3.SQLITE_LIMIT_SQL_LENGTH: MAX_SQL_CHARS,
            sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 60,
            sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
            sqlite3.SQLITE_LIMIT_ATTACHED: 0,
            sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000,
        }
        text_functions.install(connection, self.charge)
        for limit, value in limits.items():
            connection.setlimit(limit, value)
        connection.execute("PRAGMA query_only = ON")
        connection.set_progress_handler(self._tick, STEP)

    def allow(self, connection: sqlite3.Connection, steps: int | None) -> None:
        """Sets the rules of the next statement: `steps` of work for the agent's, None for our own, which need no watching."""
        connection.set_authorizer(None if steps is None else self._authorise)
        self._steps_left = NO_LIMIT if steps is None else steps
        self.refused = ""

    def charge(self, characters: int) -> None:
        """Takes the cost of one text function off the budget. Raises when it is spent; SQLite then stops the statement."""
        self._steps_left -= CALL_STEPS + characters // 10
        if self._steps_left <= 0:
            self._out_of_work()
            raise RuntimeError(self.refused)

    def _tick(self) -> int:
        self._steps_left -= STEP
        if self._steps_left > 0:
            return 0
        self._out_of_work()
        return 1

    def _out_of_work(self) -> None:
        self.refused = "it takes too much work; filter earlier, or join on keys"

    def _authorise(self, action: int, one: str | None, two: str | None, _base: str | None, _via: str | None) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        elif action == sqlite3.SQLITE_READ:
            name = (one or "").casefold()
            if name in self._tables or (not two and name not in self._hidden):
                return sqlite3.SQLITE_OK  # SQLite asks about common tables too, without a column
            self.refused = f"the table {one!r} is not offered"
        elif action == sqlite3.SQLITE_FUNCTION:
            if (two or "").casefold() in FUNCTIONS:
                return sqlite3.SQLITE_OK
            self.refused = f"the function {two}() is not offered"
        elif action == sqlite3.SQLITE_UPDATE and one in CATALOGUE:  # how SQLite declares a virtual table
            self.refused = "table-valued functions are not offered; describe tells about columns"
        else:
            self.refused = f"{ACTIONS.get(action, 'this statement')} is not allowed; only reading with one SELECT is"
        return sqlite3.SQLITE_DENY
