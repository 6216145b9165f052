"""Scaffold: how an agent is held. A gymnasium wrapper whose action is the model's raw reply.

`prompt()` is the whole context of the next model call and `offered()` the tools passed to its API. The same task runs under every
scaffold unchanged. Transcripts only grow at the end, so one episode is one training path; a scaffold that rewrites history (compaction)
replaces `transcript`, and the record branches there.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

import gymnasium

from envgym.env import AgentEnv, Snapshot, StepResult
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, Message, Observation, ToolSpec, as_assistant, assistant, system
from envgym.verdict import Verdict


class Scaffold(gymnasium.Wrapper[Observation, Action, Observation, Action]):
    """Write `instructions`, `parse`, `show` and `phrase`; the loop is here."""

    id: ClassVar[str]
    version: ClassVar[str] = "1"
    env: AgentEnv

    def __init__(self, env: AgentEnv) -> None:
        if not isinstance(env, AgentEnv):
            raise UsageError(
                f"a scaffold holds an AgentEnv, not {type(env).__name__}; pass env.unwrapped of a made one"
            )
        super().__init__(env)
        self.transcript: list[Message] = []

    # ---- what a scaffold decides

    def instructions(self) -> str:
        """The system message; empty for none."""
        return ""

    def offered(self) -> list[ToolSpec]:
        """Tools that go into the model call natively; none where the protocol is text."""
        return []

    def parse(self, reply: Message) -> Action:
        """The action that a reply asks for. Raises InvalidAction, told to the agent, when it breaks the protocol."""
        return reply

    def show(self, observation: Observation) -> list[Message]:
        """An observation in the words of the protocol."""
        return list(observation)

    def phrase(self, action: Action) -> Message:
        """The reply by which a perfect agent would ask for `action`."""
        return assistant(action) if isinstance(action, str) else action

    def golden(self) -> Iterator[Message]:
        """The oracle's episode in this protocol, reply by reply."""
        return map(self.phrase, self.env.oracle())

    # ---- the loop

    def prompt(self) -> list[Message]:
        """The context of the next model call. The caller does not change it."""
        return self.transcript

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        observation, info = self.env.reset(seed=seed, options=options)
        instructions = self.instructions()
        head = [system(instructions)] if instructions else []
        self.transcript = [*head, *self.show(observation)]
        return observation, info

    def step(self, action: Action) -> StepResult:
        """Plays one raw reply. One that breaks the protocol costs a turn and is told."""
        try:
            reply = as_assistant(action)  # one that is too long is told and stays out of the transcript
        except InvalidAction as error:
            return self.look(self.env.refuse(error))
        self.transcript.append(reply)
        try:
            parsed = self.parse(reply)
        except InvalidAction as error:
            return self.look(self.env.refuse(error))
        return self.look(self.env.step(parsed))

    def look(self, result: StepResult) -> StepResult:
        """Adds what the world answered to the transcript."""
        self.transcript.extend(self.show(result[0]))
        return result

    # ---- the rest of the environment's contract

    def observe(self) -> Observation:
        return self.env.observe()

    def verify(self) -> Verdict:
        return self.env.verify()

    def tools(self) -> list[ToolSpec]:
        return self.env.tools()

    def oracle(self) -> Iterable[Action]:
        return self.env.oracle()

    def snapshot(self) -> tuple[Snapshot, dict[str, Any]]:
        """State of the environment and of the scaffold around it."""
        mine = {name: copy.copy(value) for name, value in self.__dict__.items() if name != "env"}
        return self.env.snapshot(), mine

    def restore(self, snapshot: tuple[Snapshot, dict[str, Any]]) -> None:
        self.env.restore(snapshot[0])
        self.__dict__.update({name: copy.copy(value) for name, value in snapshot[1].items()})

    def fork(self) -> Self:
        """An independent copy of scaffold and environment, in the middle of the episode."""
        twin = object.__new__(type(self))
        twin.__dict__.update({name: copy.copy(value) for name, value in self.__dict__.items() if name != "env"})
        twin.env = self.env.fork()
        return twin
