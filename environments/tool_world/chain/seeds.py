"""Further seed chains: whether a task gets another golden chain in the same world, drawn by what is there already.

After the first chain and the tools that it opens (E), the chance of another among the tools at rest (D) is
p = f(complexity of E, hardness of D, share of D): it falls with how complex E is and with how often a chain was sought in D and not
found, and rises with how many tools rest (LongCat-Flash-Thinking report, 3.1.1). Our sampler's failed tries stand for the report's
strong solver.
"""

from math import exp
from random import Random

from envgym.environments.tool_world.chain.chain import Chain, goal, tool_of
from envgym.environments.tool_world.chain.expand import expand, graph
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.script import untold
from envgym.environments.tool_world.domain import Domain

STEEPNESS = 8.0
"""Weight of the gap between the wanted complexity and that of E."""
HARDNESS = 1.2
"""Weight of each try in D that found no chain."""
REST = 1.5
"""Weight of the share of tools that rest, taken from 1: where all rest it is 0."""
TRIES = 3
"""Chains that are sought in vain before a task goes without another."""


def chance(wanted: float, complexity: float, failures: int, resting: float) -> float:
    """The chance of a further chain, 0.0 to 1.0. `complexity` is that of E, `resting` the share of all tools that are in D."""
    return 1 / (1 + exp(-(STEEPNESS * (wanted - complexity) - HARDNESS * failures - REST * (1 - resting))))


def complexity(domain: Domain, tools: frozenset[str]) -> float:
    """How complex a set of tools is, 0.0 to 1.0: the mean of its share of all tools and of how densely they depend on each other."""
    edges = graph(domain)
    pairs = len(tools) * (len(tools) - 1)
    linked = sum(one != other and bool(edges[one][1] & edges[other][0]) for one in tools for other in tools)
    return (len(tools) / len(edges) + (linked / pairs if pairs else 0.0)) / 2


def sow_further(chain: Chain, rng: Random, level: Level, floor: int) -> frozenset[str]:
    """Adds further seed chains to `chain`, as the draw has it; gives the tools that all of them open."""
    domain = chain.domain
    opened = _opened(chain, frozenset(), floor, rng)
    failures = 0
    while chain.seed < level.further and failures < TRIES:
        resting = frozenset(graph(domain)) - opened
        if rng.random() >= chance(
            level.complexity, complexity(domain, opened), failures, len(resting) / len(graph(domain))
        ):
            break
        operations = frozenset(
            each.name
            for each in domain.operations.values()
            if goal(domain, each) and tool_of(domain, each).name in resting
        )
        if _sown(chain, operations, rng.randrange(1, level.operations[1] // 2 + 2), level):
            opened = _opened(chain, opened, floor, rng)
        else:
            failures += 1
    return opened


def _sown(chain: Chain, operations: frozenset[str], count: int, level: Level) -> bool:
    """Whether a further chain was found whose rows, and those before, can be told; else nothing is left of it."""
    world, steps, preferred = chain.world, list(chain.steps), dict(chain.layer.populator.preferred)
    seed, inserted = chain.seed, world.inserted
    world.execute("SAVEPOINT further")
    found = chain.sow(operations, count) and untold(chain, level.hops) is None
    if not found:
        world.execute("ROLLBACK TO further")
        world.inserted = inserted
        chain.layer.forget()
        chain.layer.populator.preferred = preferred
        chain.steps[:], chain.seed = steps, seed
    world.execute("RELEASE further")
    return found


def _opened(chain: Chain, before: frozenset[str], floor: int, rng: Random) -> frozenset[str]:
    """The tools of `before` and of the newest seed chain, grown along dependencies by as many as a first chain has."""
    own = [tool_of(chain.domain, step.operation).name for step in chain.own]
    grown = len(before | set(own)) + (floor // 4 if before else max(floor - len(own), 0))
    return frozenset(expand(chain.domain, [*sorted(before), *own], grown, rng))
