"""What an agent can do in bfcl: turns of the user, functions that come later, bad calls, costly calls."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.environments.bfcl.bfcl_env import MAX_SHOWN, Bfcl
from envgym.environments.bfcl.entries import entries
from envgym.environments.bfcl.function_docs import functions, schema_of
from envgym.environments.bfcl.interpreter import interpreter
from envgym.errors import EnvFailure, UsageError
from envgym.message import Message, call
from envgym.testing.bad_replies import raw_call


def started(number: int, subset: str = "base") -> Bfcl:
    env = Bfcl(set=subset)
    env.reset(options={"task": f"multi_turn_{subset}_{number}"})
    return env


def told(env: Bfcl, name: str, arguments: str) -> tuple[str, str]:
    """What is said to a call, and the code of the error."""
    observation, _, _, _, info = env.step(raw_call(name, arguments))
    return str(observation[0]["content"]), info.get("error", "")


def with_class(name: str) -> Bfcl:
    """An episode of the first task in which a class takes part."""
    env = Bfcl()
    task = next(each for each in entries(interpreter(), "base") if name in each.public["classes"])
    env.reset(options={"task": task})
    return env


# ---- turns


@pytest.mark.parametrize("ending", ["Done.", call("finish_turn", reply="Done.")])
def test_text_or_finish_turn_ends_a_turn_and_the_user_goes_on(ending: Any) -> None:
    env = started(0)
    turns = env.playing.public["turns"]
    assert env.observe()[0]["content"] == turns[0]
    for number, turn in enumerate(turns[1:], 1):
        observation, _, terminated, _, info = env.step(ending)
        assert (observation[-1], terminated, info) == ({"role": "user", "content": turn}, False, {}), number
    assert env.step(ending)[2]


def test_what_follows_finish_turn_in_the_same_reply_is_not_done() -> None:
    env = started(0)
    reply: Message = {"role": "assistant", "content": None, "tool_calls": []}
    for number, (name, arguments) in enumerate((("finish_turn", {"reply": "Hm."}), ("mkdir", {"dir_name": "x"}))):
        function: Any = {"name": name, "arguments": json.dumps(arguments)}
        reply["tool_calls"].append({"id": f"call_{number}", "type": "function", "function": function})
    observation = env.step(reply)[0]
    assert [message["role"] for message in observation] == ["tool", "tool", "user"]
    assert observation[1]["content"] == "not done: the turn is over"
    assert env.calls == [[], []]


def test_silence_ends_no_turn() -> None:
    env = started(0)
    assert env.step("  \n")[4] == {"error": "tool.none"}
    assert len(env.calls) == 1


def test_withheld_functions_are_shown_when_they_are_due_and_not_before() -> None:
    env = started(0, "miss_func")
    assert env.playing.public["withheld"] == {"3": ["sort"]}
    for turn in range(4):
        names = {tool["function"]["name"] for tool in env.tools()}
        assert ("sort" in names) is (turn == 3)
        text, code = told(env, "sort", '{"file_name": "final_report.pdf"}')
        assert code == ("" if turn == 3 else "tool.unknown"), text
        told_next = env.step("What else?")[0][-1]["content"]
        if turn == 2:
            assert '"name": "sort"' in str(told_next), "protocols of plain text show tools only at the start"


def test_an_excluded_function_is_never_there() -> None:
    env = started(0)
    assert env.playing.public["excluded"] == ["cp"]
    assert told(env, "cp", '{"source": "a", "destination": "b"}')[1] == "tool.unknown"


# ---- bad calls


@pytest.mark.parametrize(
    ("name", "arguments", "code", "text"),
    [
        ("__class__", "{}", "tool.unknown", "there is no tool"),
        ("__init__", "{}", "tool.unknown", "there is no tool"),
        ("_load_scenario", '{"scenario": {}}', "tool.unknown", "there is no tool"),
        ("root", "{}", "tool.unknown", "there is no tool"),
        ("GorillaFileSystem.pwd", "{}", "tool.unknown", "there is no tool"),
        ("cd.__globals__", "{}", "tool.unknown", "there is no tool"),
        ("pwd() or __import__('os').system", "{}", "tool.unknown", "there is no tool"),
        ("book_flight", "{}", "tool.unknown", "there is no tool"),
        ("mkdir", "{}", "tool.arguments", "dir_name: Field required"),
        ("mkdir", '{"dir_name": "a", "mode": "w"}', "tool.arguments", "mode: Extra inputs"),
        ("mkdir", '{"dir_name": "a", "self": null}', "tool.arguments", "self: Extra inputs"),
        ("mkdir", '{"dir_name": 3}', "tool.arguments", "valid string (got 3)"),
        ("mkdir", '{"dir_name": null}', "tool.arguments", "valid string"),
        ("mkdir", "[]", "tool.arguments", "mkdir"),
        ("mkdir", "{'dir_name': 'a'}", "tool.arguments", "JSON"),
        ("tail", '{"file_name": "a", "lines": "3"}', "tool.arguments", "valid integer"),
        ("tail", '{"file_name": "a", "lines": 1.5}', "tool.arguments", "valid integer"),
        ("tail", '{"file_name": "a", "lines": true}', "tool.arguments", "valid integer"),
        ("tail", '{"file_name": "a", "lines": 1' + "0" * 30 + "}", "tool.arguments", "less than"),
        ("ls", '{"a": "yes"}', "tool.arguments", "valid boolean"),
        ("post_tweet", '{"content": "a", "tags": "b"}', "tool.arguments", "valid array"),
        ("post_tweet", '{"content": "a", "tags": [1]}', "tool.arguments", "tags.0"),
    ],
)
def test_a_bad_call_is_told_and_never_reaches_the_world(name: str, arguments: str, code: str, text: str) -> None:
    env = started(0)
    said, found = told(env, name, arguments)
    assert found == code, said
    assert text in said
    assert env.calls == [[]]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e999"])
def test_what_is_no_number_is_told(value: str) -> None:
    env = with_class("MathAPI")
    assert told(env, "absolute_value", f'{{"number": {value}}}')[1] == "tool.arguments"


def test_objects_inside_arguments_are_checked_too() -> None:
    env = with_class("TicketAPI")
    assert told(env, "edit_ticket", '{"ticket_id": 1, "updates": {"owner": "me"}}')[1] == "tool.arguments"
    assert told(env, "edit_ticket", '{"ticket_id": 1, "updates": {"title": 3}}')[1] == "tool.arguments"
    assert told(env, "edit_ticket", '{"ticket_id": 1, "updates": {"title": "a"}}')[1] == ""


def test_whole_numbers_and_fractions_stay_what_they_are() -> None:
    env = with_class("MathAPI")
    assert told(env, "absolute_value", '{"number": -5}')[0] == '{"result": 5}'
    assert told(env, "absolute_value", '{"number": -5.0}')[0] == '{"result": 5.0}'


def test_a_call_that_its_class_refuses_with_an_exception_is_told_and_counts() -> None:
    env = with_class("MathAPI")
    text, code = told(env, "power", '{"base": 10.0, "exponent": 1000.0}')
    assert code in ("", "tool.raised")
    assert "result" in text or "rror" in text
    text, code = told(env, "round_number", '{"number": 1e300, "decimal_places": -9000000000000000000}')
    assert len(env.calls[0]) == 2, (text, code)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=100)
@given(data=st.data())
def test_no_arguments_make_a_step_raise(data: Any) -> None:
    known = {name: tool for tools in functions(interpreter()).values() for name, tool in tools.items()}
    name = data.draw(st.sampled_from(sorted(known)))
    keys = list(known[name].spec["function"]["parameters"]["properties"])
    arguments = data.draw(st.dictionaries(st.sampled_from([*keys, "extra"]), values, max_size=4))
    env = started(data.draw(st.integers(0, 199)))
    before = env.calls
    observation, reward, terminated, _, info = env.step(raw_call(name, json.dumps(arguments)))
    assert (reward, terminated) == (0.0, False)
    assert observation[0]["content"]
    assert (env.calls == before) is (info.get("error", "") not in ("", "tool.raised"))


# ---- costly calls


def test_a_call_that_burns_time_is_stopped_told_and_harms_no_other_episode() -> None:
    env, other = with_class("MathAPI"), started(0)
    other.step(call("cd", folder="document"))
    said, code = told(env, "power", '{"base": 3, "exponent": 400000000}')
    assert code == "tool.cost", said
    assert env.calls == [[]]
    assert told(env, "add", '{"a": 1, "b": 2}')[0] == '{"result": 3}'
    assert "final_report.pdf" in told(other, "ls", "{}")[0]


def test_nothing_more_of_a_reply_is_done_after_a_call_that_was_stopped() -> None:
    env = with_class("MathAPI")
    function: Any = {"name": "power", "arguments": '{"base": 3, "exponent": 400000000}'}
    calls: Any = [{"id": f"call_{number}", "type": "function", "function": function} for number in range(20)]
    told_all = env.step({"role": "assistant", "content": None, "tool_calls": calls})[0]
    assert [message["content"] for message in told_all[1:]] == ["not done: a call before it took too much"] * 19
    assert env.calls == [[]]


def test_a_huge_result_is_shown_in_part() -> None:
    env = started(0)
    env.step(call("touch", file_name="big.txt"))
    for _ in range(2):
        env.step(call("echo", content="x" * 150_000, file_name="big.txt"))
    text, code = told(env, "cat", '{"file_name": "big.txt"}')
    assert code == ""
    assert MAX_SHOWN < len(text) < MAX_SHOWN + 100


# ---- episodes do not touch


def test_a_default_value_that_a_class_changes_stays_in_its_episode() -> None:
    """bfcl-eval's post_tweet keeps its default list in the post, and mention() adds to it."""
    env = with_class("TwitterAPI")
    user = {name: env.playing.private["world"]["config"]["TwitterAPI"][name] for name in ("username", "password")}
    twin = env.fork()
    for each in (env, twin):
        each.step(call("authenticate_twitter", **user))
        posted = json.loads(told(each, "post_tweet", '{"content": "hello"}')[0])
        assert posted["mentions"] == []
        each.step(call("mention", tweet_id=posted["id"], mentioned_usernames=["@somebody"]))


def test_a_table_that_bfcl_eval_shares_stays_as_it_was() -> None:
    """The cards of the long context are one table for all instances; a booking takes money off one of them."""
    first, second = started(150, "long_context"), started(150, "long_context")
    token = first.playing.private["world"]["config"]["TravelAPI"]["access_token"]
    cards = json.loads(told(first, "get_all_credit_cards", "{}")[0])["credit_card_list"]
    own = first.playing.private["world"]["config"]["TravelAPI"]["credit_card_list"]
    card = next(name for name, each in cards.items() if name not in own and each["balance"] > 5000)
    first.step(call("set_budget_limit", access_token=token, budget_limit=1000.0))
    flight = {"travel_from": "SFO", "travel_to": "LAX", "travel_date": "2026-11-10", "travel_class": "economy"}
    booked = told(first, "book_flight", json.dumps({"access_token": token, "card_id": card, **flight}))
    assert '"booking_status": true' in booked[0]
    after = json.loads(told(first, "get_all_credit_cards", "{}")[0])["credit_card_list"]
    untouched = json.loads(told(second, "get_all_credit_cards", "{}")[0])["credit_card_list"]
    assert after[card]["balance"] < cards[card]["balance"] == untouched[card]["balance"]


# ---- documents


def test_documented_types_become_json_schemas() -> None:
    doc = {
        "type": "dict",
        "properties": {
            "when": {"type": "string", "default": "None", "description": " a date "},
            "sizes": {"type": "tuple", "items": {"type": "float"}},
        },
        "required": ["sizes"],
    }
    assert schema_of(doc) == {
        "type": "object",
        "properties": {
            "when": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "description": "a date"},
            "sizes": {"type": "array", "items": {"type": "number"}},
        },
        "additionalProperties": False,
        "required": ["sizes"],
    }
    with pytest.raises(EnvFailure, match="'matrix', which is not known"):
        schema_of({"type": "matrix"}, "grid")


def test_every_documented_function_is_a_tool() -> None:
    known = functions(interpreter())
    assert {owner: len(tools) for owner, tools in known.items()} == {
        "GorillaFileSystem": 18,
        "MathAPI": 17,
        "MessageAPI": 10,
        "TwitterAPI": 14,
        "TicketAPI": 9,
        "TradingBot": 20,
        "TravelAPI": 18,
        "VehicleControlAPI": 22,
    }


def test_the_caller_is_told_what_is_wrong() -> None:
    with pytest.raises(UsageError, match="set='bass'"):
        Bfcl(set="bass")
    with pytest.raises(UsageError, match="no episode was started"):
        Bfcl().verify()
