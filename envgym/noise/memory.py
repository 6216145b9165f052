"""What the noise remembers of an episode: every well-formed call, what became of it, and what is still out of service.

Time is counted in calls. Nothing here depends on a clock, so a snapshot holds all of it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from envgym.tool_env import Tool

Key = tuple[str, str]
"""A tool and its arguments as canonical JSON."""


@dataclass(frozen=True, slots=True)
class Call:
    """A well-formed call that is about to be made."""

    name: str
    """By which the agent calls the tool."""
    tool: Tool
    arguments: str
    fallback: str
    """The tool that stands in for this one; empty where none does."""
    was_done: Callable[[], bool | None]
    """Asks the world whether this very call was carried out before; None where nobody can say."""

    @property
    def key(self) -> Key:
        return self.name, self.arguments

    @property
    def repeatable(self) -> bool:
        """Whether making the call twice is the same as once."""
        return self.tool.effect in ("reads", "tests") and not self.tool.final

    @property
    def in_doubt(self) -> bool:
        """Whether its outcome may be left open: a repetition or one look must be able to settle it."""
        return self.repeatable or self.tool.final or self.was_done() is False


@dataclass(frozen=True, slots=True)
class Entry:
    """One call that was made, and what the noise did to it."""

    turn: int
    key: Key
    fallback: str
    repeatable: bool
    final: bool = False
    kind: str = ""
    """The kind of the fault; empty where the agent got what the tool said."""
    injected: bool = False
    """A fault of its own, and not the consequence of an earlier one: a tool that is still closed, or dead."""
    failed: bool = False
    """The agent got an error and no result."""
    stood: bool = True
    """The tool did its work."""
    in_doubt: bool = False
    """The agent was not told whether it did."""
    whole: bool = False
    """Nothing of the result was lost, whatever was done to it."""

    @property
    def clean(self) -> bool:
        """Whether the agent got all that the tool said."""
        return not self.kind or self.whole

    def as_info(self) -> dict[str, Any]:
        """What happened, for records."""
        return {"tool": self.key[0], "kind": self.kind, "stood": self.stood, "injected": self.injected}


@dataclass(frozen=True, slots=True)
class Closure:
    """A tool that turns calls away for a while."""

    kind: str
    status: str
    until: int
    """The number of the first call that is answered again."""


@dataclass
class Memory:
    """The noise of one episode so far."""

    log: list[Entry] = field(default_factory=list)
    results: dict[Key, tuple[int, str]] = field(default_factory=dict)
    """The last true result of each read, and the number of the call that gave it."""
    closed: dict[str, Closure] = field(default_factory=dict)
    """Tools that turned a call away, also those that are open again."""
    dead: dict[str, str] = field(default_factory=dict)
    """Tools that are out of service for good, and what stands in for each."""
    turns_given_back: int = 0
    """Turns that a careful agent needs to get over the faults so far."""
    _made: Counter[Key] = field(default_factory=Counter)
    _spoilt: Counter[Key] = field(default_factory=Counter)

    @property
    def number(self) -> int:
        """The number of the call that comes next; the first is 1."""
        return len(self.log) + 1

    def occurrence(self, key: Key) -> int:
        """How often this call was made before."""
        return self._made[key]

    def faults(self, key: Key | None = None) -> int:
        """How many faults were injected so far, into the calls with this key or into all."""
        return self._spoilt.total() if key is None else self._spoilt[key]

    def write(self, entry: Entry) -> None:
        self.log.append(entry)
        self._made[entry.key] += 1
        if entry.injected:
            self._spoilt[entry.key] += 1
