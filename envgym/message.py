"""Chat messages and tool specifications in the OpenAI chat form, as plain typed dictionaries.

Tool calls nest: `tool_calls[].function{name, arguments}`, where `arguments` is a JSON *string* as the model wrote it, valid or not.
A message is never changed once it was handed over: environments, scaffolds, forks and trajectories share the same objects.
Source: OpenAI chat completions API; the form that TRL, verl, vLLM, SGLang and Hugging Face chat templates take.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Required,  # typing's own lacks what pydantic needs before Python 3.12
)

from typing_extensions import TypedDict

from envgym.errors import InvalidAction

Role = Literal["system", "user", "assistant", "tool"]
MAX_REPLY_CHARS = 200_000
ROLES: tuple[str, ...] = ("system", "user", "assistant", "tool")


class FunctionCall(TypedDict):
    name: str
    arguments: str


class ToolCall(TypedDict):
    id: str
    type: Literal["function"]
    function: FunctionCall


class Message(TypedDict, total=False):
    role: Required[Role]
    content: Required[str | list[dict[str, Any]] | None]
    tool_calls: list[ToolCall]
    tool_call_id: str
    name: str
    reasoning_content: str


class FunctionSpec(TypedDict):
    name: str
    description: str
    parameters: dict[str, Any]


class ToolSpec(TypedDict):
    type: Literal["function"]
    function: FunctionSpec


Observation = tuple[Message, ...]
"""The messages that are new since the last action."""

Action = str | Message
"""One assistant message; a string stands for a message with that content."""


def is_message(value: object) -> bool:
    """Whether `value` has the outline of a chat message: a known role, and text, parts or nothing as content."""
    if type(value) is not dict and not isinstance(value, Mapping):  # as in as_assistant
        return False
    if value.get("role") not in ROLES:
        return False
    content = value.get("content")
    return content is None or isinstance(content, str | list)


def system(text: str) -> Message:
    return {"role": "system", "content": text}


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def assistant(text: str) -> Message:
    return {"role": "assistant", "content": text}


class Parts(list[dict[str, Any]]):
    """The parts of a multi-part content, such as a text and a picture: what a tool returns that gives more than text."""


def text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def picture(data: bytes, *, kind: str = "png") -> dict[str, Any]:
    """A picture as a part that carries its own data."""
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{b64encode(data).decode()}"}}


def tool_result(call_id: str, content: str | Parts) -> Message:
    return {"role": "tool", "tool_call_id": call_id, "content": content if isinstance(content, str) else list(content)}


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder anew for each call with options


def call(tool: str, /, **arguments: Any) -> Message:
    """An assistant message that calls one tool. The call id is `call_0`; scaffolds renumber it."""
    function: FunctionCall = {"name": tool, "arguments": _encode(arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_0", "type": "function", "function": function}],
    }


def text_of(message: Message) -> str:
    """The text of a message: parts of a multi-part content are joined, pictures are left out, None is empty."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content or () if isinstance(part, Mapping))


def size_of(message: Message) -> int:
    """Characters of content and tool calls together."""
    content = message.get("content")
    size = len(content) if isinstance(content, str) else len(text_of(message)) if content else 0
    return size + sum(map(size_of_call, message.get("tool_calls") or ()))


def size_of_call(tool_call: ToolCall) -> int:
    function = tool_call["function"]
    return len(function["arguments"]) + len(function["name"]) + len(tool_call["id"])


def as_assistant(action: object) -> Message:
    """`action` as a well-formed assistant message of a size that can be worked with.

    Raises InvalidAction when it is neither text nor an assistant message, when a tool call lacks its parts, or when it is too long.
    Arguments may be any string: whether they are JSON that fits the tool is for the tool to say.
    """
    if isinstance(action, str):
        if len(action) > MAX_REPLY_CHARS:
            raise too_long(len(action))
        return {"role": "assistant", "content": action}
    if type(action) is not dict and not isinstance(
        action, Mapping
    ):  # testing for an abstract class costs ten times as much
        raise InvalidAction(f"a reply is text or an assistant message, not {type(action).__name__}", code="reply.type")
    if action.get("role") != "assistant":
        raise InvalidAction(f"a reply has role 'assistant', not {repr(action.get('role'))[:80]}", code="reply.role")
    content = action.get("content")
    if not (content is None or isinstance(content, str)):
        raise InvalidAction(f"a reply's content is text, not {type(content).__name__}", code="reply.content")
    calls = action.get("tool_calls")
    size = len(content) if content else 0
    if calls is not None:
        if not (isinstance(calls, list | tuple) and all(map(_is_call, calls))):
            raise InvalidAction(
                "tool_calls is a list of {id, type: 'function', function: {name, arguments}} with arguments as a JSON string",
                code="reply.tool_calls",
            )
        size += sum(map(size_of_call, calls))
    if size > MAX_REPLY_CHARS:
        raise too_long(size)
    return action  # type: ignore[return-value]


def _is_call(tool_call: Any) -> bool:
    try:
        function = tool_call["function"]
        return (
            isinstance(function["arguments"], str)
            and isinstance(function["name"], str)
            and isinstance(tool_call["id"], str)
        )
    except (TypeError, KeyError, IndexError):
        return False


def too_long(size: int) -> InvalidAction:
    return InvalidAction(f"your reply has {size:,} characters; the limit is {MAX_REPLY_CHARS:,}", code="reply.size")
