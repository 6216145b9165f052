"""Faults of a call itself: it times out before or after its effect, is turned away for a while, or its tool is gone for good."""

from typing import ClassVar

from envgym.noise import marks
from envgym.noise.kinds import Refusal, Rng, Spoiling, register
from envgym.noise.memory import Call, Closure, Memory

LONGEST_WAIT = 2
"""Calls that a tool which turned one away lets pass, at most, until it answers again."""


@register
class TimeoutBefore(Refusal):
    """No answer, and nothing was done. The agent cannot tell it from a timeout after the effect."""

    name = "timeout_before"
    turns: ClassVar[int] = 2
    doubtful: ClassVar[bool] = True

    def fits(self, call: Call, memory: Memory) -> bool:
        return call.in_doubt

    def told(self, call: Call, memory: Memory, rng: Rng) -> str:
        return marks.timeout(call.name)


@register
class TimeoutAfter(Spoiling):
    """No answer, but the effect stands: the agent must look before it repeats. The call that ends the episode is never lost."""

    name = "timeout_after"
    turns: ClassVar[int] = 2
    fails: ClassVar[bool] = True
    doubtful: ClassVar[bool] = True

    def fits(self, call: Call, memory: Memory) -> bool:
        return not call.repeatable and not call.tool.final and call.in_doubt

    def spoilt(self, call: Call, result: str, memory: Memory, rng: Rng) -> str | None:
        return marks.timeout(call.name)


class TurnedAway(Refusal):
    """Nothing was done, and the tool answers again after some more calls of whatever tool."""

    status: ClassVar[str]
    turns: ClassVar[int] = 1 + LONGEST_WAIT

    def told(self, call: Call, memory: Memory, rng: Rng) -> str:
        wait = rng.randint(1, LONGEST_WAIT)
        memory.closed[call.name] = Closure(self.name, self.status, until=memory.number + wait + 1)
        return marks.refused(self.status, call.name, wait)


@register
class RateLimit(TurnedAway):
    name = "rate_limit"
    status = "429 too many requests"


@register
class Unavailable(TurnedAway):
    name = "unavailable"
    status = "503 service unavailable"


@register
class DeadTool(Refusal):
    """The tool is gone for good. Only one for which another stands in that is not gone itself."""

    name = "dead_tool"

    def fits(self, call: Call, memory: Memory) -> bool:
        return bool(call.fallback) and call.fallback not in memory.dead and call.name not in memory.dead.values()

    def told(self, call: Call, memory: Memory, rng: Rng) -> str:
        memory.dead[call.name] = call.fallback
        return marks.dead(call.name, call.fallback)
