"""Calls of their tools: what the schema does not name never reaches them, and is told."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from envgym.environments.tau2.tau2_env import Tau2
from envgym.environments.tau2.tool_schema import closed
from envgym.message import Message, call
from envgym.testing.bad_replies import bad_calls


@pytest.fixture
def env() -> Iterator[Tau2]:
    made = Tau2(domain="kiosk")
    made.reset(options={"task": "cancel"})
    yield made
    made.close()


def raw(name: str, arguments: str) -> Message:
    made = call(name)
    made["tool_calls"][0]["function"]["arguments"] = arguments
    return made


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"number": "T-4711", "reason": "ill", "refund": True}, "'refund' was unexpected"),
        ({"number": "T-4711"}, "'reason' is a required property"),
        ({"number": 4711, "reason": "ill"}, "number: 4711 is not of type 'string'"),
        ({"number": "T-4711", "reason": "bored"}, "reason: 'bored' is not one of"),
        ({"number": None, "reason": "ill"}, "number: None is not of type 'string'"),
    ],
)
def test_arguments_that_do_not_fit_are_told_and_nothing_runs(env: Tau2, arguments: dict[str, Any], told: str) -> None:
    before = env.verify()
    observation, reward, terminated, _, info = env.step(call("cancel_ticket", **arguments))
    assert told in str(observation[0]["content"])
    assert (reward, terminated, info) == (0.0, False, {"error": "tool.arguments"})
    assert env.verify() == before
    assert env.episode is not None
    assert env.episode.done == []


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"number": NaN}', '{"number": 1e999}', "\ud800", "x" * 100_000])
def test_arguments_that_are_no_json_object_are_told(env: Tau2, text: str) -> None:
    observation, _, _, _, info = env.step(raw("get_ticket", text))
    assert info == {"error": "tool.arguments"}
    assert len(str(observation[0]["content"])) < 2000


def test_every_call_that_the_schema_refuses_is_told(env: Tau2) -> None:
    for spec in env.tools():
        for what, bad in bad_calls(spec):
            env.reset(options={"task": "cancel"})
            info = env.step(bad)[4]
            assert info.get("error") == "tool.arguments", what


def test_an_unknown_tool_is_told_with_the_nearest_name(env: Tau2) -> None:
    observation, _, _, _, info = env.step(call("cancel_tickets", number="T-4711"))
    assert "did you mean cancel_ticket?" in str(observation[0]["content"])
    assert info == {"error": "tool.unknown"}


@pytest.mark.parametrize("name", ["assert_status", "__init__", "make_tool_call", "user_assert_shown", "data"])
def test_what_is_no_tool_of_theirs_cannot_be_called(env: Tau2, name: str) -> None:
    assert env.step(call(name))[4] == {"error": "tool.unknown"}


def test_a_tool_that_refuses_says_so_in_its_own_words(env: Tau2) -> None:
    observation, _, _, _, info = env.step(call("cancel_ticket", number="T-4712", reason="ill"))
    assert observation[0]["content"] == "Error: ticket T-4712 is used"
    assert info == {"error": "tool.failed"}


def test_an_optional_argument_may_be_left_out_and_an_open_object_stays_open() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = {"type": "object", "properties": {"x": inner, "free": {"type": "object"}}, "required": ["x"]}
    made = closed(schema)
    assert made["additionalProperties"] is False
    assert made["properties"]["x"]["additionalProperties"] is False
    assert "additionalProperties" not in made["properties"]["free"]
    assert closed({"type": "object", "properties": {}, "additionalProperties": True})["additionalProperties"] is True


def test_random_actions_are_well_formed(env: Tau2) -> None:
    rng = random.Random(1)
    for _ in range(50):
        action: Any = env.random_action(rng)
        json.loads(action["tool_calls"][0]["function"]["arguments"])
