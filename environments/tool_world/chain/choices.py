"""Choices that a user leaves to the agent: any row of several ("any of my payment methods"), or one of two operations ("either ... or").

Every alternative is tried in the world: the whole chain goes through with it, and each ends in another difference. A task keeps all of
them, so that an agent may take whichever it likes, but not a further one, nor two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from envgym.environments.tool_world.chain.chain import Chain, ChainStep, Made, goal, of_customers, places_of
from envgym.environments.tool_world.chain.lay import Arguments, NotLaid, Place
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.net import Difference
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.reading import read_operation

ROWS = 4
"""Rows that an agent may choose among at most."""
TRIED = 6
"""Operations that are tried beside the one of the chain."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Step `at` of a chain may be any of `steps`, the chain's own first. `name` is the parameter in which they differ; empty where they
    are of different operations.
    """

    at: int
    steps: tuple[ChainStep, ...]
    name: str = ""


def lay_choice(chain: Chain, rng: Random) -> Choice | None:
    """A choice at one of the steps, rows laid down for it; None where there is none."""
    ways = [_either, _any_row] if rng.random() < 0.4 else [_any_row, _either]
    free = [at for at, step in enumerate(chain.steps) if _alone(chain, at) and not _rule_follows(chain, step)]
    for way in ways:
        for at in rng.sample(free, len(free)):
            choice = way(chain, at, rng)
            if choice is not None and ends(chain, choice) is not None:
                return choice
    return None


def ends(chain: Chain, choice: Choice) -> list[Difference] | None:
    """The differences that the chain makes with each of the alternatives; None where one fails, or two are the same."""
    found: list[Difference] = []
    for step in choice.steps:
        end = chain.end(instead=(choice.at, step))
        if not end or end in found or end == chain.end(without=choice.at):
            return None
        found.append(end)
    return found


def _alone(chain: Chain, at: int) -> bool:
    """Whether no other step rests on what step `at` makes."""
    made = [value for step in chain.steps for value in step.arguments.values() if isinstance(value, Made)]
    return all(value.step != at for value in made) and not any(
        isinstance(value, Made) for value in chain.steps[at].arguments.values()
    )


def _rule_follows(chain: Chain, step: ChainStep) -> bool:
    """Whether a rule ties the step to another."""
    name = step.operation.name
    return any(
        policy.kind in ("together", "at_most") and name in (*policy.on, policy.then)
        for policy in chain.domain.policies.values()
    )


# ---- any of several rows


def _any_row(chain: Chain, at: int, rng: Random) -> Choice | None:
    """One of the rows that an operation takes beside its first, with others that would do as well."""
    step = chain.steps[at]
    elsewhere = places_of([each for each in chain.steps if each is not step])
    takes = [each for each in step.operation.parameters if each.entity is not None][1:]
    for parameter in rng.sample(takes, len(takes)):
        place = step.arguments[parameter.name]
        if not isinstance(place, tuple) or place in elsewhere or list(step.arguments.values()).count(place) > 1:
            continue
        for group in _groups(chain, place):
            others = [ChainStep(step.operation, {**step.arguments, parameter.name: each}, step.seed) for each in group]
            fit = [each for each in others if _fits(chain, at, each)][: ROWS - 1]
            if fit:
                return Choice(at, (step, *fit), parameter.name)
    return None


def _groups(chain: Chain, place: Place) -> Iterator[list[Place]]:
    """Other rows that belong to the same one, then such as are searched for by the same word."""
    world, table = chain.world, chain.world.table_of(place[0])
    values = world.values(table, place[1]) or {}
    for name, field in table.fields.items():
        listed = field.kind == "ref" and field.many and not field.hidden
        if values[name] is not None and (listed or (field.search and field.choices)):
            others = [(table.name, id) for id in world.ids(table, name, values[name]) if id != place[1]]
            if 1 <= len(others) < 2 * ROWS:
                yield others


def _fits(chain: Chain, at: int, step: ChainStep) -> bool:
    """Whether the chain goes through with `step` in the place of step `at`, where need be on repaired rows; and still as it was."""
    if chain.end(instead=(at, step)) is not None:
        return True
    return _laid(chain, at, partial(_held, chain, step)) is not None


def _held(chain: Chain, step: ChainStep) -> ChainStep:
    chain.layer.hold(step.operation, step.arguments)
    chain.comply(step.operation, step.arguments)
    return step


# ---- one of two operations


def _either(chain: Chain, at: int, rng: Random) -> Choice | None:
    """Another operation on a row of step `at` that would do as well."""
    step, domain = chain.steps[at], chain.domain
    rows = places_of([step])[:1]
    voice = of_customers(domain, step.operation)
    others = [
        each
        for each in domain.operations.values()
        if each is not step.operation
        and goal(domain, each)
        and of_customers(domain, each) == voice
        and not _rule_follows(chain, ChainStep(each, {}))
        and not _moves(domain, each) & _moves(domain, step.operation)
        and _given(chain, each, rows)
    ]
    for operation in rng.sample(others, min(len(others), TRIED)):
        made = _laid(chain, at, partial(_beside, chain, operation, rows, step.seed))
        if made is not None:
            return Choice(at, (step, made))
    return None


def _moves(domain: Domain, operation: Operation) -> set[tuple[str, str]]:
    """The states that an operation moves: nobody asks to have something approved or else declined."""
    return {
        (table.name, name)
        for table in domain.tables.values()
        for name, field in table.fields.items()
        if field.kind == "states" and (table.name, name) in read_operation(domain, operation).writes
    }


def _beside(chain: Chain, operation: Operation, rows: list[Place], seed: int) -> ChainStep:
    arguments = chain.layer.lay(operation, _given(chain, operation, rows))
    chain.comply(operation, arguments)
    return ChainStep(operation, arguments, seed)


def _given(chain: Chain, operation: Operation, rows: list[Place]) -> Arguments:
    """The row for the first parameter of an operation, where it takes such rows."""
    first = next((each for each in operation.parameters if each.entity is not None), None)
    if first is None or first.many:
        return {}
    same = [row for row in rows if row[0] == chain.world.table_of(first.entity).name]
    return {first.name: same[0]} if same else {}


def _laid(chain: Chain, at: int, make: Callable[[], ChainStep]) -> ChainStep | None:
    """What `make` lays down, where the chain then goes through with it and as it was; else what it laid is taken back."""
    world = chain.world
    world.execute("SAVEPOINT choice")
    inserted = world.inserted
    made: ChainStep | None = None
    try:
        made = make()
        if chain.fault() is not None or chain.end(instead=(at, made)) is None:
            made = None
    except NotLaid:
        made = None
    finally:
        if made is None:
            world.execute("ROLLBACK TO choice")
            world.inserted = inserted
            chain.layer.forget()
        world.execute("RELEASE choice")
    return made
