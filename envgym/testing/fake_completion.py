"""Chat completions as vLLM writes them: in one body or as a stream, with token ids and log-probabilities when asked for."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from envgym.message import Message
from envgym.testing.byte_tokens import completion_ids, logprobs_of, prompt_ids

PIECE = 7
"""Characters per streamed piece: few enough that arguments and words are cut apart."""


def completion(body: Mapping[str, Any], message: Message, number: int) -> dict[str, Any]:
    """The answer to `body` that says `message`."""
    given, sampled = prompt_ids(body), completion_ids(message)
    choice: dict[str, Any] = {
        "index": 0,
        "message": message,
        "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
    }
    answer: dict[str, Any] = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model"),
        "choices": [choice],
        "usage": {
            "prompt_tokens": len(given),
            "completion_tokens": len(sampled),
            "total_tokens": len(given) + len(sampled),
        },
    }
    if body.get("logprobs"):
        choice["logprobs"] = {
            "content": [
                {"token": f"token_id:{token}", "logprob": logprob, "top_logprobs": []}
                for token, logprob in zip(sampled, logprobs_of(sampled), strict=True)
            ]
        }
    if body.get("return_token_ids"):
        choice["token_ids"] = sampled
        answer["prompt_token_ids"] = given
    return answer


def events(answer: Mapping[str, Any], *, usage: bool) -> list[bytes]:
    """The same answer as server-sent events, the last one [DONE]."""
    frame = {"id": answer["id"], "object": "chat.completion.chunk", "created": 0, "model": answer["model"]}
    choice = answer["choices"][0]
    deltas = list(_deltas(choice["message"]))
    chunks = [{**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    _spread_tokens(chunks, choice)
    if "prompt_token_ids" in answer:
        chunks[0]["prompt_token_ids"] = answer["prompt_token_ids"]
    chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if usage:
        chunks.append({**frame, "choices": [], "usage": answer["usage"]})
    return [*(_event(json.dumps(chunk)) for chunk in chunks), _event("[DONE]")]


def _event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for name in ("reasoning_content", "content"):
        for piece in _pieces(message.get(name) or ""):
            yield {name: piece}
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        start = {"id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": ""}}
        yield {"tool_calls": [{"index": index, **start}]}
        for piece in _pieces(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def _spread_tokens(chunks: list[dict[str, Any]], choice: Mapping[str, Any]) -> None:
    """Gives each chunk its share of the sampled tokens; how text and tokens fall apart is the server's business."""
    ids, entries = choice.get("token_ids"), (choice.get("logprobs") or {}).get("content")
    count = len(ids or entries or ())
    for number, chunk in enumerate(chunks):
        part = slice(number * count // len(chunks), (number + 1) * count // len(chunks))
        if ids is not None:
            chunk["choices"][0]["token_ids"] = ids[part]
        if entries is not None:
            chunk["choices"][0]["logprobs"] = {"content": entries[part]}
