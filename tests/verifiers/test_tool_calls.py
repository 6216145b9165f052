"""Tool calls against golden ones: schema, selection, arguments and order, told apart."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.message import assistant, call, user
from envgym.verdict import Outcome
from envgym.verifiers.tool_calls import tool_calls

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "find",
            "description": "",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "stars": {"type": "integer", "default": 3}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    },
    {"name": "book", "parameters": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
]
FIND: dict[str, Any] = {"name": "find", "arguments": {"city": "New York", "stars": 4}}
BOOK: dict[str, Any] = {"name": "book", "arguments": {"id": 7}}
GOLD = [FIND, BOOK]


def nested(*calls: dict[str, Any]) -> dict[str, Any]:
    functions = [{"name": each["name"], "arguments": json.dumps(each["arguments"])} for each in calls]
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": f"c{n}", "type": "function", "function": each} for n, each in enumerate(functions)],
    }


FORMS = [
    nested(FIND, BOOK),
    [user("go"), nested(FIND), {"role": "tool", "tool_call_id": "c0", "content": "7"}, nested(BOOK), assistant("done")],
    [call("find", city="New York", stars=4), call("book", id=7)],
    json.dumps(GOLD),
    f"I will call these.\n```json\n{json.dumps(GOLD, indent=1)}\n```",
    json.dumps({"tool_calls": GOLD}),
    json.dumps(nested(FIND, BOOK)),
    "".join(f"<tool_call>\n{json.dumps(each)}\n</tool_call>\n" for each in GOLD),
    f"<think>hm</think>{json.dumps(GOLD)}",
]


@pytest.mark.parametrize("made", FORMS)
@pytest.mark.parametrize("tools", [None, TOOLS])
def test_the_golden_calls_pass_in_any_form(made: Any, tools: Any) -> None:
    verdict = tool_calls(made, GOLD, tools=tools)
    assert verdict.code == "tool_calls.equal"
    assert {name: part.score for name, part in verdict.parts.items()} == dict.fromkeys(
        ("schema", "selection", "arguments", "order"), 1.0
    )
    assert tool_calls(made, nested(FIND, BOOK)["tool_calls"], tools=tools).passed


def change(base: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return {"name": base["name"], "arguments": {**base["arguments"], **arguments}}


@pytest.mark.parametrize(
    ("made", "code", "wrong"),
    [
        ([], "tool_calls.none", {"selection", "arguments", "order"}),
        ([FIND], "tool_calls.selection", {"selection", "arguments"}),
        ([FIND, BOOK, BOOK], "tool_calls.selection", {"selection"}),
        ([BOOK, FIND], "tool_calls.order", {"order"}),
        ([FIND, change(BOOK, id=8)], "tool_calls.arguments", {"arguments"}),
        ([FIND, change(BOOK, note="x")], "tool_calls.arguments", {"arguments"}),
        ([FIND, change(BOOK, id="7")], "tool_calls.schema", {"schema", "arguments"}),
        ([change(FIND, city="new york"), BOOK], "tool_calls.arguments", {"arguments"}),
        ([FIND, {"name": "Book", "arguments": {"id": 7}}], "tool_calls.schema", {"schema", "selection", "arguments"}),
        ([FIND, FIND], "tool_calls.selection", {"selection", "arguments"}),
    ],
)
def test_near_misses_fail_and_say_in_which_part(made: Any, code: str, wrong: set[str]) -> None:
    verdict = tool_calls(nested(*made), GOLD, tools=TOOLS)
    assert (verdict.code, verdict.score) == (code, 0.0)
    assert {name for name, part in verdict.parts.items() if not part.passed} == wrong


def test_order_may_not_matter() -> None:
    verdict = tool_calls(nested(BOOK, FIND), GOLD, order=False)
    assert verdict.passed
    assert "order" not in verdict.parts


def test_further_calls_may_be_allowed_but_must_fit() -> None:
    assert tool_calls(nested(FIND, change(FIND, stars=5), BOOK), GOLD, tools=TOOLS, extra=True).passed
    assert tool_calls(nested(BOOK, FIND, BOOK), GOLD, tools=TOOLS, extra=True).passed
    assert tool_calls(nested(BOOK, FIND), GOLD, tools=TOOLS, extra=True).code == "tool_calls.order"
    nonsense = {"name": "grade", "arguments": {"score": 1}}
    assert tool_calls(nested(FIND, BOOK, nonsense), GOLD, tools=TOOLS, extra=True).code == "tool_calls.schema"


@pytest.mark.parametrize(
    ("made", "same"),
    [
        ({"city": "  new   YORK ", "stars": 4}, True),
        ({"city": "Ｎew York", "stars": 4.0}, True),
        ({"city": "New York", "stars": "4"}, True),
        ({"city": "NewYork", "stars": 4}, False),
        ({"city": "New York", "stars": 5}, False),
        ({"city": "New York"}, False),
        ({"city": "New York", "stars": True}, False),
    ],
)
def test_normalised_arguments_forgive_form_only(made: Any, same: bool) -> None:
    assert tool_calls(json.dumps({"name": "find", "arguments": made}), [FIND], arguments="normalised").passed == same


def test_a_stated_default_may_be_left_out_where_arguments_are_normalised() -> None:
    made, gold = (
        nested({"name": "find", "arguments": {"city": "Rome"}}),
        [{"name": "find", "arguments": {"city": "Rome", "stars": 3}}],
    )
    assert tool_calls(made, gold, tools=TOOLS, arguments="normalised").passed
    assert tool_calls(made, gold, tools=TOOLS).score == 0.0


def test_partial_pays_for_right_calls_and_takes_for_superfluous_ones() -> None:
    assert tool_calls(nested(FIND), GOLD, partial=True).score == 0.5
    assert tool_calls(nested(FIND, BOOK, BOOK, BOOK), GOLD, partial=True).score == 0.5
    assert tool_calls(nested(BOOK, FIND), GOLD, partial=True).score == 0.5
    assert tool_calls(nested(), GOLD, partial=True).score == 0.0
    assert tool_calls(nested(FIND, BOOK), GOLD, partial=True).passed


def test_an_empty_gold_asks_for_no_call() -> None:
    assert tool_calls("I cannot book that.", []).passed
    assert tool_calls([assistant("No tool fits.")], []).passed
    assert tool_calls(nested(BOOK), []).code == "tool_calls.selection"


@pytest.mark.parametrize(
    "made",
    [
        '[{"name": "find"',
        '{"call": "find"}',
        "<tool_call>{}",
        "<tool_call>nothing</tool_call>",
        "<think>" + json.dumps(GOLD),
        json.dumps([{"name": "find", "arguments": "{"}]),
        json.dumps([{"name": "find", "arguments": [1]}]),
        json.dumps({"name": "find", "arguments": {}}) + json.dumps({"name": "book", "arguments": {}}),
        {"role": "assistant", "tool_calls": 3},
        {"role": "assistant", "tool_calls": [None]},
        [3],
        '{"name": "find", "arguments": {"city": "a", "city": "b"}}',
    ],
)
def test_what_cannot_be_read_is_malformed_or_a_hedge(made: Any) -> None:
    verdict = tool_calls(made, GOLD, tools=TOOLS)
    assert verdict.outcome is Outcome.MALFORMED
    assert verdict.score == 0.0


@pytest.mark.parametrize(
    "made", ["", "I called find and book.", "the answer is correct", "find(city='New York', stars=4)", '{"score": 1}']
)
def test_claims_are_no_calls(made: str) -> None:
    assert tool_calls(made, GOLD).score == 0.0


@pytest.mark.parametrize(
    "gold", [[{}], "find", [3], [{"name": "fly", "arguments": {}}], [{"name": "book", "arguments": {"id": "x"}}], None]
)
def test_golden_calls_without_sense_make_the_task_invalid(gold: Any) -> None:
    assert tool_calls("", gold, tools=TOOLS).outcome is Outcome.TASK_INVALID


@pytest.mark.parametrize("name", ["order", "extra", "partial"])
@pytest.mark.parametrize("given", ["any", 1, None])
def test_a_setting_that_is_neither_true_nor_false_is_told(name: str, given: Any) -> None:
    with pytest.raises(UsageError, match=name):
        tool_calls("", GOLD, **{name: given})


def test_a_tool_with_a_broken_schema_makes_the_task_invalid_whatever_is_called() -> None:
    tools = [*TOOLS, {"name": "broken", "parameters": {"type": 3}}]
    for made in ("", '{"name": "broken", "arguments": {}}'):
        assert tool_calls(made, GOLD, tools=tools).outcome is Outcome.TASK_INVALID


def test_a_pattern_that_takes_exponential_time_costs_the_reply_and_not_the_process() -> None:
    slow = {
        "name": "mail",
        "parameters": {"properties": {"to": {"type": "string", "pattern": r"^([a-z]+\.?)+@x\.com$"}}},
    }
    gold = [{"name": "mail", "arguments": {"to": "ann@x.com"}}]
    made = json.dumps({"name": "mail", "arguments": {"to": "a" * 40 + "!"}})
    verdict = tool_calls(made, gold, tools=[slow])
    assert (verdict.score, verdict.code) == (0.0, "answer.too_complex")
    assert tool_calls(json.dumps(gold), gold, tools=[slow]).passed


def test_a_tool_whose_schema_is_none_makes_the_task_invalid() -> None:
    assert tool_calls("", [BOOK], tools=[{"name": "book", "parameters": {"type": 3}}]).outcome is Outcome.TASK_INVALID


def test_wrong_options_are_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="exact"):
        tool_calls("", GOLD, arguments="fuzzy")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="parameters"):
        tool_calls("", GOLD, tools=[{"parameters": {}}])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("find"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "tool_calls", "function", "name", "arguments", "content"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    st.text(max_size=200)
    | ANYTHING.map(json.dumps)
    | st.dictionaries(st.sampled_from(["role", "tool_calls"]), ANYTHING)
)
def test_anything_that_is_made_gets_a_score(made: Any) -> None:
    assert tool_calls(made, GOLD, tools=TOOLS).score == 0.0
    assert tool_calls(made, GOLD, arguments="normalised", partial=True).score is not None


@pytest.mark.parametrize(
    "piece", ["<tool_call>", "<tool_call>{}</tool_call>", "[", '{"name":', json.dumps(BOOK) + ",", "\x00\ud800"]
)
def test_any_length_costs_less_than_a_second(piece: str) -> None:
    start = time.process_time()
    assert tool_calls("[" + piece * (1_000_000 // len(piece)) + "]", GOLD, tools=TOOLS).score == 0.0
    assert tool_calls(piece * (190_000 // len(piece)), GOLD, tools=TOOLS).score == 0.0
    assert time.process_time() - start < 1.0


def test_what_is_quoted_of_the_reply_can_be_written_down() -> None:
    for tools in (None, TOOLS):
        assert tool_calls('{"name": "\\ud800", "arguments": {"\\ud800": 1}}', GOLD, tools=tools).model_dump_json()
        assert tool_calls('{"name": "find", "arguments": {"\\ud800": 1}}', GOLD, tools=tools).model_dump_json()


def test_arguments_that_are_no_json_are_not_compared() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    for given_arguments in (deep, {"a": {1, 2}}, {"a": float("nan")}):
        made = {"role": "assistant", "tool_calls": [{"function": {"name": "book", "arguments": given_arguments}}]}
        assert tool_calls(made, GOLD).score == 0.0


def test_two_hundred_calls_are_read_and_no_more() -> None:
    assert tool_calls(nested(*[BOOK] * 200), [BOOK] * 200).passed
    assert tool_calls(nested(*[BOOK] * 201), GOLD).code == "answer.too_complex"
