"""Tasks that ask for an answer and no change: a look is needed, and every change is one too many."""

from random import Random
from typing import Any

import pytest

from envgym import registry
from envgym.environments.tool_world.chain.question import amount_asked
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.task import Task
from envgym.task_synth.golden_chain.certificate import certify
from envgym.task_synth.golden_chain.grounding import guessed
from envgym.task_synth.golden_chain.replay import play
from envgym.task_synth.rejected import Rejected

pytestmark = pytest.mark.timeout(300)
WORLDS = [name for name in registry.environments.paths() if name.startswith("tool_world:")]


def read_only(world: str, level: int = 1) -> tuple[ToolWorld, Task]:
    env: ToolWorld = registry.make(world, level=level)
    for index in range(60):
        task = env.taskset(4)[index]
        if "read only" in task.tags:
            return env, task
    raise AssertionError(f"{world} asks no questions")


def changed(task: Task, **gold: Any) -> Task:
    return task.model_copy(update={"private": {**task.private, "gold": {**task.private["gold"], **gold}}})


@pytest.mark.parametrize("world", WORLDS)
def test_the_answer_scores_and_a_change_beside_it_does_not(world: str) -> None:
    env, task = read_only(world)
    gold = task.private["gold"]
    assert gold["differences"] == [[]]
    assert play(env, task, gold["calls"]).score == 1
    spoilt = play(env, task, [*gold["calls"][:-1], gold["forbidden"][0], gold["calls"][-1]])
    assert not spoilt.errors
    assert spoilt.end.difference
    assert spoilt.score == 0
    assert play(env, task, [{"tool": "finish", "arguments": {"outcome": "done"}}]).score == 0


def test_the_certificate_proves_that_changes_cost_everything() -> None:
    env, task = read_only("tool_world:retail")
    assert certify(env, task)["mutants"]["change"] == 1
    with pytest.raises(Rejected, match="no change"):
        certify(
            env, changed(task, forbidden=[]).model_copy(update={"public": {**task.public, "tools": reads(env, task)}})
        )


def reads(env: ToolWorld, task: Task) -> list[str]:
    return [name for name in task.public["tools"] if env.toolbox[name].effect == "reads"]


@pytest.mark.parametrize("answer", [3, 0, "yes", True])
def test_an_answer_that_anybody_would_try_is_found(answer: Any) -> None:
    env, task = read_only("tool_world:retail")
    kind = "flag" if answer is True else "text" if isinstance(answer, str) else "number"
    calls = [
        *task.private["gold"]["calls"][:-1],
        {"tool": "finish", "arguments": {"outcome": "done", "answer": answer}},
    ]
    easy = changed(task, answer={"type": kind, "value": answer}, calls=calls)
    with pytest.raises(Rejected, match="guessed"):
        certify(env, easy)


def test_an_answer_that_the_request_gives_away_is_found() -> None:
    _, task = read_only("tool_world:retail")
    assert not guessed(task)
    gold = task.private["gold"]["answer"]["value"]
    assert gold in guessed(task.model_copy(update={"public": {**task.public, "request": f"Is it {gold}?"}}))


@pytest.mark.parametrize("world", WORLDS)
def test_a_house_that_counts_in_cents_is_asked_in_a_unit(world: str) -> None:
    domain = registry.make(world).domain
    asked = [amount_asked(domain, 1250, Random(seed)) for seed in range(60)]
    assert {answer["value"] for _, answer in asked} == {1250, 12.5}
    for told, answer in asked:
        assert ("cents" in told) == (answer["value"] == 1250)
        assert told or domain.style.money == "decimal"
