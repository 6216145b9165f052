"""A world of an agent's and a user's tools, each over data of its own."""

import hashlib
import inspect
import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, create_model

from .data_model.message import Message, ToolCall, ToolMessage
from .data_model.tasks import EnvAssertion, EnvCall, InitializationData


def mutates(method: Any) -> Any:
    method.mutates = True
    return method


class Tool:
    def __init__(self, method: Callable[..., Any]) -> None:
        self.name = method.__name__
        self._about = inspect.getdoc(method) or ""
        fields: dict[str, Any] = {
            name: (each.annotation, ... if each.default is each.empty else each.default)
            for name, each in inspect.signature(method).parameters.items()
        }
        self._arguments: type[BaseModel] = create_model("parameters", **fields)

    @property
    def openai_schema(self) -> dict[str, Any]:
        parameters = self._arguments.model_json_schema()
        return {
            "type": "function",
            "function": {"name": self.name, "description": self._about, "parameters": parameters},
        }


class ToolKit:
    """Public methods are tools, but for those that assert or set up."""

    offered: tuple[str, ...] = ()

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def get_tools(self) -> list[Tool]:
        return [Tool(getattr(self, name)) for name in self.offered]

    def tool_mutates_state(self, name: str) -> bool:
        return getattr(getattr(self, name), "mutates", False)

    def hash(self) -> str:
        return hashlib.sha256(json.dumps(self.data, sort_keys=True).encode()).hexdigest()


class Environment:
    def __init__(self, policy: str, tools: ToolKit, user_tools: ToolKit | None = None) -> None:
        self.policy = policy
        self.tools = tools
        self.user_tools = user_tools

    def get_policy(self) -> str:
        return self.policy

    def get_tools(self) -> list[Tool]:
        return self.tools.get_tools()

    def get_user_tools(self) -> list[Tool]:
        if self.user_tools is None:
            raise ValueError("the user has no tools")
        return self.user_tools.get_tools()

    def _kit(self, side: str) -> ToolKit:
        kit = self.user_tools if side == "user" else self.tools
        if kit is None:
            raise ValueError("the user has no tools")
        return kit

    def make_tool_call(self, tool_name: str, requestor: str = "assistant", **arguments: Any) -> Any:
        kit = self._kit(requestor)
        if tool_name not in kit.offered:
            raise ValueError(f"Tool '{tool_name}' not found.")
        return getattr(kit, tool_name)(**arguments)

    def get_response(self, message: ToolCall) -> ToolMessage:
        try:
            answer, error = self.make_tool_call(message.name, message.requestor, **message.arguments), False
        except Exception as raised:  # noqa: BLE001
            answer, error = f"Error: {raised}", True
        return ToolMessage(
            id=message.id, content=answer if isinstance(answer, str) else json.dumps(answer), error=error
        )

    def set_state(
        self,
        initialization_data: InitializationData | None,
        initialization_actions: list[EnvCall] | None,
        message_history: list[Message],
    ) -> None:
        if initialization_data is not None:
            self.tools.data.update(initialization_data.agent_data or {})
        for action in initialization_actions or []:
            getattr(self._kit(action.env_type), action.func_name)(**action.arguments)
        for message in message_history:
            for call in message.tool_calls or []:
                self.get_response(call)

    def run_env_assertion(self, assertion: EnvAssertion, raise_assertion_error: bool = True) -> bool:
        found: bool = getattr(self._kit(assertion.env_type), assertion.func_name)(**assertion.arguments)
        return found == assertion.assert_value

    def get_db_hash(self) -> str:
        return self.tools.hash()

    def get_user_db_hash(self) -> str | None:
        return self.user_tools.hash() if self.user_tools is not None else None
