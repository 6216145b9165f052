"""What happens between a call and its tool: passed on, refused, or passed on and its result spoilt; and written down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envgym.message import Observation, text_of
from envgym.noise import marks
from envgym.noise.kinds import Fault
from envgym.noise.memory import Call, Entry, Memory
from envgym.noise.schedule import Draw, Schedule

LONGEST_KEPT = 20_000
"""Characters of a result that can come back as a stale one."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that reached its tool."""

    said: Observation
    """The result, and whatever else the environment had to say."""
    ended: bool
    refused: bool
    """The tool could not do it, and said so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    made: Made | None
    """None where the call never reached its tool."""
    instead: str = ""
    """What the agent gets in place of the result; empty where it gets that."""


@dataclass(frozen=True, slots=True)
class Interference:
    """The noise in one turn of a task."""

    schedule: Schedule
    memory: Memory
    task: str
    turn: int
    tell: Callable[[str], str]
    """Words an error as the environment does."""

    def carry_out(self, call: Call, run: Callable[[], Made]) -> Answer:
        """Makes `call` by `run`, or refuses it. A refusal leaves the world untouched: `run` is not called."""
        if (standing := self._standing_refusal(call)) is not None:
            kind, text = standing
            self.memory.write(self._entry(call, kind=kind, failed=True, stood=False))
            return Answer(None, self.tell(text))
        draw = self.schedule.draw(self.task, call, self.memory)
        refusal = draw.refusal()
        if refusal is not None:
            text = refusal.told(call, self.memory, draw.rng)
            self._inject(call, refusal, stood=False)
            return Answer(None, self.tell(text))
        made = run()
        return Answer(made, self._instead(call, draw, made))

    def _standing_refusal(self, call: Call) -> tuple[str, str] | None:
        """The kind and the words of a refusal that follows from an earlier one."""
        tool, memory = call.name, self.memory
        if tool in memory.dead:
            return "dead_tool", marks.dead(tool, memory.dead[tool])
        closure = memory.closed.get(tool)
        if closure is not None and memory.number < closure.until:
            return closure.kind, marks.refused(closure.status, tool, closure.until - memory.number - 1)
        return None

    def _instead(self, call: Call, draw: Draw, made: Made) -> str:
        """What the agent gets in place of a result; empty where it is left as it is, as the last one and every error are."""
        result = text_of(made.said[0])
        spoilt = None if made.ended or made.refused else draw.spoilt(call, result, self.memory)
        if call.repeatable and len(result) <= LONGEST_KEPT:
            self.memory.results[call.key] = self.memory.number, result
        if spoilt is None:
            self.memory.write(self._entry(call, failed=made.refused, stood=not made.refused))
            return ""
        kind, text = spoilt
        self._inject(call, kind, stood=True)
        return self.tell(text) if kind.fails else text

    def _inject(self, call: Call, kind: Fault, *, stood: bool) -> None:
        self.memory.turns_given_back += kind.turns
        self.memory.write(
            self._entry(
                call,
                kind=kind.name,
                injected=True,
                failed=kind.fails,
                stood=stood,
                in_doubt=kind.doubtful,
                whole=kind.harmless,
            )
        )

    def _entry(self, call: Call, **what: Any) -> Entry:
        return Entry(self.turn, call.key, call.fallback, call.repeatable, call.tool.final, **what)
