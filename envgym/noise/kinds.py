"""The kinds of noise, each a small class, and the one table of them. `register` adds one.

A Refusal comes instead of the call: the tool never runs, and the world is untouched. A Spoiling comes after it: the effect stands and the
agent gets something else than the result. A Rewriting changes the words of the request. A kind draws from the generator that it is given
and from nothing else.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, TypeVar

from envgym.errors import UnknownId, UsageError
from envgym.noise.memory import Call, Memory
from envgym.noise.request_text import RequestText

Rng = random.Random
K = TypeVar("K", bound="type[Kind]")


class Kind(ABC):
    """One kind of noise. `name` is its name in settings and records."""

    name: ClassVar[str]


class Fault(Kind):
    """One kind of fault of a call."""

    turns: ClassVar[int] = 1
    """Turns that a careful agent needs to get over it."""
    fails: ClassVar[bool] = True
    """The agent gets an error and no result."""
    doubtful: ClassVar[bool] = False
    """The agent is not told whether the tool did its work."""
    harmless: ClassVar[bool] = False
    """Nothing is lost: the agent got all that the tool said."""

    def fits(self, call: Call, memory: Memory) -> bool:
        """Whether this can happen to `call` and the task stays solvable."""
        return True


class Refusal(Fault):
    """Instead of the call."""

    @abstractmethod
    def told(self, call: Call, memory: Memory, rng: Rng) -> str:
        """What the agent is told; the consequences for later calls go into `memory`."""


class Spoiling(Fault):
    """After the call. By default only results that can be asked for again are spoilt."""

    fails: ClassVar[bool] = False

    def fits(self, call: Call, memory: Memory) -> bool:
        return call.repeatable

    @abstractmethod
    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        """What the agent gets for `result`; None where this result cannot be spoilt in this way."""


class Rewriting(Kind):
    """In the request, once, before the first turn."""

    @abstractmethod
    def rewritten(self, request: RequestText, level: float, rng: Rng) -> RequestText:
        """The same request, worse written: literals are left as they are."""


KINDS: dict[str, Kind] = {}
"""Every kind by name, in the order in which it was registered."""


def register(kind: K) -> K:
    """Adds a kind to the table; a decorator. Raises UsageError for a name that is taken."""
    if kind.name in KINDS:
        raise UsageError(f"there is a noise kind {kind.name!r} already; give yours another name")
    KINDS[kind.name] = kind()
    return kind


def kinds_of(names: Iterable[str]) -> tuple[Kind, ...]:
    """The kinds with these names, in the order of the table; all where there are no names. Raises UnknownId."""
    from envgym.noise import refusals, requests, spoilt_results  # noqa: F401  # they fill the table

    wanted = set(names)
    for name in sorted(wanted - KINDS.keys()):
        raise UnknownId.of("noise kind", name, KINDS)
    return tuple(kind for name, kind in KINDS.items() if not wanted or name in wanted)
