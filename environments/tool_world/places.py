"""Where the names of an operation lead: to a row, to a column of one, to a constant.

A place is only told where it is certain that its name stands for it, and that nothing was written to it before.
"""

import ast
from dataclasses import dataclass
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.guard import Guard, Scope
from envgym.environments.tool_world.operation import Operation, Parameter
from envgym.environments.tool_world.possible import Possible, of_field

DEPTH = 12
"""How many names may stand for each other."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value that a name leads to: a row, or a column of one. `path` is the same wherever it is the same."""

    path: str
    possible: Possible
    table: Table | None = None
    field: Field | None = None


class Places:
    """The places that a condition can speak of where it stands."""

    def __init__(self, domain: Domain, operation: Operation, guard: Guard) -> None:
        self.domain = domain
        self.guard = guard
        self.function = operation.function
        self.parameters = {parameter.name: parameter for parameter in operation.parameters}

    def of_condition(self) -> list[Place]:
        """Those that the condition speaks of, the longest paths only."""
        found = [self.place(node, self.guard.scope) for node in ast.walk(self.guard.test) if isinstance(node, ast.expr)]
        places = {place.path: place for place in found if place is not None}
        return [place for place in places.values() if not any(other.startswith(place.path + ".") for other in places)]

    def meant(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a name, or a call of a function with one expression, stands for."""
        if node in scope.returned:
            return scope.returned[node]
        if isinstance(node, ast.Name) and node.id in scope.bound and node.id not in scope.rebound:
            expression, inside, each = scope.bound[node.id]
            return None if each else (expression, inside)
        return None

    def place(self, node: ast.expr, scope: Scope, depth: int = 0) -> Place | None:
        """The place that an expression leads to; None where it is none, or was written before."""
        meant = self.meant(node, scope)
        if meant is not None:
            return self.place(*meant, depth + 1) if depth < DEPTH else None
        if isinstance(node, ast.Name):
            return self._named(node, scope, depth)
        if isinstance(node, ast.Subscript):
            first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
            return self._first(node.value, scope, depth) if first else None
        return self._column(node, scope, depth) if isinstance(node, ast.Attribute) else None

    def _named(self, node: ast.Name, scope: Scope, depth: int) -> Place | None:
        if any(inside is scope and name == node.id for inside, name in self.guard.loops):
            over, inside, _ = scope.bound[node.id]
            return None if node.id in scope.rebound else self._first(over, inside, depth)
        parameter = self._parameter(node, scope)
        if parameter is None or parameter.many:
            return None
        if parameter.entity is None:
            assert parameter.field is not None
            return Place(node.id, of_field(parameter.field, optional=parameter.optional))
        return Place(node.id, Possible("text", unset=parameter.optional), self.domain.table(parameter.entity))

    def _parameter(self, node: ast.expr, scope: Scope) -> Parameter | None:
        """The parameter of the operation that a name is."""
        own = scope.function is self.function and isinstance(node, ast.Name) and node.id not in scope.rebound
        return self.parameters.get(node.id) if own and isinstance(node, ast.Name) else None

    def _first(self, node: ast.expr, scope: Scope, depth: int) -> Place | None:
        """The first of the rows that an argument holds."""
        meant = self.meant(node, scope)
        if meant is not None:
            return self._first(*meant, depth + 1) if depth < DEPTH else None
        parameter = self._parameter(node, scope)
        if parameter is None or not parameter.many:
            return None
        return Place(f"{parameter.name}[0]", Possible("text"), self.domain.table(parameter.entity))

    def _column(self, node: ast.Attribute, scope: Scope, depth: int) -> Place | None:
        owner = self.place(node.value, scope, depth)
        if owner is None or owner.table is None:
            return None
        described = owner.table.fields.get(node.attr)
        if described is None or (owner.table.name, node.attr) in self.guard.after:
            return None
        table = self.domain.table(described.target) if described.kind == "ref" else None
        return Place(f"{owner.path}.{node.attr}", of_field(described), table, described)


def constant(node: ast.expr, scope: Scope) -> tuple[Any] | None:
    """The value of a constant that is written out or that a name of the module stands for."""
    if isinstance(node, ast.Constant):
        return (node.value,)
    local = scope.function.__code__.co_varnames
    if isinstance(node, ast.Name) and node.id not in local and node.id in scope.function.__globals__:
        return (scope.function.__globals__[node.id],)
    return None


def collection(node: ast.expr, scope: Scope) -> frozenset[Any] | None:
    """The constants of a collection that is written out or that a name of the module stands for."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = [constant(part, scope) for part in node.elts]
        return frozenset(part[0] for part in parts if part) if all(parts) else None
    found = constant(node, scope)
    if found and isinstance(found[0], tuple | list | set | frozenset | dict):
        return frozenset(found[0])
    return None
