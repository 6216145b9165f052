"""Tasks and how they are judged."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from .message import Message, Requestor, ToolCall


class Instructions(BaseModel):
    domain: str
    reason_for_call: str
    known_info: str | None = None
    unknown_info: str | None = None
    task_instructions: str


class UserScenario(BaseModel):
    persona: str | None = None
    instructions: Instructions | str


class Action(BaseModel):
    action_id: str = ""
    requestor: Requestor = "assistant"
    name: str
    arguments: dict[str, Any]

    def compare_with_tool_call(self, tool_call: ToolCall) -> bool:
        return (self.name, self.arguments) == (tool_call.name, tool_call.arguments)


class EnvCall(BaseModel):
    env_type: Requestor
    func_name: str
    arguments: dict[str, Any]


class EnvAssertion(EnvCall):
    assert_value: bool = True


class RewardType(StrEnum):
    DB = "DB"
    ENV_ASSERTION = "ENV_ASSERTION"
    NL_ASSERTION = "NL_ASSERTION"
    ACTION = "ACTION"
    COMMUNICATE = "COMMUNICATE"


class EvaluationCriteria(BaseModel):
    actions: list[Action] | None = None
    env_assertions: list[EnvAssertion] | None = None
    communicate_info: list[str] | None = None
    nl_assertions: list[str] | None = None
    reward_basis: list[RewardType] = [RewardType.DB, RewardType.COMMUNICATE]


class InitializationData(BaseModel):
    agent_data: dict[str, Any] | None = None
    user_data: dict[str, Any] | None = None


class InitialState(BaseModel):
    initialization_data: InitializationData | None = None
    initialization_actions: list[EnvCall] | None = None
    message_history: list[Message] | None = None


class Task(BaseModel):
    id: str
    user_scenario: UserScenario
    initial_state: InitialState | None = None
    evaluation_criteria: EvaluationCriteria | None = None
    user_tools: list[str] | None = None
