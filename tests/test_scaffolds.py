"""Scaffolds: one task, any protocol; what breaks the protocol is told."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import AgentEnv, Scaffold, call, make
from envgym.errors import UsageError
from envgym.message import Message, assistant, text_of
from envgym.registry import load, scaffolds
from envgym.scaffolds.react import ReAct, json_object

World = Callable[[str], str]


def held(scaffold: str, env: AgentEnv, task: str = "0-0") -> Scaffold:
    made: Scaffold = scaffolds.get(scaffold)(env)
    made.reset(options={"task": task})
    return made


@pytest.mark.parametrize("scaffold", sorted(scaffolds.paths()))
def test_the_golden_transcript_solves_the_task_in_the_scaffolds_own_words(scaffold: str, world: World) -> None:
    for env in (make("game24"), make(world("Counter"))):
        agent = held(scaffold, env)
        result: Any = None
        for reply in agent.golden():
            result = agent.step(reply)
            assert "error" not in result[4]
        assert result[1:4] == (1.0, True, False)
        roles = [message["role"] for message in agent.prompt()]
        assert roles.count("assistant") == len(roles) - roles.count("user") - roles.count("tool") - roles.count(
            "system"
        )


@pytest.mark.parametrize("scaffold", sorted(scaffolds.paths()))
def test_a_fork_keeps_transcript_and_world_apart(scaffold: str, world: World) -> None:
    agent = held(scaffold, make(world("Counter")))
    replies = list(agent.fork().golden())
    agent.step(replies[0])
    agent.step(replies[1])
    twin, snapshot = agent.fork(), agent.snapshot()
    before = list(agent.prompt())
    twin.step(replies[2])
    assert agent.prompt() == before
    assert twin.prompt()[: len(before)] == before
    assert len(twin.prompt()) > len(before)
    agent.step(replies[2])
    agent.restore(snapshot)
    assert agent.prompt() == before
    agent.step(replies[2])
    assert agent.prompt() == twin.prompt()


def test_function_calling_offers_tools_and_numbers_its_calls_apart(world: World) -> None:
    agent = held("function_calling", make(world("Counter")))
    assert [tool["function"]["name"] for tool in agent.offered()] == ["add", "done"]
    ids = []
    for reply in agent.golden():
        ids += [each["id"] for each in reply["tool_calls"]]
        agent.step(reply)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("scaffold", sorted(scaffolds.paths()))
def test_a_reply_that_is_too_long_is_told_and_stays_out_of_the_transcript(scaffold: str, world: World) -> None:
    agent = held(scaffold, make(world("Counter")))
    assert agent.step("x" * 200_001)[4] == {"error": "reply.size"}
    assert sum(len(text_of(message)) for message in agent.prompt()) < 10_000


def test_react_speaks_text_only(world: World) -> None:
    agent = held("react", make(world("Counter")))
    assert agent.offered() == []
    assert '"amount": {"type": "integer"}' in text_of(agent.prompt()[0])
    agent.step('Thought: one more\nAction: add\nAction Input: {"amount": 1}\nObservation: counter: 99')
    assert text_of(agent.prompt()[-1]) == "Observation: counter: 1"
    assert agent.prompt()[-1]["role"] == "user"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I will add one.", "react.form"),
        ("Action: add", "react.form"),
        ("Action: add\nAction Input: one", "react.json"),
        ("Action: add\nAction Input: [1]", "react.json"),
        ("Action: add\nAction Input: " + '{"a":' * 100_00, "react.json"),
        ("Action: subtract\nAction Input: {}", "tool.unknown"),
        ('Action: add\nAction Input: {"amount": "1"}', "tool.arguments"),
        ("", "react.form"),
        (call("add", amount=1), "react.form"),
    ],
)
def test_a_reply_that_breaks_react_is_told_and_costs_a_turn(reply: str | Message, code: str, world: World) -> None:
    agent = held("react", make(world("Counter")))
    *_, info = agent.step(reply)
    assert info == {"error": code}
    assert agent.env.turn == 1
    assert text_of(agent.prompt()[-1])


@pytest.mark.parametrize(
    "reply",
    [
        'Action: add\nAction Input:\n{"amount": 1}',
        'Action: add\n\nAction Input: {"amount": 1}',
        'Action: `add`\r\nAction Input: {"amount": 1}\r\n',
        '**Action:** add\n**Action Input:** {"amount": 1}',
        'Action: add\nAction Input: ```json\n{"amount": 1}\n```',
    ],
)
def test_react_reads_the_forms_that_models_write(reply: str, world: World) -> None:
    agent = held("react", make(world("Counter")))
    assert agent.step(f"Thought: one\n{reply}")[4] == {}
    assert agent.env.value == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["Action:" + " " * 190_000 + "x", "Action:\n" * 20_000, "Action: a\n" + " \n" * 90_000, "*" * 190_000]
)
def test_no_reply_takes_react_long(text: str, world: World) -> None:
    agent = held("react", make(world("Counter")))
    started = time.process_time()
    agent.step(text)
    assert time.process_time() - started < 1


def test_react_reads_an_answer_where_there_are_no_tools() -> None:
    agent = held("react", make("game24"))
    solution = agent.env.task.private["solution"] if agent.env.task else ""
    assert agent.step(solution)[4] == {"error": "react.form"}
    assert agent.step(f"Thought: maybe 1\nFinal Answer: 1\nThought: no\nFinal Answer: {solution}")[1] == 1.0


def test_a_plan_touches_nothing_and_comes_first(world: World) -> None:
    agent = held("plan_then_act", make(world("Counter")))
    first = agent.offered()
    assert agent.step(call("add", amount=1))[4] == {"error": "plan.none"}
    assert agent.step("  ")[4] == {"error": "plan.none"}
    assert agent.step("1. Add.\n2. Done.")[1:4] == (0.0, False, False)
    assert (agent.env.turn, agent.env.value) == (2, 0)  # type: ignore[attr-defined]
    assert agent.offered() == first, "a template that renders tools first must give one token path"
    agent.step(call("add", amount=1))
    assert agent.env.value == 1  # type: ignore[attr-defined]


def test_the_golden_plan_names_the_oracles_steps(world: World) -> None:
    agent = held("plan_then_act", make(world("Counter")))
    plan = text_of(next(agent.golden()))
    assert plan.splitlines()[1] == "1. Use add."
    assert plan.splitlines()[-1].endswith("Use done.")
    assert agent.env.value == 0  # type: ignore[attr-defined]


def test_a_scaffold_holds_bare_environments_only() -> None:
    import gymnasium

    with pytest.raises(UsageError, match=r"pass env.unwrapped"):
        ReAct(gymnasium.make("envgym:envgym/game24-v0"))  # type: ignore[arg-type]


@given(st.text())
def test_json_object_reads_what_it_wrote_and_refuses_the_rest(text: str) -> None:
    import json

    dumped = json.dumps({"text": text})
    assert json_object(dumped + text) == dumped


@given(st.text(max_size=200))
def test_no_reply_whatever_raises(reply: str) -> None:
    agent = ReAct(load("envgym.environments.reasoning.game24:Game24")())
    agent.reset(options={"task": "0-0"})
    agent.step(assistant(reply))
