"""AnswerEnv: one question, one final answer.

The first reply with text ends the episode; an empty one is told and costs a turn. `grade` gets the whole reply as the model wrote it:
how the answer is read out of it is the verifier's business.
"""

from typing import Any, ClassVar

from envgym.env import AgentEnv
from envgym.errors import InvalidAction, UsageError
from envgym.message import Message, Observation, text_of
from envgym.task import Task
from envgym.verdict import Verdict


class AnswerEnv(AgentEnv):
    """Write `generate`, `begin` (the question) and `grade` (the verdict on a reply)."""

    max_turns: ClassVar[int] = 3
    reply: str | None = None

    def grade(self, reply: str, task: Task) -> Verdict:
        """Judges the agent's reply. Pure: the same arguments give the same verdict."""
        raise UsageError(f"{type(self).__name__} needs grade(reply, task)")

    def respond(self, message: Message) -> tuple[Observation, bool]:
        text = text_of(message)
        if message.get("tool_calls"):
            raise InvalidAction("there are no tools here; reply with the answer as text", code="tool.unknown")
        if not text.strip():
            raise InvalidAction("your reply is empty; reply with the answer", code="answer.empty")
        self.reply = text
        return (), True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.reply = None
        return super().reset(seed=seed, options=options)

    def verify(self) -> Verdict:
        if self.reply is None or self.task is None:
            return Verdict.malformed("no answer was given", code="answer.none")
        return self.grade(self.reply, self.task)
