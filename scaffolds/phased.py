"""Phases: what a reply may ask for depends on what happened before. The loop that phased scaffolds share.

A reply that comes too early is refused as a whole, which is told and costs a turn. A reply that is for the scaffold alone (a plan, a
look back) is answered by the scaffold and costs none: each kind is bounded per episode, or it would never end. Tools are offered from the
first call on and the transcript only grows, so an episode stays one training path. Every tool call gets a result, refused ones too:
model servers turn down a history in which one has none.
"""

import posixpath

from envgym.env import StepResult
from envgym.errors import InvalidAction
from envgym.message import Action, Message, Observation, ToolCall, as_assistant, text_of, tool_result, user
from envgym.scaffolds.function_calling import FunctionCalling
from envgym.tool_env import Effect, ToolEnv


class Phased(FunctionCalling):
    """Write `admit` and, where a phase ends by what the world did, `after`."""

    def admit(self, reply: Message) -> str:
        """What the scaffold itself answers; empty where the reply is for the world. Raises InvalidAction when it comes too early."""
        return ""

    def after(self, reply: Message) -> str:
        """What is said after the world has answered `reply`; empty for nothing."""
        return ""

    def step(self, action: Action) -> StepResult:
        try:
            reply = as_assistant(action)
        except InvalidAction as error:
            return self.look(self.env.refuse(error))
        self.transcript.append(reply)
        try:
            answer = self.admit(reply)
        except InvalidAction as error:
            return self._answered(reply, self.env.refuse(error))
        if answer:
            return self._answered(reply, ((user(answer),), 0.0, False, False, {}))
        return self._said(self.look(self.env.step(reply)), reply)

    def _answered(self, reply: Message, result: StepResult) -> StepResult:
        """`result` as the answer to each call of a reply that never reached the world."""
        text = "\n".join(map(text_of, result[0]))
        told: Observation = tuple(tool_result(each["id"], text) for each in calls_of(reply))
        return self.look((told or result[0], *result[1:]))

    def _said(self, result: StepResult, reply: Message) -> StepResult:
        note = "" if result[2] or result[3] else self.after(reply)
        if not note:
            return result
        self.transcript.append(user(note))
        return ((*result[0], user(note)), *result[1:])

    # ---- what the environment says of its tools

    def effect(self, call: ToolCall) -> Effect | None:
        """What a call does to the work; None where there is no such tool, which is for the world to tell."""
        name = call["function"]["name"]
        if isinstance(self.env, ToolEnv):
            entry = self.env.toolbox.get(name)
            return entry.effect if entry is not None else None
        return "changes" if any(spec["function"]["name"] == name for spec in self.env.tools()) else None

    def final(self, call: ToolCall) -> bool:
        """Whether a call ends the episode."""
        entry = self.env.toolbox.get(call["function"]["name"]) if isinstance(self.env, ToolEnv) else None
        return entry is not None and entry.final

    def effects(self) -> set[Effect]:
        """Effects of the tools that are offered now, apart from those that end the episode."""
        if not isinstance(self.env, ToolEnv):
            return set()
        offered = (self.env.toolbox.get(spec["function"]["name"]) for spec in self.env.tools())
        return {entry.effect for entry in offered if entry is not None and not entry.final}

    def places_of(self, call: ToolCall) -> list[str]:
        """What a call changes, as `normal` writes it; empty where nobody can say."""
        if not isinstance(self.env, ToolEnv) or self.effect(call) != "changes":
            return []
        return list(map(normal, self.env.places_of(call)))


def normal(place: str) -> str:
    """A place as it is compared: a path without `.`, `..` and doubled separators, so that `tests/../a.py` is no test."""
    return posixpath.normpath(place.strip().replace("\\", "/"))


def calls_of(action: Action) -> list[ToolCall]:
    return [] if isinstance(action, str) else list(action.get("tool_calls") or ())
