"""From a model call to the body of an OpenAI chat completion request.

Arguments of earlier tool calls that are no JSON object are wrapped into one: vLLM and SGLang parse the history's arguments and answer 400
to every later call of an episode in which a model once wrote broken JSON (vllm issue 43995, sglang pull 28035). Bodies differ from
server to server only by `refused`, the optional fields that one has turned down.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from envgym.message import Message, ToolCall
from envgym.policy.chat_settings import ChatSettings
from envgym.policy.policy import Request

OPTIONAL = ("return_token_ids", "logprobs", "seed", "stream_options", "reasoning_content", "max_tokens")
"""Fields that a server may refuse by name; the call then goes on without them, or under another name (max_tokens)."""

CARRIED = frozenset({"role", "content", "name", "tool_call_id"})
SEED_BITS = 31
"""Some servers keep seeds in 32 bits, and JavaScript proxies round what is above 53."""


def request_body(request: Request, settings: ChatSettings, refused: Collection[str] = ()) -> dict[str, Any]:
    """The body of one call. What the run asks for wins over the settings, and `extra` over both."""
    reasoning = "reasoning_content" not in refused
    body: dict[str, Any] = {
        "model": settings.model,
        "messages": [wire_message(message, reasoning=reasoning) for message in request.messages],
        "temperature": settings.temperature if request.temperature is None else request.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens if request.max_tokens is None else request.max_tokens,
        "seed": request.seed % 2**SEED_BITS,
    }
    if request.tools:
        body["tools"] = request.tools
    if settings.stream:
        body.update(stream=True, stream_options={"include_usage": True})
    if settings.return_tokens:
        body.update(return_token_ids=True, logprobs=True)
    if "max_tokens" in refused:
        body["max_completion_tokens"] = body["max_tokens"]
    kept = {name: value for name, value in body.items() if value is not None and name not in refused}
    return {**kept, **settings.extra}


def wire_message(message: Message, *, reasoning: bool = True) -> Mapping[str, Any]:
    """A message as servers take it: known fields only, text or null as content, JSON objects as arguments."""
    if message["role"] != "assistant":
        return message if message.keys() <= CARRIED else {key: message[key] for key in message if key in CARRIED}  # type: ignore[literal-required]
    calls = message.get("tool_calls")
    wire: dict[str, Any] = {"role": "assistant", "content": message.get("content") or (None if calls else "")}
    if calls:
        wire["tool_calls"] = [wire_call(each) for each in calls]
    if reasoning and message.get("reasoning_content"):
        wire["reasoning_content"] = message["reasoning_content"]
    return wire


def wire_call(call: ToolCall) -> dict[str, Any]:
    function = call["function"]
    arguments = as_json_object(function["arguments"])
    return {"id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": arguments}}


def as_json_object(arguments: str) -> str:
    """`arguments` where it is a JSON object, "{}" where it is empty, else an object that quotes it."""
    if not arguments.strip():
        return "{}"
    try:
        value = from_json(arguments.encode("utf-8", "replace"))  # of a str with lone surrogates it says TypeError
    except ValueError:
        value = None
    return arguments if isinstance(value, dict) else json.dumps({"not_a_json_object": arguments}, ensure_ascii=False)


def encode(body: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON. Lone surrogates, which no UTF-8 can carry, become question marks."""
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
