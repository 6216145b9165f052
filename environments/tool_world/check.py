"""Check of a domain: every fault of its file by line, with what to do. Runs once, when a domain is first used.

`python -m envgym.environments.tool_world.check NAME` prints the faults, or the counts of a domain that has none.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter
from types import CodeType

import typer

from envgym.environments.tool_world.contradiction import contradictions
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.policies import Policy
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
    """Resolves the entities that references name, and lets each table know who points at it.

    Raises UsageError that lists those that dangle.
    """
    dangling: list[Fault] = []
    for kind, table in domain.tables.items():
        for name, field in table.fields.items():
            if field.kind != "ref":
                continue
            where = f"{kind.__name__}.{name}"
            try:
                target = domain.table(field.target)
            except UsageError as error:
                dangling.append(Fault(table.file, table.line, f"{where} points at nothing: {error}"))
                continue
            if not field.many:
                continue
            if field.many in target.fields or target.many.get(field.many, (table, name)) != (table, name):
                what = f"{where}: {target.name} has a {field.many!r} already; rename many="
                dangling.append(Fault(table.file, table.line, what))
            target.many.setdefault(field.many, (table, name))
    if dangling:
        raise UsageError("\n".join(str(fault) for fault in dangling))


def checked(domain: Domain) -> Domain:
    """The domain, linked. Raises UsageError that lists every fault."""
    link(domain)
    faults = sorted(set(faults_of(domain)), key=lambda fault: (fault.file, fault.line, fault.what)) or list(
        _names(domain)
    )
    if faults:
        raise UsageError("\n".join(str(fault) for fault in faults))
    return domain


def faults_of(domain: Domain) -> Iterator[Fault]:
    """Every fault of a linked domain. A condition that is told for what it says is not told again for never holding."""
    told = list(_faults(domain))
    yield from told
    lines = {(fault.file, fault.line) for fault in told}
    for operation in domain.operations.values():
        for file, line, what in contradictions(domain, operation):
            if (file, line) not in lines:
                yield Fault(file, line, what)


def _faults(domain: Domain) -> Iterator[Fault]:
    for table in domain.tables.values():
        yield from _table(domain, table)
    for operation in domain.operations.values():
        yield from _operation(domain, operation)
    yield from _circles(domain)
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


def _reachable(field: Field) -> set[str]:
    """The states that moves lead to from the first, that one included."""
    reached = set(field.choices[:1])
    while new := {after for before, after in field.moves if before in reached} - reached:
        reached |= new
    return reached


def _tellable(table: Table) -> bool:
    return any(field.kind == "ref" and field.many for field in table.fields.values())


def _operation(domain: Domain, operation: Operation) -> Iterator[Fault]:
    reading = read_operation(domain, operation)
    for file, line, what in reading.faults:
        yield Fault(file, line, f"{operation.name}: {what}")
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


def _circles(domain: Domain) -> Iterator[Fault]:
    """Tables of which no row can be the first, since each needs one of another."""
    waiting, ready = list(domain.tables.values()), list[Table]()
    while waiting:
        able = [
            table
            for table in waiting
            if all(
                field.kind != "ref" or field.optional or domain.table(field.target) in (*ready, table)
                for field in table.fields.values()
            )
        ]
        if not able:
            names = ", ".join(table.name for table in waiting)
            what = f"{names} need each other, so none can be the first; give one of the references optional=True"
            yield Fault(waiting[0].file, waiting[0].line, what)
            return
        ready += able
        waiting = [table for table in waiting if table not in able]


def _states(domain: Domain) -> Iterator[Fault]:
    """Constants that are no state or choice, in assignments and in conditions, and states that cannot be reached."""
    for operation in domain.operations.values():
        reading = read_operation(domain, operation)
        for each in [*reading.assigned, *reading.compared]:
            field = domain_table(domain, each.table).fields[each.field]
            if field.choices and each.value is not None and each.value not in field.choices:
                known = ", ".join(field.choices)
                what = f"{operation.name}: {each.table}.{each.field} cannot be {each.value!r}; there are {known}"
                yield Fault(each.file, each.line, what)
        for each in reading.assigned:
            field = domain_table(domain, each.table).fields[each.field]
            reached = {after for _, after in field.moves} | set(field.choices[:1])
            if field.kind == "states" and each.value in field.choices and each.value not in reached:
                what = f"{operation.name} sets {each.table}.{each.field} to {each.value!r}, to which no move leads"
                yield Fault(each.file, each.line, what)
    yield from _lost(domain)


def _lost(domain: Domain) -> Iterator[Fault]:
    """States that no row ever gets into and that no operation speaks of."""
    readings = [read_operation(domain, operation) for operation in domain.operations.values()]
    spoken = {
        (each.table, each.field, each.value) for reading in readings for each in (*reading.assigned, *reading.compared)
    }
    spoken |= {(domain.table(move.entity).name, move.field, move.before) for move in domain.moves.values()}
    for table in domain.tables.values():
        for name, field in table.fields.items():
            for state in field.choices if field.kind == "states" else ():
                if state not in _reachable(field) and (table.name, name, state) not in spoken:
                    what = f"{table.name}.{name}: no moves lead from {field.choices[0]!r} to {state!r}, and nothing asks for it"
                    yield Fault(table.file, table.line, f"{what}; add the move, or drop the state")


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
        unknown = [name for name in (*policy.on, *filter(None, [policy.then])) if name not in domain.operations]
        for name in unknown:
            yield Fault(policy.file, policy.line, f"policy {policy.name}: there is no operation {name!r}")
        if unknown:
            continue
        takes = {name: {parameter.name for parameter in domain.operations[name].parameters} for name in policy.on}
        if policy.per and not all(policy.per in names for names in takes.values()):
            what = f"policy {policy.name}: per={policy.per!r} has to be an argument of each of {', '.join(policy.on)}"
            yield Fault(policy.file, policy.line, what)
        if policy.function is not None:
            yield from _policy_function(domain, policy, policy.function.__code__, takes)


def _policy_function(domain: Domain, policy: Policy, code: CodeType, takes: Mapping[str, set[str]]) -> Iterator[Fault]:
    """What a policy reads that is not there."""
    for name, parameters in takes.items():
        missing = set(code.co_varnames[: code.co_argcount]) - {"tx"} - parameters
        if missing:
            what = f"policy {policy.name} reads {min(missing)!r}, which {name} has not"
            yield Fault(code.co_filename, code.co_firstlineno, what)
    for file, line, what in read_policy(domain, policy).faults:
        yield Fault(file, line, f"policy {policy.name}: {what}")


def _names(domain: Domain) -> Iterator[Fault]:
    """Tools that come out with one name, and rules that name a lookup that no tool is."""
    from envgym.environments.tool_world.tools import toolbox

    try:
        known = toolbox(domain)
    except UsageError as error:
        yield Fault(domain.file, 1, str(error).removeprefix(f"{domain.file}: "))
        return
    for policy in domain.policies.values():
        for name in policy.tools:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else "name a tool that finds somebody"
                yield Fault(policy.file, policy.line, f"policy {policy.name}: there is no tool {name!r}; {hint}")


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


def domain_named(name: str) -> Domain:
    """The domain of an id such as "retail", or of a path such as "file.py:Library". Raises UsageError."""
    from envgym import registry
    from envgym.environments.tool_world import worlds

    if ":" not in name:
        return worlds._domain_named(name)
    found = registry.environments.get(name)
    domain = found if isinstance(found, Domain) else getattr(found, "domain", None)
    if not isinstance(domain, Domain):
        raise UsageError(
            f"{name} is no domain and no environment of one; name a Domain, or a ToolWorld with `domain = ...`"
        )
    return domain


def main() -> None:
    """Prints the faults or the counts of the domains that are named; exits with 1 where there are faults."""
    from envgym.environments.tool_world import worlds
    from envgym.environments.tool_world.tools import toolbox

    faulty = False
    for name in sys.argv[1:] or sorted(dir(worlds)):
        try:
            domain = checked(domain_named(name))
        except UsageError as error:
            typer.echo(str(error))
            faulty = True
            continue
        workflows = len(domain.operations) - len(domain.moves)
        counts = f"{len(domain.tables)} tables, {len(toolbox(domain))} tools, {workflows} workflows, {len(domain.policies)} policies"
        typer.echo(f"{name}: no faults; {counts}, {len(domain.troubles)} troubles")
    raise SystemExit(int(faulty))


if __name__ == "__main__":
    main()
