"""Choices that the user leaves open: every alternative counts, a further one does not, nor do two at once."""

from collections import Counter
from typing import Any

import pytest

from envgym import registry
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.task import Task
from envgym.task_synth.golden_chain.certificate import certify
from envgym.task_synth.golden_chain.mutants import misuses
from envgym.task_synth.golden_chain.replay import play
from envgym.task_synth.rejected import Rejected

pytestmark = pytest.mark.timeout(300)
SOURCES = ("any of them", "either")
WORLDS = ("tool_world:retail", "tool_world:hotel")


@pytest.fixture(scope="module")
def found() -> dict[str, list[tuple[ToolWorld, Task]]]:
    """Tasks of each source of choices, out of the first items of three domains."""
    tasks: dict[str, list[tuple[ToolWorld, Task]]] = {source: [] for source in SOURCES}
    for world in WORLDS:
        env: ToolWorld = registry.make(world, level=3)
        for index in range(36):
            task = env.taskset(2)[index]
            for source in SOURCES:
                if source in task.tags:
                    tasks[source].append((env, task))
    return tasks


@pytest.mark.parametrize("source", SOURCES)
def test_every_alternative_scores_and_ends_elsewhere(
    found: dict[str, list[tuple[ToolWorld, Task]]], source: str
) -> None:
    assert found[source]
    for env, task in found[source]:
        gold = task.private["gold"]
        ways = [gold["calls"], *gold["alternatives"]]
        assert len(ways) == len(gold["differences"]) >= 2
        assert [play(env, task, calls).score for calls in ways] == [1.0] * len(ways)
        ends = [play(env, task, calls).end.difference for calls in ways]
        assert all(end not in ends[:at] for at, end in enumerate(ends))


def test_a_third_choice_no_choice_and_both_score_nothing(found: dict[str, list[tuple[ToolWorld, Task]]]) -> None:
    caught = Counter[str]()
    for env, task in [*found["any of them"], *found["either"]]:
        gold = task.private["gold"]
        env.reset(options={"task": task})
        assert env.world is not None
        for mutant in list(misuses(env.domain, env.world, gold["calls"], gold["alternatives"])):
            played = play(env, task, mutant.steps)
            if (
                played.end.difference in gold["differences"]
            ):  # the second was refused, or undid the first: one choice in the end
                assert mutant.kind == "both"
                continue
            assert played.score == 0
            caught[mutant.kind] += 1
    assert {"third choice", "no choice", "both"} <= set(caught)


def changed(task: Task, **gold: Any) -> Task:
    return task.model_copy(update={"private": {**task.private, "gold": {**task.private["gold"], **gold}}})


@pytest.mark.parametrize("source", SOURCES)
def test_a_grader_that_knows_one_end_only_is_found(found: dict[str, list[tuple[ToolWorld, Task]]], source: str) -> None:
    env, task = found[source][0]
    with pytest.raises(Rejected, match="alternative fails"):
        certify(env, changed(task, differences=task.private["gold"]["differences"][:1]))


def test_a_grader_that_takes_both_at_once_is_found(found: dict[str, list[tuple[ToolWorld, Task]]]) -> None:
    """The end with both changes is added to what is wanted: the mutants tell."""
    for env, task in found["either"]:
        gold = task.private["gold"]
        env.reset(options={"task": task})
        assert env.world is not None
        for mutant in list(misuses(env.domain, env.world, gold["calls"], gold["alternatives"])):
            end = play(env, task, mutant.steps).end.difference
            if mutant.kind == "both" and end not in gold["differences"]:
                with pytest.raises(Rejected, match="mutant survives: both"):
                    certify(env, changed(task, differences=[*gold["differences"], end]))
                return
    raise AssertionError("no two alternatives can both be carried out")


def test_alternatives_that_make_the_same_calls_in_another_order_leave_nothing_to_misuse() -> None:
    env: ToolWorld = registry.make("tool_world:retail")
    env.reset(seed=0)
    assert env.world is not None
    calls = [{"tool": "cancel_order", "arguments": {"order_id": each}} for each in ("A", "B", "A")]
    assert list(misuses(env.domain, env.world, calls, [calls[::-1]])) == []
