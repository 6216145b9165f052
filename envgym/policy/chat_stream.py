"""Puts the pieces of a streamed chat completion together into the body that the server would have sent in one.

A stream that ends without a finish_reason was cut off, however politely the connection was closed: what came so far is no reply.
Source: OpenAI streaming chat completions; WHATWG server-sent events (only `data:` lines matter here).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from envgym.policy.chat_reply import BadReply, error_text
from envgym.policy.http_session import HttpAnswer, too_large

DONE = b"[DONE]"
TEXTS = ("content", "reasoning_content", "reasoning")


async def read_stream(answer: HttpAnswer, most: int) -> dict[str, Any]:
    """The whole completion. Raises BadReply for a stream that is cut off, is none, or reports an error.

    Raises PolicyFailure once there are more than `most` bytes.
    """
    completion = Completion()
    lines = Lines()
    left = most
    while part := await answer.readany():
        left -= len(part)
        if left < 0:
            raise too_large(most)
        for data in lines.take(part):
            if data == DONE:
                return completion.body()
            completion.add(parse_event(data))
    return completion.body()


def parse_event(data: bytes) -> Mapping[str, Any]:
    try:
        event = from_json(data)
    except ValueError:
        raise BadReply(f"the stream holds what is no JSON: {data[:60]!r}") from None
    if not isinstance(event, dict):
        raise BadReply(f"the stream holds what is no object: {data[:60]!r}")
    if event.get("error"):
        raise BadReply(f"the server reports {error_text(event['error'])}")
    return event


class Lines:
    """Cuts a stream of bytes into the contents of its `data:` lines, wherever the parts were cut."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, part: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()


class Completion:
    """What the deltas of one streamed completion add up to."""

    def __init__(self) -> None:
        self._role = "assistant"
        self._texts: dict[str, list[str]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._choice: dict[str, Any] = {}
        self._top: dict[str, Any] = {}

    def add(self, event: Mapping[str, Any]) -> None:
        for name in ("usage", "prompt_token_ids"):
            if event.get(name):
                self._top[name] = event[name]
        try:
            for choice in event.get("choices") or ():
                self._add_choice(choice)
        except (AttributeError, TypeError, ValueError):
            raise BadReply(f"the stream holds what is no piece of a completion: {str(event)[:200]}") from None

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        if choice.get("index"):
            return
        for name in ("finish_reason", "prompt_token_ids", "meta_info"):
            if choice.get(name) is not None:
                self._choice[name] = choice[name]
        if choice.get("token_ids") is not None:
            self._choice.setdefault("token_ids", []).extend(choice["token_ids"])
        entries = (choice.get("logprobs") or {}).get("content")
        if entries is not None:
            self._choice.setdefault("logprobs", {"content": []})["content"].extend(entries)
        self._add_delta(choice.get("delta") or {})

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        self._role = delta.get("role") or self._role
        for name in TEXTS:
            if delta.get(name) is not None:
                self._texts.setdefault(name, []).append(delta[name])
        for fragment in delta.get("tool_calls") or ():
            self._add_fragment(fragment)

    def _add_fragment(self, fragment: Mapping[str, Any]) -> None:
        """Some servers leave the index out: there, an id begins a new call and anything else goes on with the last."""
        index = fragment.get("index")
        if index is None:
            index = len(self._calls) - (0 if fragment.get("id") or not self._calls else 1)
        call = self._calls.setdefault(int(index), {"id": None, "name": None, "arguments": []})
        function = fragment.get("function") or {}
        call["id"] = call["id"] or fragment.get("id")
        call["name"] = call["name"] or function.get("name")
        call["arguments"].append(function.get("arguments") or "")

    def body(self) -> dict[str, Any]:
        """The completion as one body. Raises BadReply where it is not finished."""
        if "finish_reason" not in self._choice:
            raise BadReply("the stream was cut off: it ended without a finish_reason")
        try:
            message: dict[str, Any] = {name: "".join(pieces) for name, pieces in self._texts.items()}
            calls = [joined(self._calls[index]) for index in sorted(self._calls)]
        except TypeError:
            raise BadReply("the stream holds text that is no text") from None
        return {
            **self._top,
            "choices": [{**self._choice, "message": {"role": self._role, **message, "tool_calls": calls}}],
        }


def joined(call: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": call["id"], "function": {"name": call["name"], "arguments": "".join(call["arguments"])}}
