"""Domain: a business as data, from which a world, its tools, its tasks and its verifier are made.

A domain is a module or a folder of them (domains/retail is the model): entities with their fields, operations, soft policies. Nothing of it
is specific to an agent or a task. `check` (check.py) reads all of it when the domain is first used and names every fault with its
line.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.entity import Entity, Table, fields_of, plural_of, words_of
from envgym.environments.tool_world.operation import Actor, Operation, Parameter, operation
from envgym.environments.tool_world.policies import Policy, PolicyKind
from envgym.errors import UsageError

Kind = TypeVar("Kind", bound=type[Entity])
Function = TypeVar("Function", bound=Callable[..., Any])
Envelope = Literal["sentence", "code", "status"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a house names its tools and words its errors, so that agents do not learn one house by heart.

    Tool names are patterns over {noun}, {nouns}, {keys}, {parent}, {children}, {field}; `camel` writes them getOrder. `error` is a
    plain sentence, {"error": {"code", "message"}}, or {"ok": false, "reason"}; `money` shows amounts as 12.5 or as whole cents.
    """

    get: str = "get_{noun}"
    find: str = "find_{noun}_by_{keys}"
    list: str = "list_{parent}_{children}"
    search: str = "search_{nouns}"
    edit: str = "update_{noun}_{field}"
    create: str = "create_{noun}"
    delete: str = "delete_{noun}"
    camel: bool = False
    error: Envelope = "sentence"
    money: Literal["decimal", "cents"] = "decimal"
    page: int = 10
    """Rows in one page of a search."""


@dataclass(eq=False)
class Domain:
    """A business. `role` tells the agent who it is; `customer` names the entity whose member asks; `now` is the clock of every world."""

    name: str
    role: str
    now: str
    style: Style = field(default_factory=Style)
    tables: dict[type[Entity], Table] = field(default_factory=dict, init=False)
    operations: dict[str, Operation] = field(default_factory=dict, init=False)
    policies: dict[str, Policy] = field(default_factory=dict, init=False)
    fills: dict[type[Entity], Callable[..., None]] = field(default_factory=dict, init=False)
    troubles: dict[str, "Trouble"] = field(default_factory=dict, init=False)
    moves: dict[str, "Move"] = field(default_factory=dict, init=False)
    file: str = field(default="", init=False)
    module: str = field(default="", init=False)

    def __post_init__(self) -> None:
        written = inspect.stack()[2].frame
        self.file, self.module = written.f_code.co_filename, written.f_globals["__name__"]
        Calendar(self.now)

    def __reduce__(self) -> Any:
        """Travels as the module that it is written in."""
        return domain_of, (self.module, self.name)

    def entity(
        self,
        code: str,
        *,
        find: Sequence[str] = (),
        known: bool = False,
        create: bool = False,
        delete: bool = False,
        rows: int = 10,
        noun: str = "",
        plural: str = "",
    ) -> Callable[[Kind], Kind]:
        """Adds a table. `code` is the pattern of its ids ("ORD-#####"), `find` the keys it is looked up by ("email", "name, postcode"),
        `known` says that users can name a row by its id, `create` and `delete` give the agent such tools, `rows` is its weight in
        generated data.
        """

        def add(kind: Kind) -> Kind:
            about = inspect.cleandoc(kind.__doc__ or "")
            noun_ = noun or words_of(kind.__name__)
            self.tables[kind] = Table(
                name=noun_.replace(" ", "_"),
                noun=noun_,
                plural=plural or plural_of(noun_),
                about=about.replace("\n", " "),
                code=code,
                known=known,
                fields=fields_of(kind),
                find=tuple(tuple(part.strip() for part in key.split(",")) for key in find),
                create=create,
                delete=delete,
                rows=rows,
                file=inspect.getsourcefile(kind) or self.file,
                line=inspect.getsourcelines(kind)[1],
            )
            return kind

        return add

    def op(
        self,
        *,
        say: Sequence[str],
        takes: dict[str, Any] | None = None,
        setup: Callable[..., None] | None = None,
        actor: Actor = "agent",
    ) -> Callable[[Function], Function]:
        """Adds an operation; see operation.py."""

        def add(function: Function) -> Function:
            self._add(operation(function, say=say, takes=takes or {}, actor=actor, setup=setup))
            return function

        return add

    def move(
        self,
        name: str,
        entity: type[Entity],
        field: str,
        step: str,
        *,
        say: Sequence[str],
        actor: Actor = "agent",
        about: str = "",
    ) -> None:
        """Adds an operation that is one step of a state machine: move("ship_order", Order, "status", "processed > shipped", say=[...])."""
        before, _, after = (part.strip() for part in step.partition(">"))
        noun = words_of(entity.__name__)
        caller = inspect.stack()[1]

        def moved(tx: Any, **arguments: Any) -> None:
            (row,) = arguments.values()
            tx.require(getattr(row, field) == before, move_reason(self.table(entity).noun, before, after))
            setattr(row, field, after)

        told = about or f"Marks a {noun} that is {before.replace('_', ' ')} as {after.replace('_', ' ')}."
        row = Parameter(noun.replace(" ", "_"), entity=entity)
        self._add(Operation(name, told, moved, (row,), tuple(say), actor, None, caller.filename, caller.lineno))
        self.moves[name] = Move(entity, field, before, after)

    def _add(self, made: Operation) -> None:
        if made.name in self.operations:
            raise UsageError(f"{made.file}:{made.line}: there is an operation {made.name!r} already")
        self.operations[made.name] = made

    def fill(self, kind: type[Entity]) -> Callable[[Function], Function]:
        """Sets columns of a generated row that follow from others: `def _(tx, order): order.total = sum(...)`. Runs after its children
        exist.
        """

        def add(function: Function) -> Function:
            self.fills[kind] = function
            return function

        return add

    def trouble(
        self,
        name: str,
        entity: type[Entity],
        *,
        say: Sequence[str],
        works: Callable[..., bool],
        faults: dict[str, Callable[..., None]],
    ) -> None:
        """Something that can be broken in several ways at once. `say` are complaints about {row}; `works(row)` tells whether all is well;
        `faults` maps the operation that repairs a cause (its only needed argument is found from the row: the row itself, or a row that
        it points at) to a function `(tx, row)` that breaks just that. Tasks compose faults; the agent has to find them by reading.
        """
        self.troubles[name] = Trouble(name, entity, tuple(say), works, dict(faults))

    # ---- soft policies: written to the agent, not enforced by the tools, checked over the trace

    def policy(self, sentence: str, *, on: Sequence[str | Callable[..., Any]]) -> Callable[[Function], Function]:
        """A rule about the arguments of operations, judged just before each runs: the function gets some of them by name and returns
        whether the rule is kept.
        """

        def add(function: Function) -> Function:
            self._rule("argument", sentence, on, name=function.__name__, function=function)
            return function

        return add

    def identify(self, sentence: str, *, by: Sequence[str], before: Sequence[str | Callable[..., Any]] = ()) -> None:
        """One of the reading tools `by` must have found somebody before any of `before` (every change, where none is named)."""
        self._rule("identify", sentence, before, tools=tuple(by))

    def confirm(self, sentence: str, *, before: Sequence[str | Callable[..., Any]]) -> None:
        """The user must have said yes, asked about the operation, before each of `before`."""
        self._rule("confirm", sentence, before)

    def at_most(self, count: int, sentence: str, *, of: Sequence[str | Callable[..., Any]], per: str) -> None:
        """No more than `count` of these operations together for one row of the parameter `per`."""
        self._rule("at_most", sentence, of, count=count, per=per)

    def together(self, sentence: str, *, when: str | Callable[..., Any], then: str | Callable[..., Any]) -> None:
        """Whoever does `when` must do `then` later in the same episode, such as a notice after a change."""
        self._rule("together", sentence, [when], then=_name(then))

    def _rule(
        self, kind: PolicyKind, sentence: str, on: Sequence[str | Callable[..., Any]], *, name: str = "", **more: Any
    ) -> None:
        name = name or f"{kind}_{sum(rule.kind == kind for rule in self.policies.values()) + 1}"
        if name in self.policies:
            raise UsageError(f"{self.file}: there is a policy {name!r} already")
        written = sys._getframe(2)
        more |= {"file": written.f_code.co_filename, "line": written.f_lineno}
        self.policies[name] = Policy(name, kind, sentence, tuple(_name(each) for each in on), **more)

    def table(self, kind: Any) -> Table:
        """The table of an entity, by its class or its class name. Raises UsageError."""
        for known, table in self.tables.items():
            if kind in (known, known.__name__):
                return table
        name = getattr(kind, "__name__", kind)
        raise UsageError(
            f"{self.file}: no entity {name!r} in {self.name}; there are {', '.join(k.__name__ for k in self.tables)}"
        )


def move_reason(noun: str, before: str, after: str) -> str:
    """Why a state cannot be left."""
    return f"only a {noun} that is {before.replace('_', ' ')} can become {after.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A complaint with several possible causes, each repaired by an operation of its own."""

    name: str
    entity: type[Entity]
    say: tuple[str, ...]
    works: Callable[..., bool]
    faults: dict[str, Callable[..., None]]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a state machine."""

    entity: type[Entity]
    field: str
    before: str
    after: str


def domain_of(module: str, name: str) -> Domain:
    """The domain of that name in a module. Raises UsageError."""
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, Domain) and value.name == name:
            return value
    raise UsageError(f"{module} holds no domain {name!r}")


def _name(operation: str | Callable[..., Any]) -> str:
    return operation if isinstance(operation, str) else operation.__name__
