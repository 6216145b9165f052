"""What is read from the text of an operation: its guards, with the scopes of their names, and the columns that it touches."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.tool_world.entity import Table


@dataclass(frozen=True, slots=True)
class Hop:
    """A step over the reference `field` of `table`: to the row that it points at, or back (`back`) to the rows that point."""

    table: str
    field: str
    back: bool = False


Path = tuple[Hop, ...]
"""How rows are reached from the row that a function was given first."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about the value of an expression: a row or rows of `table`, the field `name` of one, or nothing. `paths` are ways on
    which it is reached."""

    table: Table | None = None
    many: bool = False
    name: str = ""
    paths: frozenset[Path] = frozenset()

    def row(self) -> "Known":
        """One of these rows."""
        return Known(self.table, paths=self.paths) if self.table is not None else NOTHING

    def over(self, hop: Hop, table: Table) -> "Known":
        """What is reached from here over one reference."""
        return Known(table, many=hop.back, paths=frozenset((*path, hop) for path in self.paths))


NOTHING = Known()


@dataclass(slots=True)
class Scope:
    """The names of one function body: `bound` to (expression, scope, whether it is each element of that expression), and their types."""

    function: Callable[..., Any]
    bound: dict[str, tuple[ast.expr, "Scope", bool]] = field(default_factory=dict)
    types: dict[str, Known] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)
    """Names that stand for more than one thing: only the last is in `bound`."""
    returned: dict[ast.expr, tuple[ast.expr, "Scope"]] = field(default_factory=dict)
    """Calls of functions that only name things and return an expression: that expression, with the scope of its names."""

    @property
    def file(self) -> str:
        return self.function.__code__.co_filename


@dataclass(frozen=True, slots=True)
class Guard:
    """A `tx.require(test, why)`. `loops` are the variables, with their scopes, that stand for every element of something, from the
    outside in.
    """

    test: ast.expr
    why: str
    file: str
    line: int
    scope: Scope
    loops: tuple[tuple[Scope, str], ...] = ()
    always: bool = False
    """Whether no call gets past it: it is in no branch, nothing returns before it, its loops go over arguments, which are never empty."""
    after: frozenset[tuple[str, str]] = frozenset()
    """The columns that are written before it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A constant that is assigned to a field, given to a new row, or compared with a field."""

    table: str
    field: str
    value: Any
    file: str
    line: int


@dataclass(slots=True)
class Reading:
    """What a function demands and does. Fields are pairs of table name and field name; `faults` are (file, line, what is wrong)."""

    guards: list[Guard] = field(default_factory=list)
    writes: set[tuple[str, str]] = field(default_factory=set)
    reads: set[tuple[str, str]] = field(default_factory=set)
    ways: set[tuple[Path, str, str]] = field(default_factory=set)
    """The columns that are read, each with a way that leads there from the first row: (path, table, field)."""
    inserts: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    assigned: list[Mention] = field(default_factory=list)
    compared: list[Mention] = field(default_factory=list)
    moved: list[tuple[Guard, Mention]] = field(default_factory=list)
    """Constants that every call assigns, each with its target in the place of a condition."""
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    returns: bool = False

    @property
    def changes(self) -> bool:
        return bool(self.writes or self.inserts or self.deletes)
