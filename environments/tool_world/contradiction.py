"""Conditions of an operation that can never hold, found from their text: alone, or together with the others.

Every conclusion is certain, and many contradictions are not seen. Only conditions that every call gets to are taken, each column only
until the operation writes it, and of rows of a list only the first of those that were given. What cannot be read (`any`, `sum`, rows that
point here, functions with branches) excludes nothing.
"""

import ast
from collections.abc import Iterator, Sequence

from envgym.environments.tool_world.assumption import Assumption, Facts
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.guard import Mention
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.reading import read_operation

ROUNDS = 3
"""How often what one condition says is taken to the others."""


def contradictions(domain: Domain, operation: Operation) -> Iterator[tuple[str, int, str]]:
    """Conditions that can never hold, and states that can never be set: file, line, and what to do."""
    reading = read_operation(domain, operation)
    readers = [Assumption(domain, operation, guard) for guard in reading.guards if guard.always]
    hopeless = [reader for reader in readers if reader.assume(Facts()) is None]
    for reader in hopeless:
        yield reader.guard.file, reader.guard.line, f"{operation.name}: {_alone(reader)}"
    if hopeless:
        return
    facts = Facts()
    for reader in readers * ROUNDS:
        known = reader.assume(facts)
        if known is None:
            yield reader.guard.file, reader.guard.line, f"{operation.name}: {_together(reader, readers)}"
            return
        facts = known
    for target, assigned in reading.moved:
        what = _immovable(Assumption(domain, operation, target), assigned, facts)
        if what:
            yield assigned.file, assigned.line, f"{operation.name}: {what}"


# ---- what is told


def _alone(reader: Assumption) -> str:
    """Why a condition can never hold by itself."""
    reasons = [f"{place.path} is {place.possible}" for place in reader.places.of_condition()]
    since = f", since {' and '.join(reasons)}" if reasons else ""
    return f"{ast.unparse(reader.guard.test)} can never hold{since}; widen what is possible, or demand something else"


def _together(reader: Assumption, readers: Sequence[Assumption]) -> str:
    """With which other condition one cannot hold."""
    test = ast.unparse(reader.guard.test)
    for other in readers:
        alone = other.assume(Facts())
        if other is not reader and alone is not None and reader.assume(alone) is None:
            return (
                f"{test} can never hold together with {ast.unparse(other.guard.test)} ({_where(other, reader)});"
                " drop one of them, or ask for one or the other"
            )
    lines = ", ".join(_where(other, reader) for other in readers if other is not reader)
    return f"{test} can never hold together with the other conditions ({lines}); drop or weaken one of them"


def _where(reader: Assumption, seen_from: Assumption) -> str:
    file = "" if reader.guard.file == seen_from.guard.file else f"{reader.guard.file}, "
    return f"{file}line {reader.guard.line}"


def _immovable(target: Assumption, assigned: Mention, facts: Facts) -> str:
    """Why a state can never be set; nothing where it can."""
    place = target.places.place(target.guard.test, target.guard.scope)
    if place is None or place.field is None or place.field.kind != "states":
        return ""
    before, moves = facts.values.get(place.path, place.possible).values or (), place.field.moves
    if assigned.value not in {after for _, after in moves} or any(
        state == assigned.value or (state, assigned.value) in moves for state in before
    ):
        return ""
    states = " or ".join(sorted(repr(state) for state in before))
    return (
        f"{place.path} is {states} here, from where no move leads to {assigned.value!r};"
        " add the move, or ask for another state"
    )
