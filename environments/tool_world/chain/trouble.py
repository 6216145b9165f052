"""Tasks in which something does not work: one or several causes are laid into a healthy row, and each has its repair."""

from itertools import pairwise
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.calls import Script, play_script
from envgym.environments.tool_world.chain.chain import Chain, ChainStep
from envgym.environments.tool_world.chain.lay import Arguments, Layer, NotLaid, Place
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.person import introduce, person_tools
from envgym.environments.tool_world.chain.phrasing import Clause, worded
from envgym.environments.tool_world.chain.references import NotSayable, Reference, Referrer, Step
from envgym.environments.tool_world.chain.script import referrer_of
from envgym.environments.tool_world.domain import Domain, Trouble
from envgym.environments.tool_world.net import difference, net
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.reading import read_condition
from envgym.environments.tool_world.shown import key_of
from envgym.environments.tool_world.tools import roles
from envgym.environments.tool_world.transaction import Tx
from envgym.environments.tool_world.world import Change, World


def draft_trouble(
    domain: Domain, world: World, rng: Random, level: Level, ids: int
) -> tuple[list[Change], Script, dict[str, Any]]:
    """A complaint with its causes. Raises NotLaid or NotSayable."""
    trouble = domain.troubles[rng.choice(sorted(domain.troubles))]
    chain = Chain(domain, Layer(world, rng), rng)
    place = _healthy(chain, trouble)
    names = rng.sample(sorted(trouble.faults), min(len(trouble.faults), rng.randrange(1, max(level.operations[1], 2))))
    for name in names:
        trouble.faults[name](Tx(world, free=True), Tx(world, free=True).row(*_row(world, place)))
    if _works(world, trouble, place):
        raise NotLaid(f"{trouble.name}: nothing broke")
    for name in names:
        operation = domain.operations[name]
        chain.steps.append(ChainStep(operation, _arguments(chain, operation, place)))
    followed = {each for policy in domain.policies.values() if policy.kind == "together" for each in policy.on}
    if followed & set(names):
        raise NotLaid(f"{trouble.name}: a rule wants more than the repair")
    if chain.fault() is not None:
        raise NotLaid(f"{trouble.name}: {chain.fault()}")
    changes = net(world.journal())
    world.begin(changes, seed=ids)
    return changes, *_written(chain, trouble, place, rng, level)


def _written(chain: Chain, trouble: Trouble, place: Place, rng: Random, level: Level) -> tuple[Script, dict[str, Any]]:
    """The script of a complaint, and what should come of it. Every repair is needed."""
    domain, world = chain.domain, chain.world
    script = Script(tricks=["trouble"])
    referrer = referrer_of(chain, rng, level.hops)
    introduced = introduce(referrer, [place], rng) if person_tools(domain) else None
    if introduced is not None:
        script.introduction, found = introduced
        script.read(found)
    reference = referrer.refer(place)
    script.read(reference)
    script.clauses.append(Clause(worded(trouble.say, {"row": reference.text}, rng).text, whole=True))
    for step in _reads_to(world, place, chain):
        script.add(step)
    play_script(chain, script)
    if not _works(world, trouble, place):
        raise NotLaid(
            f"{trouble.name}: the repairs of {', '.join(step.operation.name for step in chain.steps)} do not help"
        )
    got = difference(domain, world.journal())
    if not got:
        raise NotLaid(f"{trouble.name}: the repairs change nothing")
    return script, {"outcome": "done", "policy": [], "differences": [got]}


def _healthy(chain: Chain, trouble: Trouble) -> Place:
    """A row for which all is well, by turning the condition round."""
    layer = chain.layer
    place = layer.fresh(chain.world.table_of(trouble.entity))
    guard = read_condition(chain.domain, trouble.works, {"row": trouble.entity}).guards[0]
    name = trouble.works.__code__.co_varnames[0]
    for _ in range(4):
        layer.repair(guard, {name: place})
        layer.settle()
        if _works(chain.world, trouble, place):
            return place
    raise NotLaid(f"{trouble.name}: no healthy {chain.world.table_of(trouble.entity).noun} could be laid down")


def _works(world: World, trouble: Trouble, place: Place) -> bool:
    try:
        return bool(trouble.works(Tx(world).row(*_row(world, place))))
    except TypeError:
        return False


def _row(world: World, place: Place) -> tuple[Any, str]:
    return world.table_of(place[0]), place[1]


def _arguments(chain: Chain, operation: Operation, place: Place) -> Arguments:
    """The rows that a repair needs: the row of the complaint, or one that it leads to."""
    arguments: Arguments = {}
    for parameter in operation.parameters:
        if parameter.entity is None:
            if parameter.optional:
                arguments[parameter.name] = None
                continue
            raise NotLaid(f"{operation.name} needs {parameter.name}, which no complaint tells")
        found = _related(chain.world, place, chain.world.table_of(parameter.entity).name)
        if found is None:
            raise NotLaid(
                f"{operation.name}: nothing leads from the {place[0]} to a {chain.world.table_of(parameter.entity).noun}"
            )
        arguments[parameter.name] = [found[-1]] if parameter.many else found[-1]
    return arguments


def _related(world: World, place: Place, name: str) -> list[Place] | None:
    """The shortest path from a row to one of a table, along references either way, where it is the only one there."""
    paths, seen = [[place]], {place}
    for _ in range(4):
        for path in paths:
            if path[-1][0] == name:
                return path
        longer = []
        for path in paths:
            for following in _neighbours(world, path[-1]):
                if following not in seen:
                    seen.add(following)
                    longer.append([*path, following])
        paths = longer
    return None


def _neighbours(world: World, place: Place) -> list[Place]:
    """Rows that a row points at, then the only ones that point at it."""
    table = world.table_of(place[0])
    values = world.values(table, place[1]) or {}
    found = [
        (world.table_of(field.target).name, values[name])
        for name, field in table.fields.items()
        if field.kind == "ref" and values[name] is not None and not field.hidden
    ]
    for child, reference in table.many.values():
        ids = world.ids(child, reference, place[1])
        if len(ids) == 1:
            found.append((child.name, ids[0]))
    return found


def _reads_to(world: World, place: Place, chain: Chain) -> list[Step]:
    """The reads that show the ids of the rows that the repairs need."""
    steps: list[Step] = []
    for each in chain.places():
        path = _related(world, place, each[0])
        if path is None:
            raise NotSayable(f"{each[0]} {each[1]}")
        for here, there in pairwise(path):
            steps.append(_read_between(world, here, there))
    return [step for at, step in enumerate(steps) if step not in steps[:at]]


def _read_between(world: World, here: Place, there: Place) -> Step:
    """A read of one row that shows the id of the next."""
    table = world.table_of(here[0])
    key = key_of(world.domain, table, "id")
    values = world.values(table, here[1]) or {}
    if any(field.kind == "ref" and values[name] == there[1] for name, field in table.fields.items()):
        return {"tool": roles(world.domain)["get", table.name, ()].name, "arguments": {key: here[1]}}
    for name, (child, reference) in table.many.items():
        if child.name == there[0] and there[1] in world.ids(child, reference, here[1]):
            return {"tool": roles(world.domain)["list", table.name, name].name, "arguments": {key: here[1]}}
    raise NotSayable(f"{there[0]} {there[1]}")


__all__ = ["Reference", "Referrer", "draft_trouble"]
