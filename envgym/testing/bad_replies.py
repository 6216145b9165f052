"""A battery of bad replies: everything a confused, broken or hostile model server has been seen to send, and worse.

`ill_formed` never becomes an action. `odd_texts` are well-formed and odd: a world may judge them. `bad_calls` go to one tool with
arguments that its JSON schema refuses, whatever the tool does.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from envgym.message import MAX_REPLY_CHARS, Message, ToolSpec
from envgym.testing.blank import blank_arguments, resolved

DEEP = 30_000
"""Brackets in a row: more than any recursive parser survives."""
NO_CHOICE = "no such thing"
SAMPLES: tuple[tuple[str, Any], ...] = (
    ("object", {"x": [1]}),
    ("string", NO_CHOICE),
    ("array", [[None]]),
    ("boolean", True),
    ("number", 0.5),
    ("null", None),
)


def ill_formed() -> Iterator[tuple[str, Any]]:
    """Things that are no reply, each with what to call it."""
    for value in (None, 3, 0.5, True, b"bytes", [], ["text"], (), {}, {1: 2}, {"content": "no role"}, object()):
        yield f"{type(value).__name__} {str(value)[:20]!r} as a reply", value
    for role in ("user", "system", "tool", "", "Assistant", None, 3):
        yield f"a reply with role {role!r}", {"role": role, "content": "hello"}
    for content in (3, b"bytes", {"text": "hello"}, [{"type": "text", "text": "hello"}]):
        yield f"a reply with content of type {type(content).__name__}", {"role": "assistant", "content": content}
    shapes: tuple[Any, ...] = ("call", 3, {"name": "call"}, [None], [3], ["call"], [{}], [[]])
    for calls in shapes:
        yield f"tool_calls={calls!r}", {"role": "assistant", "content": None, "tool_calls": calls}
    function = {"name": "x", "arguments": "{}"}
    for broken in (
        {"type": "function", "function": function},
        {"id": 3, "type": "function", "function": function},
        {"id": "a", "type": "function"},
        {"id": "a", "type": "function", "function": None},
        {"id": "a", "type": "function", "function": "x"},
        {"id": "a", "type": "function", "function": {"arguments": "{}"}},
        {"id": "a", "type": "function", "function": {"name": None, "arguments": "{}"}},
        {"id": "a", "type": "function", "function": {"name": "x"}},
        {"id": "a", "type": "function", "function": {"name": "x", "arguments": {}}},
        {"id": "a", "type": "function", "function": {"name": "x", "arguments": None}},
    ):
        yield f"the tool call {broken}", {"role": "assistant", "content": None, "tool_calls": [broken]}
    yield "a reply of a million characters", "x" * (MAX_REPLY_CHARS + 1_000_000)
    yield "arguments of a million characters", raw_call("x", "1" * (MAX_REPLY_CHARS + 1_000_000))
    for name in ("", "no_such_tool", "\x00", "__init__", "tools\n", "x" * 10_000, "\ud800"):
        yield f"a call of the unknown tool {name[:20]!r}", raw_call(name, "{}")


def odd_texts() -> Iterator[tuple[str, str]]:
    """Replies that are text and nothing a task can have asked for."""
    yield "a lone surrogate", "\ud800"
    yield "text with NUL", "\x00answer\x00"
    yield "control characters", "\x1b[2J\x07\x08"
    yield "an open thinking block", "<think>" + "hm " * 50
    yield "deep brackets", "(" * 5000
    yield "a tower of powers", "9**9**9**9"
    yield "braces", "{}{}{" * 200 + "%s%n"
    yield "a right-to-left override", "\u202e\ufeff\u0000"


def bad_calls(tool: ToolSpec) -> Iterator[tuple[str, Message]]:
    """Calls of one tool whose arguments do not fit its schema."""
    function = tool["function"]
    name, schema = function["name"], function["parameters"]
    sound, _ = blank_arguments(schema)
    for text in (
        "{",
        "]",
        "nothing",
        "'{}'",
        "null",
        "3",
        '"text"',
        "[]",
        "[" * DEEP,
        '{"a":' * DEEP,
        "\x00",
        "\ud800",
    ):
        yield f"{name} with arguments {text[:20]!r}", raw_call(name, text)
    for missing in schema.get("required", ()):
        rest = {key: value for key, value in sound.items() if key != missing}
        yield f"{name} without {missing}", raw_call(name, json.dumps(rest))
    if schema.get("additionalProperties") is False:
        yield f"{name} with an extra argument", raw_call(name, json.dumps({**sound, "no_such_argument": 1}))
    for key, part in schema.get("properties", {}).items():
        allowed, choices = types_of(part, schema), resolved(part, schema).get("enum")
        for kind, value in SAMPLES if allowed else ():
            if kind not in allowed:
                yield f"{name} with {key}={value!r}", raw_call(name, json.dumps({**sound, key: value}))
        if choices and NO_CHOICE not in choices:
            yield f"{name} with {key} outside its choices", raw_call(name, json.dumps({**sound, key: NO_CHOICE}))


def types_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema allows; empty where it does not say."""
    schema = resolved(schema, root)
    branches = [types_of(part, root) for part in schema.get("anyOf", ())]
    if branches:
        return set().union(*branches) if all(branches) else set()
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def raw_call(name: str, arguments: str) -> Message:
    """A call whose arguments are any text."""
    function: Any = {"name": name, "arguments": arguments}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_0", "type": "function", "function": function}],
    }
