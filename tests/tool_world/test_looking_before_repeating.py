"""A change whose answer was lost can be looked up where the episode offers the row's details, and is never left open where it does not."""

import json
from typing import Any

from envgym import registry
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.message import call
from envgym.noise import Noisy

TASKS = 30


def retail(level: int = 3) -> ToolWorld:
    env: ToolWorld = registry.make("tool_world:retail", level=level)
    return env


def test_what_was_done_shows_in_the_details_of_its_row() -> None:
    env = retail()
    seen = {True: 0, False: 0}
    for index in range(TASKS):
        env.reset(options={"task": env.taskset(2)[index]})
        for action in env.oracle():
            assert isinstance(action, dict)
            made = action["tool_calls"][0]
            look = env.look_for(made)
            if look is None:
                assert env.was_done(made) is None
            elif env.was_done(made) is False:
                assert look["tool_calls"][0]["function"]["name"] in env.offered()
                before = details(env, look)
                env.step(action)
                assert env.was_done(made) is True
                seen[before != details(env, look)] += 1
                continue
            env.step(action)
    assert seen[True] > 20
    assert seen[False] == 0


def details(env: ToolWorld, look: Any) -> str:
    """What the look shows, read in a copy."""
    return str(env.fork().step(call(look["tool_calls"][0]["function"]["name"], **arguments(look)))[0][0]["content"])


def arguments(look: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(look["tool_calls"][0]["function"]["arguments"])
    return found


def test_every_fault_of_a_noisy_world_is_got_over() -> None:
    env = retail()
    faults = 0
    for index in range(TASKS):
        noisy = Noisy(env, level=0.4, seed=1)
        noisy.reset(options={"task": env.taskset(0)[index]})
        for action in noisy.oracle():
            *_, ended, truncated, info = noisy.step(action)
            faults += len(info.get("faults", ()))
            if ended or truncated:
                break
        verdict = noisy.verify()
        assert verdict.score == 1.0
        if "recovered" in verdict.parts:
            assert verdict.parts["recovered"].score == 1.0, verdict.parts["recovered"]
    assert faults > TASKS
