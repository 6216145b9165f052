"""Check of a domain: every fault of its file by line, with what to do. Runs once, when a domain is first used.

`python -m envgym.environments.tool_world.check NAME` prints the faults, or the counts of a domain that has none.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

import typer

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.reading import read_operation, read_policy
from envgym.errors import UsageError

MIN_SAYINGS, MIN_MOVE_SAYINGS = 6, 3


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a domain, where, and what to do."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def link(domain: Domain) -> None:
    """Resolves the entities that references name, and lets each table know who points at it. Raises UsageError for a dangling one."""
    for kind, table in domain.tables.items():
        for name, field in table.fields.items():
            if field.kind != "ref":
                continue
            try:
                target = domain.table(field.target)
            except UsageError as error:
                raise UsageError(
                    f"{table.file}:{table.line}: {kind.__name__}.{name} points at nothing: {error}"
                ) from None
            if field.many:
                if field.many in target.fields or target.many.get(field.many, (table, name)) != (table, name):
                    raise UsageError(
                        f"{table.file}:{table.line}: {kind.__name__}.{name}: {target.name} has a {field.many!r} already; rename many="
                    )
                target.many[field.many] = (table, name)


def checked(domain: Domain) -> Domain:
    """The domain, linked. Raises UsageError that lists every fault."""
    link(domain)
    faults = sorted(faults_of(domain), key=lambda fault: (fault.file, fault.line))
    if faults:
        raise UsageError("\n".join(str(fault) for fault in faults))
    return domain


def faults_of(domain: Domain) -> Iterator[Fault]:
    """Every fault of a linked domain."""
    for table in domain.tables.values():
        yield from _table(domain, table)
    for operation in domain.operations.values():
        yield from _operation(domain, operation)
    yield from _states(domain)
    yield from _setters(domain)
    yield from _policies(domain)
    yield from _troubles(domain)


def _table(domain: Domain, table: Table) -> Iterator[Fault]:
    if not table.about:
        yield Fault(table.file, table.line, f"{table.name} needs a docstring: agents read it")
    for keys in table.find:
        for key in keys:
            if key not in table.fields:
                yield Fault(
                    table.file,
                    table.line,
                    f"{table.name}: find names {key!r}, which is no field; there are {', '.join(table.fields)}",
                )
    for name, field in table.fields.items():
        for shared in field.same:
            if shared not in table.fields or shared not in domain.table(field.target).fields:
                yield Fault(
                    table.file,
                    table.line,
                    f"{table.name}.{name}: same={shared!r} has to be a field of {table.name} and of {domain.table(field.target).name}",
                )
        if name in ("id", "rows", "name_id") or name.startswith("_"):
            yield Fault(table.file, table.line, f"{table.name}: a field cannot be called {name!r}")
    if not (table.known or table.find or _tellable(table)):
        yield Fault(
            table.file,
            table.line,
            f"nobody can speak of a {table.noun}: give it known=True, a find key, or a reference with many=",
        )


def _tellable(table: Table) -> bool:
    return any(field.kind == "ref" and field.many for field in table.fields.values())


def _operation(domain: Domain, operation: Operation) -> Iterator[Fault]:
    reading = read_operation(domain, operation)
    for line, what in reading.faults:
        yield Fault(operation.file, line, f"{operation.name}: {what}")
    needed = MIN_MOVE_SAYINGS if operation.name in domain.moves else MIN_SAYINGS
    if len(set(operation.say)) < needed:
        yield Fault(
            operation.file,
            operation.line,
            f"{operation.name} has {len(set(operation.say))} phrasings; at least {needed} are needed",
        )
    wanted = {parameter.name for parameter in operation.parameters if not parameter.optional}
    for saying in operation.say:
        named = {name for _, name, _, _ in Formatter().parse(saying) if name}
        if named - {parameter.name for parameter in operation.parameters} or wanted - named:
            yield Fault(
                operation.file,
                operation.line,
                f"{operation.name}: {saying!r} has to name {sorted(wanted)}, and nothing else in braces",
            )
    if not reading.changes and not reading.returns:
        yield Fault(operation.file, operation.line, f"{operation.name} neither changes a row nor returns an answer")


def _states(domain: Domain) -> Iterator[Fault]:
    """Constants that are no state or choice, and guards on states that no row can be in."""
    for operation in domain.operations.values():
        for table, name, value, line in read_operation(domain, operation).assigned:
            field = domain_table(domain, table).fields[name]
            if field.choices and value is not None and value not in field.choices:
                yield Fault(
                    operation.file, line, f"{table}.{name} cannot be {value!r}; there are {', '.join(field.choices)}"
                )
            reached = {after for _, after in field.moves} | set(field.choices[:1])
            if field.kind == "states" and value in field.choices and value not in reached:
                what = f"{operation.name} sets {table}.{name} to {value!r}, to which no move leads"
                yield Fault(operation.file, line, what)


def _setters(domain: Domain) -> Iterator[Fault]:
    """Raw setters on columns that an operation guards or that a state machine moves."""
    owned: dict[tuple[str, str], str] = {}
    for operation in domain.operations.values():
        for column in read_operation(domain, operation).writes:
            owned.setdefault(column, operation.name)
    for table in domain.tables.values():
        for name, field in table.fields.items():
            if field.edit and field.kind == "states":
                yield Fault(
                    table.file,
                    table.line,
                    f"{table.name}.{name} is a state machine; drop edit=True, its moves are operations",
                )
            if field.edit and (table.name, name) in owned:
                yield Fault(
                    table.file,
                    table.line,
                    f"{table.name}.{name} is set by {owned[table.name, name]}; drop edit=True, it would go round its guards",
                )


def _policies(domain: Domain) -> Iterator[Fault]:
    for policy in domain.policies.values():
        for name in (*policy.on, *([policy.then] if policy.then else [])):
            if name not in domain.operations:
                yield Fault(domain.file, 1, f"policy {policy.name}: there is no operation {name!r}")
                return
        if policy.per and not all(
            policy.per in {p.name for p in domain.operations[name].parameters} for name in policy.on
        ):
            yield Fault(
                domain.file,
                1,
                f"policy {policy.name}: per={policy.per!r} has to be an argument of each of {', '.join(policy.on)}",
            )
        if policy.function is not None:
            line = policy.function.__code__.co_firstlineno
            arguments = policy.function.__code__.co_varnames[: policy.function.__code__.co_argcount]
            for name in policy.on:
                missing = set(arguments) - {"tx"} - {parameter.name for parameter in domain.operations[name].parameters}
                if missing:
                    yield Fault(
                        policy.function.__code__.co_filename,
                        line,
                        f"policy {policy.name} reads {min(missing)!r}, which {name} has not",
                    )
            for at, what in read_policy(domain, policy).faults:
                yield Fault(policy.function.__code__.co_filename, at, f"policy {policy.name}: {what}")


def _troubles(domain: Domain) -> Iterator[Fault]:
    for trouble in domain.troubles.values():
        line = trouble.works.__code__.co_firstlineno
        for name in trouble.faults:
            if name not in domain.operations:
                yield Fault(
                    trouble.works.__code__.co_filename,
                    line,
                    f"trouble {trouble.name}: no operation {name!r} repairs anything",
                )
        for saying in trouble.say:
            if "{row}" not in saying:
                yield Fault(
                    trouble.works.__code__.co_filename, line, f"trouble {trouble.name}: {saying!r} has to name {{row}}"
                )


def domain_table(domain: Domain, name: str) -> Table:
    """A table by its name."""
    return next(table for table in domain.tables.values() if table.name == name)


def main() -> None:
    """Prints the faults or the counts of the domains that are named."""
    from envgym.environments.tool_world import worlds

    for name in sys.argv[1:] or sorted(dir(worlds)):
        try:
            domain = checked(worlds._domain_named(name))
        except UsageError as error:
            typer.echo(str(error))
            continue
        from envgym.environments.tool_world.tools import toolbox

        workflows = len(domain.operations) - len(domain.moves)
        counts = f"{len(domain.tables)} tables, {len(toolbox(domain))} tools, {workflows} workflows, {len(domain.policies)} policies"
        typer.echo(f"{name}: no faults; {counts}, {len(domain.troubles)} troubles")


if __name__ == "__main__":
    main()
