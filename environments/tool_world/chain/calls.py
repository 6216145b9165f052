"""The parts of a task that is being written, and its golden calls: the chain is played once, with what policies want before each step.

What the user says later on is read for when it was said, so that every argument of a golden call was said or shown by a call before it.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from envgym.environments.tool_world.chain.chain import Chain, ChainStep, tool_of
from envgym.environments.tool_world.chain.choices import Choice
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.phrasing import Clause
from envgym.environments.tool_world.chain.references import Reference, Step
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.shown import shown_value


@dataclass(slots=True)
class Turn:
    """What the user asks for later on: the steps of seed chain `seed` and on. It is said when `after` changes were made."""

    seed: int
    clauses: list[Clause] = field(default_factory=list)
    reads: list[Step] = field(default_factory=list)
    after: int = 0


@dataclass(slots=True)
class Script:
    """The parts of a task that is being written."""

    introduction: str = ""
    clauses: list[Clause] = field(default_factory=list)
    calls: list[Step] = field(default_factory=list)
    later: list[Turn] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    wants: list[str] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    forbidden: list[Step] = field(default_factory=list)
    """What an agent would call that overlooks a condition, or that does more than it was asked."""
    alternatives: list[list[Step]] = field(default_factory=list)
    """Calls that are as good as the golden ones."""
    answer: dict[str, Any] | None = None
    hops: int = 0
    tricks: list[str] = field(default_factory=list)

    @property
    def said(self) -> list[Clause]:
        """The clauses of the turn that is being written."""
        return self.later[-1].clauses if self.later else self.clauses

    def read(self, reference: Reference) -> None:
        """Adds the reads of a reference, each once."""
        self.hops = max(self.hops, reference.hops)
        for step in reference.reads:
            self.add(step)

    def add(self, step: Step) -> None:
        """Adds a read to the turn that is being written."""
        reads = self.later[-1].reads if self.later else self.calls
        if step not in self.calls and step not in reads:
            reads.append(step)


def play_script(chain: Chain, script: Script) -> None:
    """Plays the chain and writes its calls, with what policies want before them."""
    script.calls = _played(chain, script)


def alternatives_of(chain: Chain, script: Script, choice: Choice) -> list[list[Step]]:
    """The calls with each of the other alternatives. Changes nothing of the world."""
    found = []
    for step in choice.steps[1:]:
        with chain.world.undone():
            found.append(_played(chain, script, (choice.at, step)))
    return found


def _played(chain: Chain, script: Script, instead: tuple[int, ChainStep] | None = None) -> list[Step]:
    """All calls of a script, one step of the chain replaced: what is read first, then each step, later turns where they are due."""
    calls, waiting, asked = list(script.calls), list(script.later), set[str]()
    writes: list[Step] = []
    confirms = [policy for policy in chain.domain.policies.values() if policy.kind == "confirm"]
    for at, arguments in chain.play(instead=instead):
        step = instead[1] if instead is not None and instead[0] == at else chain.steps[at]
        while waiting and waiting[0].seed <= step.seed:
            _begin(waiting.pop(0), calls, writes)
        name, tool = step.operation.name, tool_of(chain.domain, step.operation).name
        if tool not in asked and any(not policy.on or name in policy.on for policy in confirms):
            asked.add(tool)
            question = f"Shall I go ahead: {name.replace('_', ' ')}?"
            calls.append({"tool": "ask_user", "arguments": {"text": question, "about": tool}})
        writes.append(call_of_step(chain.domain, replace(step, arguments=arguments)))
        calls.append(writes[-1])
    for turn in waiting:
        _begin(turn, calls, writes)
    script.wants += sorted(asked - set(script.wants))
    return calls


def _begin(turn: Turn, calls: list[Step], writes: list[Step]) -> None:
    """Notes when a turn begins, and reads what it needs."""
    turn.after = len([step for at, step in enumerate(writes) if step not in writes[:at]])
    calls += [step for step in turn.reads if step not in calls]


def call_of_step(domain: Domain, step: ChainStep) -> Step:
    """The call of a step."""
    tool = tool_of(domain, step.operation).name
    return {"tool": tool, "arguments": shown_arguments(domain, step.operation, step.arguments)}


def shown_arguments(domain: Domain, operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as a call has them: ids, and values as they are shown; those that are not given are left out."""
    tool = tool_of(domain, operation)
    shown: dict[str, Any] = {}
    for name, parameter in zip(tool.arguments_of, operation.parameters, strict=True):
        value = arguments[parameter.name]
        if value is None:
            continue
        if parameter.entity is None:
            assert parameter.field is not None
            shown[name] = shown_value(domain, parameter.field, value)
        else:
            shown[name] = [_id(each) for each in value] if isinstance(value, list) else _id(value)
    return shown


def _id(place: Place) -> str:
    return place[1]
