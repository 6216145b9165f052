"""Tells what a model thought from what it said.

Servers with a reasoning parser put the thoughts into `reasoning_content`; without one they stand in the text between <think> tags. A
template that opens the tag in the prompt leaves only the closing one in the reply, and a reply that was cut off only the opening one.
"""

from envgym.message import Message, text_of

OPEN, CLOSE = "<think>", "</think>"


def split_thinking(message: Message) -> tuple[str, str]:
    """(thinking, text) of a message. Only an assistant's tags count; the two halves are the model's own characters."""
    text = text_of(message)
    reasoning = message.get("reasoning_content")
    thinking = reasoning if isinstance(reasoning, str) else ""
    if message["role"] != "assistant":
        return thinking, text
    start = text.find(OPEN)
    end = text.find(CLOSE, max(start, 0))
    if start > 0 and text[:start].strip():
        return thinking, text
    if end >= 0:
        inner, text = text[: end + len(CLOSE)], text[end + len(CLOSE) :]
        inner = inner.strip().removeprefix(OPEN).removesuffix(CLOSE)
    elif start >= 0:
        inner, text = text[start + len(OPEN) :], ""
    else:
        return thinking, text
    return "\n".join(part for part in (thinking, inner.strip("\n")) if part), text.lstrip("\n")
