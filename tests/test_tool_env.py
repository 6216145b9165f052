"""Tools: typed methods whose bad calls are told and change nothing."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from envgym import InvalidAction, Task, ToolEnv, Verdict, call, make, tool
from envgym.errors import UsageError
from envgym.message import Message, text_of
from envgym.spaces import draw_value

World = Callable[[str], str]


class Desk(ToolEnv):
    """One drawer."""

    id = "desk"
    drawer: list[str]

    def begin(self, task: Task) -> str:
        self.drawer = []
        return "Put a pen in."

    @tool
    def put(
        self, thing: Annotated[str, Field(max_length=20)], count: int = 1, colour: Literal["red", "blue"] = "red"
    ) -> dict[str, Any]:
        """Put something in."""
        if thing == "elephant":
            raise InvalidAction("an elephant does not fit", code="desk.size")
        self.drawer += [f"{colour} {thing}"] * count
        return {"inside": len(self.drawer)}

    @tool(final=True, name="close")
    def close_drawer(self) -> str:
        """Close the drawer. Ends the episode."""
        return "closed"

    def verify(self) -> Verdict:
        return Verdict.of(float("red pen" in self.drawer))


def desk() -> Desk:
    env = Desk(tasks=[Task(id="1", env="desk")])
    env.reset(seed=0)
    return env


def raw(name: str, arguments: str) -> Message:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}],
    }


def test_the_signature_becomes_the_schema() -> None:
    put, close = desk().tools()
    parameters = put["function"]["parameters"]
    assert put["function"]["description"] == "Put something in."
    assert parameters["required"] == ["thing"]
    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["colour"] == {"default": "red", "enum": ["red", "blue"], "type": "string"}
    assert close["function"]["name"] == "close"


def test_a_good_call_acts_and_a_final_one_ends() -> None:
    env = desk()
    observation, reward, *_ = env.step(call("put", thing="pen"))
    assert (observation, reward) == (({"role": "tool", "tool_call_id": "call_0", "content": '{"inside": 1}'},), 0.0)
    assert env.step(call("close"))[1:4] == (1.0, True, False)


@pytest.mark.parametrize(
    ("name", "arguments", "code", "told"),
    [
        ("put", '{"thing": "pen", "count": "3"}', "tool.arguments", "count: Input should be a valid integer (got '3')"),
        ("put", '{"thing": "pen", "count": 1.5}', "tool.arguments", "count"),
        ("put", '{"thing": "pen", "count": true}', "tool.arguments", "count"),
        ("put", "{}", "tool.arguments", "thing: Field required"),
        ("put", '{"thing": "pen", "size": 3}', "tool.arguments", "size: Extra inputs"),
        ("put", '{"thing": "pen", "colour": "green"}', "tool.arguments", "colour"),
        ("put", '{"thing": "' + "x" * 1000 + '"}', "tool.arguments", "at most 20 characters"),
        ("put", '{"thing": "pen", "count": ' + "9" * 4000 + "}", "tool.arguments", "64 bits are the limit"),
        ("put", "not json", "tool.arguments", "Invalid JSON"),
        ("put", "[1]", "tool.arguments", "put"),
        ("put", "null", "tool.arguments", "put"),
        ("put", "[" * 5000, "tool.arguments", "put"),
        ("put", '{"thing": "\ud800"}', "tool.arguments", "put"),
        ("put", '{"thing": "elephant"}', "desk.size", "does not fit"),
        ("puts", "{}", "tool.unknown", "did you mean put?"),
        ("close_drawer", "{}", "tool.unknown", "there is no tool 'close_drawer'"),
        ("verify", "{}", "tool.unknown", "no tool"),
        ("__init__", "{}", "tool.unknown", "no tool"),
    ],
)
def test_a_bad_call_is_told_and_changes_nothing(name: str, arguments: str, code: str, told: str) -> None:
    env = desk()
    observation, reward, terminated, truncated, info = env.step(raw(name, arguments))
    assert (reward, terminated, truncated, info) == (0.0, False, False, {"error": code})
    assert told in text_of(observation[0])
    assert len(text_of(observation[0])) < 500
    assert env.drawer == []


def test_text_without_a_call_names_the_tools() -> None:
    observation, *_, info = desk().step("I put it in")
    assert (text_of(observation[0]), info) == ("call a tool; there are put, close", {"error": "tool.none"})


def test_calls_after_the_final_one_are_not_done() -> None:
    env = desk()
    both: Message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [*raw("close", "{}")["tool_calls"], *raw("put", '{"thing": "pen"}')["tool_calls"]],
    }
    observation, reward, terminated, *_ = env.step(both)
    assert [text_of(each) for each in observation] == ["closed", "not done: the episode is over"]
    assert (reward, terminated, env.drawer) == (0.0, True, [])


def test_a_reply_holds_only_so_many_calls() -> None:
    env = desk()
    calls = raw("put", '{"thing": "pen"}')["tool_calls"] * 65
    observation, *_, info = env.step({"role": "assistant", "content": None, "tool_calls": calls})
    assert (env.drawer, info) == ([], {"error": "reply.size"})
    assert "at most 64" in text_of(observation[0])


def test_a_failed_call_among_several_does_not_stop_the_others() -> None:
    env = desk()
    calls = [*raw("put", "{}")["tool_calls"], *raw("put", '{"thing": "pen"}')["tool_calls"]]
    observation, *_, info = env.step({"role": "assistant", "content": None, "tool_calls": calls})
    assert text_of(observation[0]).startswith("error: put: thing")
    assert (env.drawer, info) == (["red pen"], {"error": "tool.arguments"})


@given(st.text(), st.text())
def test_no_call_whatever_raises(name: str, arguments: str) -> None:
    env = desk()
    assert env.step(raw(name, arguments))[4]


@given(st.randoms(use_true_random=False))
def test_drawn_arguments_fit_their_schema(rng: Any) -> None:
    env = desk()
    arguments = draw_value(env.tools()[0]["function"]["parameters"], rng)
    assert "error" not in env.step(raw("put", json.dumps(arguments)))[4], arguments


def test_a_subclass_keeps_and_overrides_tools() -> None:
    class Bigger(Desk):
        """Takes elephants."""

        def put(self, thing: str, count: int = 1, colour: Literal["red", "blue"] = "red") -> dict[str, Any]:
            self.drawer.append(thing)
            return {"inside": 99}

    env = Bigger(tasks=[Task(id="1", env="desk")])
    env.reset(seed=0)
    assert "99" in text_of(env.step(call("put", thing="elephant"))[0][0])


def test_a_tool_without_words_or_types_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(UsageError, match="needs a docstring"):

        class Mute(ToolEnv):
            @tool
            def act(self) -> str:
                return ""

    with pytest.raises(UsageError, match="argument 'thing' needs a type"):

        class Untyped(ToolEnv):
            @tool
            def act(self, thing) -> str:  # type: ignore[no-untyped-def]
                """Act."""
                return ""


@pytest.mark.parametrize("signature", ["_x: int", "json: str", "copy: int", "*names: str", "**more: str", "x: int, /"])
def test_an_argument_that_no_agent_could_give_is_refused_when_the_class_is_made(signature: str) -> None:
    space: dict[str, Any] = {"tool": tool, "ToolEnv": ToolEnv}
    source = (
        f"class Odd(ToolEnv):\n    @tool\n    def act(self, {signature}) -> str:\n        'Act.'\n        return ''\n"
    )
    with pytest.raises(UsageError, match="argument '"):
        exec(source, space)


@given(st.randoms(use_true_random=False))
def test_drawn_values_keep_every_bound(rng: Any) -> None:
    class Bounds(BaseModel):
        a: Annotated[int, Field(gt=3, lt=6)]
        b: Annotated[float, Field(gt=0.5, lt=0.7)]
        c: Annotated[str, Field(min_length=10)]
        d: Annotated[int, Field(multiple_of=7, ge=10)]
        e: tuple[int, str]
        f: dict[str, int]
        g: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=3)]
        h: Annotated[int, Field(lt=0)]
        i: Annotated[float, Field(ge=1000)]
        j: Annotated[str, Field(max_length=2)]
        k: set[Literal[1, 2, 3]]

    drawn = draw_value(Bounds.model_json_schema(), rng)
    Bounds.model_validate_json(json.dumps(drawn))


def test_the_turn_limit_truncates_and_pays_what_stands(world: World) -> None:
    env = make(world("Counter"))
    env.reset(options={"task": "0-0"})
    env.step(call("add", amount=env.task.public["goal"]))
    for _ in range(28):
        assert env.step("hm")[2:4] == (False, False)
    assert env.step("hm")[1:4] == (1.0, False, True)
