"""A toy tokenizer and chat template: one token per UTF-8 byte, and one for each part of the frame around a message.

Like a good template it only appends: the prompt of a call extends the prompt and the completion of the call before, id by id, as long as
the history comes back unchanged. Like a real one it renders the tools in front, so offering other tools begins another path.
"""

import json
from collections.abc import Mapping
from typing import Any

ROLE_IDS = {"system": 256, "user": 257, "assistant": 258, "tool": 259}
END = 260
TOOLS = 261


def prompt_ids(body: Mapping[str, Any]) -> list[int]:
    """The tokens of a request: tools, messages, and the start of the reply."""
    ids: list[int] = []
    if body.get("tools"):
        ids += [TOOLS, *as_bytes(json.dumps(body["tools"], sort_keys=True)), END]
    for message in body["messages"]:
        ids += [ROLE_IDS[message["role"]], *as_bytes(rendered(message)), END]
    ids.append(ROLE_IDS["assistant"])
    return ids


def completion_ids(message: Mapping[str, Any]) -> list[int]:
    """The tokens of a reply, with the one that ends it."""
    return [*as_bytes(rendered(message)), END]


def logprobs_of(ids: list[int]) -> list[float]:
    """Made-up log-probabilities: never positive, the same for the same tokens."""
    return [-((token * 31 + at * 7) % 97) / 64 for at, token in enumerate(ids)]


def rendered(message: Mapping[str, Any]) -> str:
    text = (message.get("reasoning_content") or "") + (text_in(message.get("content")) or "")
    for call in message.get("tool_calls") or ():
        text += f"<{call['function']['name']} {call['function']['arguments']}>"
    return text


def text_in(content: Any) -> str:
    return json.dumps(content) if isinstance(content, list) else content or ""


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
