"""The schedule of faults: which call fails and how, a pure function of (seed, task, tool and arguments, how often they were called).

The budget is what keeps every task solvable: so many faults in an episode, and two at most in calls of the same tool with the same
arguments, after which the call is as good as without noise.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from envgym.message import Message, Observation, text_of
from envgym.noise.kinds import Fault, Kind, Refusal, Rewriting, Spoiling
from envgym.noise.memory import Call, Memory
from envgym.noise.request_text import RequestText
from envgym.task import derive_seed

FAULTS_PER_CALL = 2
"""In calls of one tool with the same arguments."""


@dataclass(frozen=True)
class Schedule:
    """What can go wrong, and how often."""

    level: float
    """The chance of a fault per call, and of a slip per word of the request."""
    seed: int
    budget: int
    """Faults in one episode at most."""
    kinds: tuple[Kind, ...]

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(kind for kind in self.kinds if isinstance(kind, Fault))

    def draw(self, task: str, call: Call, memory: Memory) -> "Draw":
        """What happens to a call that is about to be made."""
        if memory.faults() >= self.budget or memory.faults(call.key) >= FAULTS_PER_CALL:
            return LEFT_ALONE
        rng = random.Random(derive_seed("fault", self.seed, task, call.key, memory.occurrence(call.key)))
        if rng.random() >= self.level:
            return LEFT_ALONE
        order = rng.sample(self.faults, len(self.faults))
        return Draw(tuple(kind for kind in order if kind.fits(call, memory)), rng)

    def rewritten(self, observation: Observation, literals: Iterable[str]) -> Observation:
        """The first observation with its requests, the user's text, badly written."""
        rewriters = [kind for kind in self.kinds if isinstance(kind, Rewriting)]
        if not rewriters or not self.level:
            return observation
        protected = tuple(literals)
        return tuple(self._rewritten(message, rewriters, protected) for message in observation)

    def _rewritten(self, message: Message, rewriters: list[Rewriting], literals: tuple[str, ...]) -> Message:
        if message["role"] != "user" or not isinstance(message["content"], str):
            return message
        text = text_of(message)
        request = RequestText.of(text, literals)
        for kind in rewriters:
            request = kind.rewritten(
                request, self.level, random.Random(derive_seed("request", self.seed, kind.name, text))
            )
        return {**message, "content": str(request)}


@dataclass(frozen=True, slots=True)
class Draw:
    """Kinds of faults that fit a call, the one that was drawn first. Empty: the call is left alone."""

    kinds: tuple[Fault, ...]
    rng: random.Random

    def refusal(self) -> Refusal | None:
        """What comes instead of the call."""
        return self.kinds[0] if self.kinds and isinstance(self.kinds[0], Refusal) else None

    def spoilt(self, call: Call, result: str, memory: Memory) -> tuple[Spoiling, str] | None:
        """The first kind that can spoil this result, and what it makes of it."""
        for kind in self.kinds:
            if isinstance(kind, Spoiling) and (text := kind.spoilt(call, result, memory, self.rng)) is not None:
                return kind, text
        return None


LEFT_ALONE = Draw((), random.Random(0))
"""Nothing happens to the call, so nothing is drawn."""
