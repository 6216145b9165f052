"""Who answers: a policy gets the whole prompt of a model call and returns one reply, with its tokens where it has them.

`start` is called once per episode and returns the object that answers in it; a policy without memory returns itself. Only scripted
policies look at the scaffold that `start` is given; a model never sees it.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from envgym.errors import UsageError
from envgym.message import Message, ToolSpec
from envgym.scaffold import Scaffold


@dataclass(slots=True)
class Tokens:
    """The tokens of one call as the engine used them."""

    prompt_ids: list[int]
    completion_ids: list[int]
    logprobs: list[float]
    """One per completion token, natural log, under the sampling distribution."""


@dataclass(slots=True)
class Request:
    """One model call. `messages` belongs to the scaffold: read it, do not change it."""

    messages: list[Message]
    tools: list[ToolSpec]
    seed: int
    max_tokens: int | None = None
    temperature: float | None = None


@dataclass(slots=True)
class Reply:
    """What came back. `message` has role assistant."""

    message: Message
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    tokens: Tokens | None = None
    policy_version: int = 0
    extra: dict[str, str] = field(default_factory=dict)


class Player(Protocol):
    """Answers the calls of one episode."""

    async def sample(self, request: Request) -> Reply:
        """One reply. Raises PolicyFailure when the model cannot be reached or answers something that is no reply."""
        ...


class Policy:
    """Write `sample`, or `start` where each episode needs memory of its own."""

    name: str = "policy"
    temperature: float | None = None
    """At which it samples where the run says nothing; recorded on the trajectory."""
    instant: ClassVar[bool] = False
    """True: `sample` never waits, so the engine sets no timer for it."""

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        """The player of one episode; called after reset."""
        return self

    async def sample(self, request: Request) -> Reply:
        raise UsageError(f"{type(self).__name__} needs sample(request)")

    async def close(self) -> None:
        """Gives back connections and models. Harmless when called twice."""
