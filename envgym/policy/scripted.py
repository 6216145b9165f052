"""Scripted policies: they need no model and make every part testable.

`oracle` plays the environment's golden solution in the scaffold's protocol, `idle` never solves anything, `random` is the floor,
`replay` gives back recorded replies.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from envgym.errors import Drift, EnvFailure, EnvgymError, UsageError
from envgym.message import Message, assistant
from envgym.policy.policy import Player, Policy, Reply, Request
from envgym.scaffold import Scaffold
from envgym.trajectory import Trajectory


class Oracle(Policy):
    """Plays the golden solution. Raises UsageError where the environment has none."""

    name = "oracle"
    instant: ClassVar[bool] = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        return _Script(
            scaffold.golden(), EnvFailure(f"the oracle of {scaffold.env.id} stopped before the episode ended")
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
        return _Script(_random_replies(scaffold, random.Random(seed)), Drift("unreachable: random replies never end"))


class Replay(Policy):
    """Gives back the replies of recorded episodes to the same tasks and policy seeds."""

    name = "replay"
    instant: ClassVar[bool] = True

    def __init__(self, recorded: Iterable[Trajectory]) -> None:
        self._replies: Mapping[tuple[str, int], list[Message]] = {
            (each.task.key, each.policy_seed): [each.messages[step.reply] for step in each.steps] for each in recorded
        }

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        task = scaffold.env.task
        key = task.key if task is not None else ""
        replies = self._replies.get((key, seed))
        if replies is None:
            raise UsageError(
                f"no recorded episode of {key!r} with policy seed {seed}; use the seed of the recorded run"
            )
        return _Script(iter(replies), Drift("the recorded episode ends here, this one goes on"))


class _Script:
    """Answers with the next reply of a script; raises `over` after the last."""

    def __init__(self, replies: Iterator[Message], over: EnvgymError) -> None:
        self._replies = replies
        self._over = over

    async def sample(self, request: Request) -> Reply:
        reply = next(self._replies, None)
        if reply is None:
            raise self._over
        return Reply(reply, "tool_calls" if reply.get("tool_calls") else "stop")


def _random_replies(scaffold: Scaffold, rng: random.Random) -> Iterator[Message]:
    while True:
        yield scaffold.phrase(scaffold.env.random_action(rng))
