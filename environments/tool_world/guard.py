"""What is read from the text of an operation: its guards, with the scopes of their names, and the columns that it touches."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.tool_world.entity import Table


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about the value of an expression: a row or rows of `table`, the field `name` of one, or nothing."""

    table: Table | None = None
    many: bool = False
    name: str = ""


NOTHING = Known()


@dataclass(slots=True)
class Scope:
    """The names of one function body: `bound` to (expression, scope, whether it is each element of that expression), and their types."""

    function: Callable[..., Any]
    bound: dict[str, tuple[ast.expr, "Scope", bool]] = field(default_factory=dict)
    types: dict[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guard:
    """A `tx.require(test, why)`. `loops` are the variables, with their scopes, that stand for every element of something, from the
    outside in.
    """

    test: ast.expr
    why: str
    line: int
    scope: Scope
    loops: tuple[tuple[Scope, str], ...] = ()


@dataclass(slots=True)
class Reading:
    """What a function demands and does. Fields are pairs of table name and field name; `faults` are (line, what is wrong)."""

    guards: list[Guard] = field(default_factory=list)
    writes: set[tuple[str, str]] = field(default_factory=set)
    reads: set[tuple[str, str]] = field(default_factory=set)
    inserts: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    assigned: list[tuple[str, str, Any, int]] = field(default_factory=list)
    """Constants that are assigned to fields, or given to new rows: (table, field, value, line)."""
    compared: list[tuple[str, str, Any, int]] = field(default_factory=list)
    """Constants that fields are compared with: (table, field, value, line)."""
    faults: list[tuple[int, str]] = field(default_factory=list)
    returns: bool = False

    @property
    def changes(self) -> bool:
        return bool(self.writes or self.inserts or self.deletes)
