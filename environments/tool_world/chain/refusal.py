"""Tasks whose right outcome is to refuse: the tool would not do it, or it would and a rule of the house forbids it."""

from random import Random
from typing import Any

from envgym.environments.tool_world.chain.calls import Script
from envgym.environments.tool_world.chain.chain import Chain, ChainStep, goal, tool_of
from envgym.environments.tool_world.chain.lay import Layer, NotLaid
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.person import introduce
from envgym.environments.tool_world.chain.script import asked_by_customer, referrer_of, say_step
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.net import net
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.policies import Policy
from envgym.environments.tool_world.reading import read_operation, read_policy
from envgym.environments.tool_world.world import Change, World


def draft_refusal(
    domain: Domain, world: World, rng: Random, level: Level, ids: int, first: Operation | None
) -> tuple[list[Change], Script, dict[str, Any]]:
    """A request that must be refused. Raises NotLaid."""
    chain = Chain(domain, Layer(world, rng), rng)
    traps = [policy for policy in domain.policies.values() if policy.kind == "argument"]
    named = (
        _forbidden(chain, rng.choice(traps), rng) if traps and rng.random() < 0.6 else _impossible(chain, rng, first)
    )
    changes = net(world.journal())
    world.begin(changes, seed=ids)
    script = Script(tricks=["policy trap" if named[0] in domain.policies else "impossible"])
    referrer = referrer_of(chain, rng, level.hops)
    introduced = introduce(referrer, chain.places(), rng) if asked_by_customer(chain) else None
    if introduced is not None:
        script.introduction, found = introduced
        script.read(found)
    say_step(chain, referrer, script, chain.steps[0], rng, None)
    tool = tool_of(domain, chain.steps[0].operation).name
    return changes, script, {"outcome": "refused", "policy": named, "differences": [[]], "tools": [tool]}


def _forbidden(chain: Chain, policy: Policy, rng: Random) -> list[str]:
    """Lays an operation down so that it would go through and break `policy`; gives the names that a refusal may give."""
    operation = chain.domain.operations[rng.choice(policy.on)]
    arguments = chain.layer.lay(operation)
    for _ in range(3):
        if chain.keeps(policy, arguments):
            for guard in read_policy(chain.domain, policy).guards:
                chain.layer.repair(guard, arguments, hold=False)
        chain.layer.hold(operation, arguments)
        if not chain.keeps(policy, arguments):
            break
    else:
        raise NotLaid(f"{policy.name} cannot be broken by {operation.name}")
    chain.steps.append(ChainStep(operation, arguments))
    others = [each for each in chain.domain.policies.values() if each.kind == "argument" and operation.name in each.on]
    return [policy.name, *(each.name for each in others if each is not policy and not chain.keeps(each, arguments))]


def _impossible(chain: Chain, rng: Random, first: Operation | None) -> list[str]:
    """Lays an operation down, `first` where it has guards, and then breaks one of its guards."""
    with_guards = [
        each
        for each in chain.domain.operations.values()
        if goal(chain.domain, each) and read_operation(chain.domain, each).guards
    ]
    operation = first if first in with_guards else rng.choice(with_guards)
    guard = rng.choice(read_operation(chain.domain, operation).guards)
    arguments = chain.layer.lay(operation)
    chain.layer.repair(guard, arguments, hold=False)
    chain.layer.settle()
    why = chain.layer.refusal(operation, arguments)
    if why is None:
        raise NotLaid(f"{operation.name}: nothing broke {guard.why!r}")
    chain.steps.append(ChainStep(operation, arguments))
    broken = [
        each.name
        for each in chain.domain.policies.values()
        if each.kind == "argument" and operation.name in each.on and not chain.keeps(each, arguments)
    ]
    return [tool_of(chain.domain, operation).name, *broken]
