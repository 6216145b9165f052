"""Scripted policies: they need no model and make every part testable.

`oracle` plays the environment's golden solution in the scaffold's protocol, `idle` never solves anything, `random` is the floor,
`replay` gives back recorded replies.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from envgym.errors import Drift, EnvFailure, EnvgymError, UsageError
from envgym.message import Message, assistant
from envgym.policy.policy import Player, Policy, Reply, Request
from envgym.scaffold import Scaffold
from envgym.trajectory import Step, Trajectory


class Oracle(Policy):
    """Plays the golden solution. Raises UsageError where the environment has none."""

    name = "oracle"
    instant: ClassVar[bool] = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        return _Script(
            map(as_reply, scaffold.golden()),
            lambda: EnvFailure(f"the oracle of {scaffold.env.id} stopped before the episode ended"),
        )


class Idle(Policy):
    """Says something harmless for ever and solves nothing."""

    name = "idle"
    instant: ClassVar[bool] = True

    async def sample(self, request: Request) -> Reply:
        return Reply(assistant("I am thinking about it."))


class RandomPolicy(Policy):
    """Well-formed random actions in the scaffold's protocol, from the episode's own stream."""

    name = "random"
    instant: ClassVar[bool] = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        return _Script(_random_replies(scaffold, random.Random(seed)), lambda: Drift("random replies never end"))


class Replay(Policy):
    """Gives back the replies of recorded episodes to the same tasks and policy seeds."""

    name = "replay"
    instant: ClassVar[bool] = True

    def __init__(self, recorded: Iterable[Trajectory]) -> None:
        self._replies: Mapping[tuple[str, int], list[Reply]] = {
            (each.task.key, each.policy_seed): [as_given(each.messages[step.reply], step) for step in each.steps]
            for each in recorded
        }

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        task = scaffold.env.task
        key = task.key if task is not None else ""
        replies = self._replies.get((key, seed))
        if replies is None:
            raise UsageError(
                f"no recorded episode of {key!r} with policy seed {seed}; use the seed of the recorded run"
            )
        return _Script(iter(replies), lambda: Drift("the recorded episode ends here, this one goes on"))


class _Script:
    """Answers with the next reply of a script; raises what `over` makes after the last."""

    def __init__(self, replies: Iterator[Reply], over: Callable[[], EnvgymError]) -> None:
        self._replies = replies
        self._over = over

    async def sample(self, request: Request) -> Reply:
        reply = next(self._replies, None)
        if reply is None:
            raise self._over()
        return reply


def as_reply(message: Message) -> Reply:
    return Reply(message, "tool_calls" if message.get("tool_calls") else "stop")


def as_given(message: Message, step: Step) -> Reply:
    """A recorded reply with all that the model server said of it."""
    return Reply(
        message, step.finish_reason, step.prompt_tokens, step.completion_tokens, policy_version=step.policy_version
    )


def _random_replies(scaffold: Scaffold, rng: random.Random) -> Iterator[Reply]:
    while True:
        yield as_reply(scaffold.phrase(scaffold.env.random_action(rng)))
