"""The recovery oracle: it plays a golden solution and gets over every fault on the way.

It goes by what an agent sees: it reads each result, makes a call again when that is told, waits as many calls as it is asked to, goes to
the tool that stands in for a dead one, and after an open outcome of a call that changes the world it looks before it repeats. That an
episode under noise scores 1.0 by it is the proof that the task is still solvable.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from envgym.message import Action, Message, ToolCall, call, text_of
from envgym.noise import marks

if TYPE_CHECKING:
    from envgym.noise.noisy import Noisy

PATIENCE = 20
"""Repetitions of one call; far above any budget of faults, and an end where a result always looks broken."""


class Recovery:
    """Plays in `noisy`. What the oracle inside reads between its actions is what its own calls gave, not those made to get there."""

    def __init__(self, noisy: "Noisy") -> None:
        self._noisy = noisy
        self._stand_ins: dict[str, str] = {}
        self._last_read: ToolCall | None = None

    def play(self, golden: Iterator[Action]) -> Iterator[Action]:
        """Every action of `golden`, and what it takes until each was done."""
        env = self._noisy.env
        for action in golden:
            made = self._redirected(action)
            yield made
            said = env.observe()
            for position, each in enumerate(calls_of(made)):
                result = yield from self._settled(each, position)
                if result is not None and position < len(said):
                    said = (*said[:position], result, *said[position + 1 :])
            env._observation = said

    def _redirected(self, action: Action) -> Action:
        """`action` with calls of dead tools made to those that stand in for them."""
        if isinstance(action, str) or not action.get("tool_calls") or not self._stand_ins:
            return action
        return {**action, "tool_calls": [renamed(each, self._stand_ins) for each in action["tool_calls"]]}

    def _settled(self, made: ToolCall, position: int) -> Generator[Action, None, Message | None]:
        """Repeats, waits and looks until `made` was done; returns the last result, None where the first was good."""
        shown = self._noisy.observe()
        result: Message | None = None
        for _ in range(PATIENCE):
            told = marks.read(text_of(shown[position])) if position < len(shown) else None
            if told is None:
                self._note(made)
                return result
            if told.what == "look" and not self._repeatable(made):
                yield from self._look(made)
                if self._noisy.was_done(made):
                    return result
            elif told.what == "wait":
                yield from self._wait(made, told.calls)
            elif told.what == "other tool":
                self._stand_ins[made["function"]["name"]] = told.tool
                made = renamed(made, self._stand_ins)
            yield asking(made)
            position, shown, result = 0, self._noisy.observe(), self._noisy.env.observe()[0]
        return result

    def _look(self, made: ToolCall) -> Iterator[Action]:
        """Reads whether `made` was done, where there is a call that shows it."""
        look = self._noisy.look_for(made)
        if look is not None:
            yield look
            for each in calls_of(look):
                yield from self._settled(each, 0)

    def _wait(self, made: ToolCall, calls: int) -> Iterator[Action]:
        """Lets some calls pass: by reading something, or where there is nothing to read, by asking in vain."""
        other = self._pastime(made["function"]["name"])
        if other is None:
            yield from [asking(made)] * calls
            return
        for _ in range(calls):
            yield asking(other)
            yield from self._settled(other, 0)

    def _pastime(self, closed: str) -> ToolCall | None:
        """What can be read while the tool `closed` is: what was read last, or a tool that takes no arguments."""
        if self._last_read is not None and self._last_read["function"]["name"] != closed:
            return self._last_read
        for spec in self._noisy.tools():
            name, parameters = spec["function"]["name"], spec["function"]["parameters"]
            entry = self._noisy.offered().get(name)
            reads = entry is not None and entry.effect == "reads" and not entry.final
            if reads and name != closed and name not in self._stand_ins and not parameters.get("required"):
                return calls_of(call(name))[0]
        return None

    def _repeatable(self, made: ToolCall) -> bool:
        entry = self._noisy.offered().get(made["function"]["name"])
        return entry is None or entry.final or entry.effect in ("reads", "tests")

    def _note(self, made: ToolCall) -> None:
        entry = self._noisy.offered().get(made["function"]["name"])
        if entry is not None and entry.effect == "reads" and not entry.final:
            self._last_read = made


def calls_of(action: Action) -> list[ToolCall]:
    return [] if isinstance(action, str) else list(action.get("tool_calls") or ())


def renamed(made: ToolCall, stand_ins: dict[str, str]) -> ToolCall:
    """`made` as a call of the tool that stands in for its own."""
    function = made["function"]
    name = stand_ins.get(function["name"], function["name"])
    return {**made, "function": {"name": name, "arguments": function["arguments"]}}


def asking(made: ToolCall) -> Message:
    """A message with one call."""
    return {"role": "assistant", "content": None, "tool_calls": [{**made, "id": "call_0"}]}
