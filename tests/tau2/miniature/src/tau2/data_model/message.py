"""Calls, their answers, and the messages that hold them."""

from typing import Any, Literal

from pydantic import BaseModel

Requestor = Literal["assistant", "user"]


class ToolCall(BaseModel):
    id: str = ""
    name: str
    arguments: dict[str, Any]
    requestor: Requestor = "assistant"


class ToolMessage(BaseModel):
    id: str
    role: Literal["tool"] = "tool"
    content: str | None = None
    error: bool = False


class Message(BaseModel):
    role: Literal["assistant", "user", "tool"]
    content: str | None = None
    tool_calls: list[ToolCall] | None = None
