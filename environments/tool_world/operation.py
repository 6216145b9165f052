"""Operations: what the business does to its rows, each a small Python function over rows.

    @shop.op(say=["cancel {order}", ...])
    def cancel_order(tx: Tx, order: Order, reason: Literal["no_longer_needed", "ordered_by_mistake"]) -> None:
        \"\"\"Cancels an order that has not been processed.\"\"\"
        tx.require(order.status == "pending", "only pending orders can be cancelled")
        order.status = "cancelled"

The signature becomes the tool: an entity is a row by its id, a list of one is several, a Literal is a choice, anything else is
described by a field under `takes`. The body runs inside a savepoint, so an operation that refuses leaves nothing behind. Its
`tx.require` lines are also read as text (reading.py): they become the written policy, and rows that satisfy them are made by inverting
them (chain/repair.py).
"""

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import Field, choice, flag
from envgym.errors import UsageError

Actor = Literal["agent", "user"]
"""Whose hands do it: the agent's, or the user's own, on a device that only they can reach."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. `entity` is the class for a row or a list of rows (`many`), `field` describes anything else."""

    name: str
    entity: type[Entity] | None = None
    many: bool = False
    field: Field | None = None
    optional: bool = False

    @property
    def shown(self) -> str:
        """Its name in the tool: order -> order_id, items -> item_ids."""
        if self.entity is None:
            return self.name
        return f"{self.name.removesuffix('s')}_ids" if self.many else f"{self.name}_id"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `say` are imperatives with its parameters in braces; `setup(tx, **arguments)` lays down what guards cannot tell."""

    name: str
    about: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    say: tuple[str, ...]
    actor: Actor
    setup: Callable[..., None] | None
    file: str
    line: int


def operation(
    function: Callable[..., Any],
    *,
    say: Sequence[str],
    takes: Mapping[str, Field],
    actor: Actor,
    setup: Callable[..., None] | None,
) -> Operation:
    """Reads a function. Raises UsageError, with file and line, when the signature cannot become a tool."""
    code = function.__code__
    where = f"{code.co_filename}:{code.co_firstlineno}: {function.__name__}"
    about = inspect.getdoc(function)
    if not about:
        raise UsageError(f"{where} needs a docstring: it is what the agent reads about the tool")
    names = list(inspect.signature(function).parameters.values())
    if not names or names[0].name != "tx":
        raise UsageError(f"{where}: the first argument is tx, the transaction it runs in")
    hints = get_type_hints(function)
    unknown = set(takes) - {argument.name for argument in names[1:]}
    if unknown:
        raise UsageError(
            f"{where}: takes describes {min(unknown)!r}, which is no argument; there are {[a.name for a in names[1:]]}"
        )
    parameters = tuple(
        _parameter(argument.name, hints.get(argument.name), takes.get(argument.name), argument.default is None, where)
        for argument in names[1:]
    )
    return Operation(
        function.__name__,
        about.replace("\n", " "),
        function,
        parameters,
        tuple(say),
        actor,
        setup,
        code.co_filename,
        code.co_firstlineno,
    )


def _parameter(name: str, hint: Any, field: Field | None, optional: bool, where: str) -> Parameter:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if field is not None:
        return Parameter(name, field=field, optional=optional)
    if inspect.isclass(hint) and issubclass(hint, Entity):
        return Parameter(name, entity=hint, optional=optional)
    if get_origin(hint) is list and inspect.isclass(get_args(hint)[0]) and issubclass(get_args(hint)[0], Entity):
        return Parameter(name, entity=get_args(hint)[0], many=True, optional=optional)
    if get_origin(hint) is Literal:
        return Parameter(name, field=choice(*get_args(hint)), optional=optional)
    if hint is bool:
        return Parameter(name, field=flag(), optional=optional)
    raise UsageError(
        f"{where}: argument {name!r}: annotate it with an entity, a list of one, or a Literal, "
        f"or describe it by takes={{{name!r}: integer(1, 5)}}"
    )
