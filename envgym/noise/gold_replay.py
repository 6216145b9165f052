"""Gold replay: the golden replies of the clean world, played blindly. What it loses under noise is what noise costs who never looks."""

from collections.abc import Iterator
from typing import Any, ClassVar

from envgym.message import Message, assistant
from envgym.noise.noisy import Noisy
from envgym.policy.policy import Player, Policy, Reply, Request
from envgym.policy.scripted import as_reply
from envgym.scaffold import Scaffold

DONE = "That is all."


class GoldReplay(Policy):
    """Reads nothing. Once the golden replies are used up it talks until the episode is cut off."""

    name = "gold_replay"
    instant: ClassVar[bool] = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        return _Blind(iter(golden_replies(scaffold)))


class _Blind:
    def __init__(self, replies: Iterator[Message]) -> None:
        self._replies = replies

    async def sample(self, request: Request) -> Reply:
        return as_reply(next(self._replies, assistant(DONE)))


def golden_replies(scaffold: Scaffold) -> list[Message]:
    """The oracle's replies in the protocol of `scaffold`, as they are without noise."""
    rehearsal: Any = scaffold.fork()
    if isinstance(rehearsal.env, Noisy):
        rehearsal.env = rehearsal.env.env
    replies = []
    try:
        for reply in rehearsal.golden():
            replies.append(reply)
            if any(rehearsal.step(reply)[2:4]):
                break
    finally:
        rehearsal.close()
    return replies
