"""What makes tool worlds fast changes nothing: worlds that are handed on, episodes that are taken back, fills that are left out."""

from random import Random
from typing import Any

import pytest

from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.kept_worlds import give_back, lend
from envgym.environments.tool_world.settled import Settled, WatchedTx
from envgym.environments.tool_world.world import World
from envgym.task_synth.golden_chain.mutants import mutants
from envgym.task_synth.golden_chain.replay import play, play_beside


def content(world: World) -> dict[str, Any]:
    """Every row of a world, the engine's own included."""
    names = [name for (name,) in world.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: world.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_a_world_is_nobody_elses_until_it_is_given_back_and_then_goes_to_its_task() -> None:
    domain = worlds.retail.domain
    one, other = lend(domain, (0, 1), "a"), lend(domain, (0, 1), "b")
    assert one is not other
    one.begin([], seed=1, task="a")
    other.begin([], seed=1, task="b")
    give_back(one)
    give_back(other)
    assert lend(domain, (0, 1), "b") is other
    assert lend(domain, (0, 1), "a") is one
    assert lend(domain, (0, 1), "a") not in (one, other)
    assert lend(worlds.retail.domain, (1, 1), "a") is not one
    assert lend(worlds.bank.domain, (0, 1), "a") is not one


def test_an_episode_in_a_world_that_was_used_begins_like_the_first() -> None:
    first = worlds.hotel(level=3)
    task = first.taskset(4)[0]
    seen = first.reset(options={"task": task})[0]
    start = content(first.world)
    for action in first.oracle():
        first.step(action)
    assert content(first.world) != start
    used = first.world
    first.close()
    second = worlds.hotel(level=3)
    assert second.reset(options={"task": task})[0] == seen
    assert second.world is used
    assert content(second.world) == start
    assert [second.step(action)[1] for action in second.oracle()][-1] == 1.0


def test_what_is_played_on_trial_is_taken_back_to_the_last_attribute() -> None:
    env = worlds.clinic(level=4)
    env.reset(options={"task": env.taskset(2)[1]})
    calls = list(env.oracle())
    for action in calls[:-2]:
        env.step(action)
    before, rows, trace = dict(vars(env)), content(env.world), env.trace.copy()
    with env.undone():
        for action in calls[-2:]:
            env.step(action)
        assert env.verdict.score == 1.0
    assert vars(env) | {"trace": None} == before | {"trace": None}
    assert (content(env.world), env.trace) == (rows, trace)
    assert [env.step(action)[1] for action in calls[-2:]][-1] == 1.0


@pytest.mark.parametrize("name", ["airline", "bank", "telecom"])
def test_mutants_that_share_their_first_calls_end_as_each_does_by_itself(name: str) -> None:
    env = getattr(worlds, name)(level=4)
    for at in range(2):
        task = env.taskset(7)[at]
        gold = task.private["gold"]["calls"]
        env.reset(options={"task": task})
        drawn = [each.steps for each in mutants(env.domain, env.world, gold, list(task.public["tools"]), Random(at))]
        drawn += [tuple(gold), (), (*gold, gold[0])]
        alone = [play(env, task, steps) for steps in drawn]
        expected = [(each.score, each.end if each.score == 1.0 else None) for each in alone]
        assert play_beside(env, task, gold, drawn) == expected
        assert {score for score, _ in expected} == {0.0, 1.0}


def test_a_row_is_settled_until_something_that_its_fill_has_read_changes() -> None:
    domain = worlds.retail.domain
    world = World(domain, base_of(domain, 0, 1).content, base=(0, 1))
    world.begin([], seed=5)
    orders = [id for (id,) in world.execute("SELECT DISTINCT order_id FROM order_item ORDER BY order_id LIMIT 2")]
    order, item = world.table_of("Order"), world.table_of("OrderItem")
    settled = Settled(world)

    def read() -> None:
        for id in orders:
            tx = WatchedTx(world)
            assert [each.quantity for each in tx.row("Order", id).items]
            settled.add((order.name, id), tx.reads)

    def still() -> list[bool]:
        settled.catch_up()
        return [(order.name, id) in settled for id in orders]

    read()
    assert still() == [True, True]
    line = world.ids(item, "order", orders[0])[0]
    world.update(item, line, "quantity", (world.values(item, line) or {})["quantity"] + 1)
    assert still() == [False, True]
    read()
    world.update(item, line, "order", orders[1])  # leaves one list and joins the other
    assert still() == [False, False]
    read()
    world.insert(item, world.values(item, line) or {})
    assert still() == [True, False]
