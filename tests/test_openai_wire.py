"""Between our messages and the API's: what is sent, what is read, whole or in pieces, and what is refused as no reply."""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envgym.message import Message, ToolSpec, as_assistant, assistant, call, tool_result, user
from envgym.policy.chat_reply import BadReply, parse_answer, read_reply
from envgym.policy.chat_request import as_json_object, encode, request_body, wire_message
from envgym.policy.chat_settings import ChatSettings, make_settings
from envgym.policy.chat_stream import read_stream
from envgym.policy.policy import Reply, Request
from envgym.testing.fake_completion import completion, events

SETTINGS: ChatSettings = make_settings("m", "http://127.0.0.1:1/v1", {})
ASKED: dict[str, Any] = {"model": "m", "messages": [user("a")], "logprobs": True, "return_token_ids": True}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ANY_TEXT = st.text(st.characters())
"""Lone surrogates too, which `st.text()` alone leaves out."""
CALLS = st.lists(
    st.builds(
        lambda name, arguments: {"id": "", "type": "function", "function": {"name": name, "arguments": arguments}},
        st.text(min_size=1, max_size=8),
        TEXT,
    ),
    max_size=3,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def replies(draw: st.DrawFn) -> Message:
    """A reply with text, reasoning and calls, each of which may be missing."""
    message: Message = {"role": "assistant", "content": draw(TEXT)}
    calls = draw(CALLS)
    if calls:
        message["tool_calls"] = [{**each, "id": f"c{number}"} for number, each in enumerate(calls)]  # type: ignore[typeddict-item]
        message["content"] = message["content"] or None
    if reasoning := draw(TEXT):
        message["reasoning_content"] = reasoning
    return message


def request(*messages: Message) -> Request:
    return Request(list(messages), [], seed=2**40 + 5)


def read(choice: dict[str, Any], *history: Message, **top: Any) -> Reply:
    """The reply in an answer with one choice, as bytes over the wire."""
    return read_reply(parse_answer(json.dumps({"choices": [choice], **top}).encode()), request(*history))


def bad(body: bytes | dict[str, Any]) -> str:
    with pytest.raises(BadReply) as caught:
        read_reply(parse_answer(body), request())
    return str(caught.value)


class Pieces:
    """A body that arrives cut into pieces."""

    status = 200
    headers: dict[str, str] = {}

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = [part for part in parts if part]

    async def readany(self) -> bytes:
        return self._parts.pop(0) if self._parts else b""


def streamed(body: bytes, cuts: list[int]) -> Reply:
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    parts = [body[start:end] for start, end in pairwise(places)]
    return read_reply(parse_answer(asyncio.run(read_stream(Pieces(parts), 10**9))), request())


# ---- what is sent


def test_a_body_has_only_what_was_asked_for() -> None:
    plain = request_body(request(user("a")), make_settings("m", "http://a.b/v1", {"return_tokens": False}))
    assert plain == {"model": "m", "messages": [{"role": "user", "content": "a"}], "seed": 5}
    tool: ToolSpec = {"type": "function", "function": {"name": "t", "description": "", "parameters": {}}}
    asked = Request([user("a")], [tool], seed=1, max_tokens=9, temperature=0.0)
    body = request_body(asked, make_settings("m", "http://a.b/v1", {"stream": True, "extra": {"seed": None, "n": 1}}))
    assert (body["tools"], body["max_tokens"], body["temperature"]) == ([tool], 9, 0.0)
    assert (body["seed"], body["n"]) == (None, 1)
    assert body["stream_options"] == {"include_usage": True}
    assert body["return_token_ids"] is body["logprobs"] is True


def test_refused_fields_are_left_out_and_limits_renamed() -> None:
    asked = Request([user("a")], [], seed=1, max_tokens=9)
    body = request_body(asked, SETTINGS, {"seed", "max_tokens", "logprobs"})
    assert body.keys() == {"model", "messages", "max_completion_tokens", "return_token_ids"}
    assert body["max_completion_tokens"] == 9


def test_foreign_fields_of_messages_stay_at_home() -> None:
    odd: Any = {"role": "user", "content": "a", "name": "n", "cached": True}
    assert wire_message(odd) == {"role": "user", "content": "a", "name": "n"}
    odd = {"role": "assistant", "content": "a", "logprobs": [1], "tool_calls": None, "reasoning_content": ""}
    assert wire_message(odd) == {"role": "assistant", "content": "a"}
    assert wire_message(tool_result("c", "r")) == {"role": "tool", "tool_call_id": "c", "content": "r"}


def test_an_assistant_message_without_calls_has_text() -> None:
    assert wire_message({"role": "assistant", "content": None})["content"] == ""
    assert wire_message(call("t"))["content"] is None


@settings(deadline=None)
@example("\ud800")
@example('{"a": "\ud800"}')
@given(ANY_TEXT)
def test_arguments_are_always_a_json_object_on_the_wire(arguments: str) -> None:
    assert isinstance(json.loads(as_json_object(arguments)), dict)


@settings(deadline=None)
@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_arguments_that_are_an_object_are_sent_as_the_model_wrote_them(value: dict[str, Any]) -> None:
    written = json.dumps(value, indent=1)
    assert as_json_object(written) == written


@pytest.mark.parametrize("arguments", ["[1]", '"a"', "null", "3", "{", "{'a': 1}", '{"a": 1} x'])
def test_arguments_that_are_none_are_quoted_inside_one(arguments: str) -> None:
    assert json.loads(as_json_object(arguments)) == {"not_a_json_object": arguments}
    assert as_json_object("") == as_json_object("  \n") == "{}"


@settings(deadline=None)
@example(["\ud800", "a\udfffb"])
@given(st.lists(ANY_TEXT))
def test_any_text_can_be_sent_even_halves_of_characters(texts: list[str]) -> None:
    body = encode({"messages": [user(text) for text in texts]})
    back = [message["content"] for message in json.loads(body.decode("utf-8"))["messages"]]
    assert back == [text.encode("utf-8", "replace").decode() for text in texts]


# ---- what is read


@settings(deadline=None)
@given(replies())
def test_a_reply_is_read_as_it_was_said(message: Message) -> None:
    body = completion({"model": "m", "messages": [user("a")]}, message, 0)
    assert read_reply(parse_answer(json.dumps(body).encode()), request()).message == message


@settings(deadline=None)
@given(replies(), st.lists(st.integers(min_value=0), max_size=12), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_a_streamed_reply_is_the_whole_one_wherever_it_was_cut(
    message: Message, cuts: list[int], usage: bool, line_end: str
) -> None:
    answer = completion(ASKED, message, 0)
    whole = read_reply(parse_answer(json.dumps(answer).encode()), request())
    body = b"".join([b": waiting\n\n", *events(answer, usage=usage)]).replace(b"\n", line_end.encode())
    assert streamed(body, cuts) == whole


@settings(deadline=None)
@given(replies(), st.data())
def test_a_stream_that_was_cut_off_is_never_a_reply(message: Message, data: st.DataObject) -> None:
    parts = events(completion({"model": "m", "messages": [user("a")]}, message, 0), usage=False)
    finish = len(b"".join(parts[:-1])) - 2
    end = data.draw(st.integers(0, finish - 1))
    with pytest.raises(BadReply, match="cut off"):
        streamed(b"".join(parts)[:end], [])


@settings(deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_server_answers_is_a_reply_or_told_to_be_none(body: bytes) -> None:
    assert is_reply_or_told(lambda: read_reply(parse_answer(body), request()))


@settings(deadline=None)
@given(replies(), st.data())
def test_an_answer_that_is_wrong_in_one_place_is_a_reply_or_told_to_be_none(
    message: Message, data: st.DataObject
) -> None:
    answer = completion(ASKED, message, 0)
    place = data.draw(st.sampled_from(list(places_in(answer))))
    body = json.dumps(replaced(answer, place, data.draw(JSON))).encode()
    assert is_reply_or_told(lambda: read_reply(parse_answer(body), request()))


@settings(deadline=None)
@given(replies(), st.data())
def test_a_stream_that_is_wrong_in_one_place_is_a_reply_or_told_to_be_none(
    message: Message, data: st.DataObject
) -> None:
    *parts, done = events(completion(ASKED, message, 0), usage=True)
    number = data.draw(st.integers(0, len(parts) - 1))
    event = json.loads(parts[number][5:])
    place = data.draw(st.sampled_from(list(places_in(event))))
    parts[number] = b"data: " + json.dumps(replaced(event, place, data.draw(JSON))).encode() + b"\n\n"
    assert is_reply_or_told(lambda: streamed(b"".join([*parts, done]), []))


def is_reply_or_told(read: Callable[[], Reply]) -> bool:
    try:
        reply = read()
    except BadReply:
        return True
    return as_assistant(reply.message) == reply.message


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a JSON value, the whole included."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places_in(part, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """`value` with `new` at `path`."""
    if not path:
        return new
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def test_calls_get_ids_that_are_unique_in_the_episode() -> None:
    function = {"name": "t", "arguments": "{}"}
    choice = {
        "message": {
            "tool_calls": [{"id": "a", "function": function}, {"function": function}, {"id": "a", "function": function}]
        }
    }
    before = call("t")
    before["tool_calls"][0]["id"] = "a"
    fresh = [each["id"] for each in read(choice).message["tool_calls"]]
    assert fresh == ["a", "call_0_1", "call_0_2"]
    later = [each["id"] for each in read(choice, before, tool_result("a", "")).message["tool_calls"]]
    assert later == ["call_1_0", "call_1_1", "call_1_2"]


def test_arguments_of_every_form_become_a_string() -> None:
    for given_, wanted in (({"a": "ä"}, '{"a": "ä"}'), (None, ""), ("", ""), ('{"a"', '{"a"')):
        choice = {"message": {"tool_calls": [{"id": "a", "function": {"name": "t", "arguments": given_}}]}}
        assert read(choice).message["tool_calls"][0]["function"]["arguments"] == wanted


def test_contents_of_every_form_become_text() -> None:
    assert read({"message": {"content": None}}).message == assistant("")
    assert read(
        {"message": {"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]}}
    ).message == assistant("ab")
    assert (
        read({"message": {"role": "assistant", "content": "a", "reasoning": "r"}}).message["reasoning_content"] == "r"
    )
    assert "reasoning_content" not in read({"message": {"content": "a", "reasoning": {"effort": 1}}}).message


def test_finish_reasons_are_kept_or_follow_from_the_reply() -> None:
    calls = [{"id": "a", "function": {"name": "t", "arguments": "{}"}}]
    assert read({"message": {"content": "a"}, "finish_reason": "length"}).finish_reason == "length"
    assert read({"message": {"content": "a"}}).finish_reason == "stop"
    assert read({"message": {"tool_calls": calls}, "finish_reason": None}).finish_reason == "tool_calls"


def test_what_is_no_completion_is_told_by_the_place_where_it_goes_wrong() -> None:
    assert "begins b'<html>'" in bad(b"<html>")
    assert "choices.0.message.role: Input should be 'assistant'" in bad({"choices": [{"message": {"role": "user"}}]})
    assert "choices.0.message.content" in bad({"choices": [{"message": {"content": 3}}]})
    assert "no choices" in bad({"choices": []})
    assert "no choices" in bad({"choices": [{"finish_reason": "stop"}]})
    assert "the server reports overloaded" in bad(
        {"error": {"message": "overloaded"}, "choices": [{"message": {"content": "a"}}]}
    )
    assert "without a function name" in bad({"choices": [{"message": {"tool_calls": [{"id": "a"}]}}]})
    assert "finish_reason 'abort'" in bad({"choices": [{"message": {"content": "a"}, "finish_reason": "abort"}]})


def test_fragments_without_an_index_are_put_together_by_their_ids() -> None:
    def piece(arguments: str, **more: Any) -> dict[str, Any]:
        function = {"arguments": arguments, **({"name": "t"} if more else {})}
        return {"choices": [{"delta": {"tool_calls": [{**more, "function": function}]}}]}

    parts = [
        piece('{"a":', id="x"),
        piece(" 1}"),
        piece("{}", id="y"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    ]
    body = b"".join(b"data:" + json.dumps(part).encode() + b"\n" for part in parts)
    calls = streamed(body, []).message["tool_calls"]
    assert [(each["id"], each["function"]["arguments"]) for each in calls] == [("x", '{"a": 1}'), ("y", "{}")]


@pytest.mark.parametrize(
    "choice",
    [
        {"delta": {"tool_calls": [{"index": "first"}]}},
        {"delta": {"tool_calls": [{"index": 0, "function": "t"}]}},
        {"delta": {"tool_calls": 3}},
        {"delta": {"content": ["a"]}},
        {"delta": {"content": 3}},
        {"delta": "a"},
        {"token_ids": 3},
        {"logprobs": [1]},
        "a",
    ],
)
def test_a_piece_that_is_none_is_told(choice: Any) -> None:
    finish = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    body = b"".join(b"data: " + json.dumps(part).encode() + b"\n\n" for part in ({"choices": [choice]}, finish))
    with pytest.raises(BadReply):
        streamed(body, [])


def test_an_error_in_the_middle_of_a_stream_is_told() -> None:
    body = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\ndata: {"error": {"message": "out of memory"}}\n\n'
    with pytest.raises(BadReply, match="the server reports out of memory"):
        streamed(body, [])
