"""The schedule of a set: operations come evenly, and an item is the same whether it is made alone or among others."""

import pytest

from envgym import registry
from envgym.environments.tool_world.chain.chain import goal
from envgym.environments.tool_world.chain.schedule import due
from envgym.environments.tool_world.tool_world import ToolWorld

DOMAINS = [name for name in registry.environments.paths() if name.startswith("tool_world:")]
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("env_id", DOMAINS)
@pytest.mark.parametrize("seed", [0, 7])
def test_every_block_of_items_has_each_operation_once(env_id: str, seed: int) -> None:
    domain = registry.make(env_id).domain
    goals = {name for name, operation in domain.operations.items() if goal(domain, operation)}
    for block in range(3):
        names = [due(domain, seed, block * len(goals) + at).operation for at in range(len(goals))]
        assert {each.name for each in names if each is not None} == goals


def test_what_came_before_in_the_block_counts_as_used() -> None:
    domain = registry.make("tool_world:retail").domain
    before = [due(domain, 3, index).operation for index in range(5)]
    assert set(due(domain, 3, 5).uses) == {each.name for each in before if each is not None}
    assert due(domain, 3, 0).uses == {}


def test_seeds_have_orders_of_their_own() -> None:
    domain = registry.make("tool_world:retail").domain
    orders = [[due(domain, seed, index).operation for index in range(8)] for seed in (1, 2)]
    assert orders[0] != orders[1]


def test_an_item_does_not_depend_on_those_before_it() -> None:
    alone: ToolWorld = registry.make("tool_world:clinic", level=2)
    among: ToolWorld = registry.make("tool_world:clinic", level=2)
    hashes = [among.taskset(6)[index].hash for index in range(4)]
    assert alone.taskset(6)[3].hash == hashes[3]
    assert alone.taskset(6).find("6-2").hash == hashes[2]


def test_a_set_of_sixty_covers_most_operations() -> None:
    env: ToolWorld = registry.make("tool_world:retail", level=1)
    goals = {name for name, operation in env.domain.operations.items() if goal(env.domain, operation)}
    called = {step["tool"] for index in range(60) for step in env.taskset(0)[index].private["gold"]["calls"]}
    assert len(called & goals) / len(goals) > 0.9
