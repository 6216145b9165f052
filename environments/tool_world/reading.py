"""Reading operations as text: their guards, and which fields they write, insert and read, from the syntax of their functions.

Operations are Python so that they run as they stand; what they demand and change is found by following the types of their variables: a
parameter is a row, `order.items` are rows of another table, `for item in order.items` is one of them. Functions of the same module or
folder that are called with rows are followed too, and what a function returns that is one expression is read in the place of its call.
What cannot be followed is reported with its file and line, so that a misspelt field never reaches an episode.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from envgym.environments.tool_world.body_walk import BodyWalk
from envgym.environments.tool_world.domain import Domain, move_reason
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.function_syntax import syntax_of
from envgym.environments.tool_world.guard import NOTHING, Guard, Known, Mention, Reading, Scope
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.policies import Policy


def read_operation(domain: Domain, operation: Operation) -> Reading:
    """The reading of an operation, made once."""
    return _read(domain, operation.name)


def read_policy(domain: Domain, policy: Policy) -> Reading:
    """The reading of a policy's function: its test is the expression that it returns, kept as its only guard."""
    assert policy.function is not None
    rows = {
        p.name: (p.entity, p.many)
        for each in policy.on
        for p in domain.operations[each].parameters
        if p.entity is not None
    }
    return _condition(domain, policy.function, tuple(rows.items()), policy.sentence)


def read_condition(domain: Domain, function: Callable[..., Any], rows: Mapping[str, type[Entity]]) -> Reading:
    """The reading of a function that returns whether something holds; its first argument is the only row in `rows`, whatever it is
    called.
    """
    name = function.__code__.co_varnames[0]
    return _condition(domain, function, tuple((name, (entity, False)) for entity in rows.values()), function.__name__)


def read_fill(domain: Domain, kind: type[Entity]) -> Reading:
    """The reading of the function that fills the rows of an entity."""
    function, reading = domain.fills[kind], Reading()
    _, name = function.__code__.co_varnames[:2]
    scope = Scope(function, types={name: Known(domain.table(kind), paths=frozenset({()}))})
    BodyWalk(domain, reading, scope, ()).body(syntax_of(function).body)
    return reading


@lru_cache(maxsize=1024)
def _condition(
    domain: Domain, function: Callable[..., Any], rows: tuple[tuple[str, tuple[type[Entity], bool]], ...], why: str
) -> Reading:
    reading = Reading()
    scope = Scope(function, types={name: Known(domain.table(entity), many) for name, (entity, many) in rows})
    BodyWalk(domain, reading, scope, ()).body(syntax_of(function).body, returns_test=True, why=why)
    return reading


@lru_cache(maxsize=4096)
def _read(domain: Domain, name: str) -> Reading:
    operation = domain.operations[name]
    reading = Reading()
    move = domain.moves.get(name)
    if move is not None:
        table = domain.table(move.entity)
        variable = operation.parameters[0].name
        test = ast.parse(f"{variable}.{move.field} == {move.before!r}", mode="eval").body
        assert isinstance(test, ast.Compare)
        assigned = Mention(table.name, move.field, move.after, operation.file, operation.line)
        scope = Scope(operation.function, types={variable: Known(table)})
        why = move_reason(table.noun, move.before, move.after)
        reading.guards.append(Guard(test, why, operation.file, operation.line, scope, always=True))
        reading.moved.append((replace(reading.guards[0], test=test.left), assigned))
        reading.reads.add((table.name, move.field))
        reading.writes.add((table.name, move.field))
        reading.assigned.append(assigned)
        return reading
    scope = Scope(operation.function)
    for parameter in operation.parameters:
        scope.types[parameter.name] = (
            Known(domain.table(parameter.entity), parameter.many) if parameter.entity else NOTHING
        )
    BodyWalk(domain, reading, scope, ()).body(syntax_of(operation.function).body)
    return reading
