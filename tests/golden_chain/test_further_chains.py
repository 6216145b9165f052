"""Further seed chains: the draw follows complexity, hardness and rest; what is asked for later is heard in time, and must be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import registry
from envgym.environments.tool_world.chain.expand import graph
from envgym.environments.tool_world.chain.seeds import chance, complexity
from envgym.environments.tool_world.tool_world import ToolWorld, call_as_shown
from envgym.message import text_of
from envgym.task import Task

pytestmark = pytest.mark.timeout(300)
share = st.floats(0, 1)


@pytest.fixture(scope="module")
def retail() -> ToolWorld:
    env: ToolWorld = registry.make("tool_world:retail", level=3)
    return env


def tagged(env: ToolWorld, tag: str) -> Task:
    return next(task for task in (env.taskset(11)[index] for index in range(60)) if tag in task.tags)


@given(share, share, share, st.integers(0, 5), share, share)
def test_the_chance_falls_with_complexity_and_failures_and_rises_with_rest(
    wanted: float, one: float, other: float, failures: int, little: float, much: float
) -> None:
    simple, complicated = sorted((one, other))
    few, many = sorted((little, much))
    assert chance(wanted, simple, failures, few) >= chance(wanted, complicated, failures, few)
    assert chance(wanted, simple, failures, few) > chance(wanted, simple, failures + 1, few)
    assert chance(wanted, simple, failures, few) <= chance(wanted, simple, failures, many)
    assert 0 < chance(wanted, simple, failures, few) < 1


def test_more_tools_are_more_complex_in_every_share(retail: ToolWorld) -> None:
    names = sorted(graph(retail.domain))
    assert complexity(retail.domain, frozenset()) == 0
    assert 0 < complexity(retail.domain, frozenset(names[:10])) < complexity(retail.domain, frozenset(names)) <= 1


def test_a_further_chain_has_rows_of_its_own_and_opens_tools(retail: ToolWorld) -> None:
    tasks = [retail.taskset(11)[index] for index in range(40)]
    chains = [task for task in tasks if "chain" in task.tags]
    further = [task for task in chains if "further chain" in task.tags]
    assert 0.1 < len(further) / len(chains) < 0.8

    def mean(of: list[Task]) -> float:
        return sum(len(task.public["tools"]) for task in of) / len(of)

    assert mean(further) > mean([task for task in chains if task not in further])


def test_what_is_asked_for_later_is_said_when_the_first_part_is_done(retail: ToolWorld) -> None:
    task = tagged(retail, "later")
    later = task.private["user"]["later"]
    observation, _ = retail.reset(options={"task": task})
    heard = [text_of(message) for message in observation]
    assert not any(turn["say"] in text for turn in later for text in heard)
    for call in task.private["gold"]["calls"][:-1]:
        observation, *_ = retail.step(call_as_shown(call, task.public.get("names", {})))
        heard += [text_of(message) for message in observation]
    assert [heard.count(turn["say"]) for turn in later] == [1] * len(later)


def test_nobody_leaves_before_everything_was_said(retail: ToolWorld) -> None:
    task = tagged(retail, "later")
    finish = {"tool": "finish", "arguments": {"outcome": "done"}}
    retail.reset(options={"task": task})
    for turn in task.private["user"]["later"]:
        observation, _, ended, _, _ = retail.step(call_as_shown(finish, {}))
        assert not ended
        assert text_of(observation[-1]) == turn["say"]
    *_, ended, _, _ = retail.step(call_as_shown(finish, {}))
    assert ended
    assert retail.verify().score == 0


def test_a_snapshot_remembers_what_was_said(retail: ToolWorld) -> None:
    task = tagged(retail, "later")
    finish = call_as_shown({"tool": "finish", "arguments": {"outcome": "done"}}, {})
    retail.reset(options={"task": task})
    retail.step(finish)
    twin = retail.fork()
    assert [text_of(each) for each in twin.step(finish)[0]] == [text_of(each) for each in retail.step(finish)[0]]


def test_leaving_a_later_request_undone_costs_everything(retail: ToolWorld) -> None:
    task = tagged(retail, "later")
    calls, after = task.private["gold"]["calls"], task.private["user"]["later"][0]["after"]
    writes = [
        call for call in calls if call["tool"] in retail.toolbox and retail.toolbox[call["tool"]].effect == "changes"
    ]
    writes = [call for call in writes if call["tool"] != "finish"]
    left_out = writes[after:]
    if not left_out:
        pytest.skip("the later part of this task is conditional")
    retail.reset(options={"task": task})
    for call in [*(each for each in calls[:-1] if each not in left_out), calls[-1], calls[-1]]:
        *_, ended, _, _ = retail.step(call_as_shown(call, task.public.get("names", {})))
        if ended:
            break
    assert retail.verify().score == 0
