"""From a chain to a task: what the user says, what it keeps back, and the golden calls with the difference that they make.

References are taken in the world as it stands before the first call, and rest on nothing that the chain changes; then the chain is
played once, which gives the ids of what it makes. Every argument of a golden call is either said by the user or shown by a call before
it.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.chain import Chain, ChainStep, Made, of_customers, tool_of
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.person import introduce, person_tools
from envgym.environments.tool_world.chain.phrasing import Clause, worded
from envgym.environments.tool_world.chain.question import draw_question
from envgym.environments.tool_world.chain.references import NotSayable, Reference, Referrer, Step
from envgym.environments.tool_world.chain.surface import said
from envgym.environments.tool_world.chain.twists import Condition, draw_change, draw_condition, said_again
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.operation import Operation, Parameter
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.shown import key_of, shown_value, styled
from envgym.environments.tool_world.tools import roles


@dataclass(slots=True)
class Script:
    """The parts of a task that is being written."""

    introduction: str = ""
    clauses: list[Clause] = field(default_factory=list)
    calls: list[Step] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    wants: list[str] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    writes: list[Step] = field(default_factory=list)
    decide: Step | None = None
    """The read that decides a condition."""
    forbidden: list[Step] = field(default_factory=list)
    """What an agent would call that overlooks a condition."""
    answer: dict[str, Any] | None = None
    hops: int = 0
    tricks: list[str] = field(default_factory=list)

    def read(self, reference: Reference) -> None:
        """Adds the reads of a reference, each once."""
        self.calls += [step for step in reference.reads if step not in self.calls]
        self.hops = max(self.hops, reference.hops)


def referrer_of(chain: Chain, rng: Random, hops: int) -> Referrer:
    """A referrer that keeps off what the chain changes."""
    readings = [read_operation(chain.domain, step.operation) for step in chain.steps]
    avoid = frozenset(column for reading in readings for column in reading.writes)
    churn = frozenset(table for reading in readings for table in reading.inserts | reading.deletes)
    return Referrer(chain.world, rng, hops, avoid, churn)


def asked_by_customer(chain: Chain) -> bool:
    """Whether a customer asks, who says who they are; else a colleague does."""
    return bool(person_tools(chain.domain)) and any(of_customers(chain.domain, step.operation) for step in chain.steps)


def write_script(chain: Chain, rng: Random, level: Level) -> Script:
    """The whole script of a chain. Raises NotSayable where a row cannot be told, NotLaid where the chain cannot be played."""
    script = Script()
    referrer = referrer_of(chain, rng, level.hops)
    introduced = introduce(referrer, chain.places(), rng) if asked_by_customer(chain) else None
    if introduced is not None:
        script.introduction, found = introduced
        script.read(found)
    held = _held_back(chain, rng) if rng.random() < level.withheld else None
    change = draw_change(chain, rng) if held is None and rng.random() < level.changes else None
    condition = draw_condition(chain, rng) if rng.random() < level.conditions else None
    for at, step in enumerate(chain.steps):
        spoken = step
        if change is not None and change.at == at:
            spoken = ChainStep(step.operation, {**step.arguments, change.name: change.before})
        say_step(chain, referrer, script, spoken, rng, held if held is not None and held[0] == at else None)
        if condition is not None and condition.at == at:
            _restrict(chain, referrer, script, condition)
    if change is not None:
        script.revisions.append({"after": 1, "say": said_again(chain, change, rng)})
        script.tricks.append("changed")
    asked = rng.random() < level.questions
    places = [*([referrer.me] if referrer.me else []), *chain.places()]
    question = draw_question(referrer, places, rng) if asked else None
    if condition is not None and not condition.holds:
        dropped = chain.steps.pop(condition.at)
        tool = tool_of(chain.domain, dropped.operation).name
        script.forbidden.append(
            {"tool": tool, "arguments": shown_arguments(chain.domain, dropped.operation, dropped.arguments)}
        )
    play_script(chain, script)
    if change is not None and script.calls[0] in script.writes:
        raise NotSayable("nothing is read before the change of mind")
    if question is not None:
        script.clauses.append(Clause(question.clause))
        script.calls += [step for step in question.reads if step not in script.calls]
        script.answer = question.answer
        script.tricks.append("question")
    return script


def _restrict(chain: Chain, referrer: Referrer, script: Script, condition: Condition) -> None:
    """Adds a condition to the clause that was said last, and the read that decides it."""
    table = chain.world.table_of(condition.place[0])
    whose = "my" if condition.place == referrer.me else f"the {condition.field.replace('_', ' ')} of that {table.noun}"
    told = f"my {condition.field.replace('_', ' ')}" if whose == "my" else whose
    last = script.clauses[-1]
    text = f"{last.text}, but only if {told} is {condition.value.replace('_', ' ')}"
    script.clauses[-1] = Clause(text, last.whole)
    key = key_of(chain.domain, table, "id")
    script.decide = {"tool": roles(chain.domain)["get", table.name, ()].name, "arguments": {key: condition.place[1]}}
    script.tricks.append("condition")


def say_step(
    chain: Chain, referrer: Referrer, script: Script, step: ChainStep, rng: Random, held: tuple[int, str] | None
) -> None:
    """Adds the clause of one step, and the reads of the references in it."""
    words: dict[str, str] = {}
    used: list[Reference] = []
    for parameter in step.operation.parameters:
        value = step.arguments[parameter.name]
        if value is None:
            continue
        text, references = _words(chain, referrer, parameter, value, rng)
        if held is not None and held[1] == parameter.name and text != "me":
            script.facts[styled(chain.domain, parameter.shown)] = f"{text[0].upper()}{text[1:]}."
            script.tricks.append("withheld")
            noun = parameter.name.replace("_", " ")
            text = rng.choice(
                [f"the {noun} that I have in mind (ask me)", f"a certain {noun} (I will tell you which when you ask)"]
            )
            references = [
                Reference(each.text, (_ask(chain.domain, parameter), *each.reads), each.hops) for each in references
            ] or [Reference(text, (_ask(chain.domain, parameter),))]
        words[parameter.name] = text
        used += references
    script.clauses.append(worded(step.operation.say, words, rng))
    for reference in used:
        script.read(reference)


def _ask(domain: Domain, parameter: Parameter) -> Step:
    """Asks for an argument by its name in the tool."""
    text = f"Which {parameter.name.replace('_', ' ')} do you mean?"
    return {"tool": "ask_user", "arguments": {"text": text, "about": styled(domain, parameter.shown)}}


def _words(
    chain: Chain, referrer: Referrer, parameter: Parameter, value: Any, rng: Random
) -> tuple[str, list[Reference]]:
    """How an argument is said, and the references in it."""
    if isinstance(value, Made):
        return f"the {chain.world.table_of(value.table).noun} that comes of it", []
    if isinstance(value, list):
        references = [referrer.refer(place) for place in value]
        texts = [reference.text for reference in references]
        return (texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"), references
    if isinstance(value, tuple):
        reference = referrer.refer(value)
        return reference.text, [reference]
    assert parameter.field is not None
    if parameter.field.kind == "ref":
        reference = referrer.refer((chain.world.table_of(parameter.field.target).name, value))
        return reference.text, [reference]
    text = said(parameter.field, value, chain.world.calendar, rng, relative=False)
    return (f'"{text}"' if parameter.field.kind == "note" else text), []


def _held_back(chain: Chain, rng: Random) -> tuple[int, str] | None:
    """A step and a parameter that the user keeps back until it is asked."""
    names = [parameter.name for step in chain.steps for parameter in step.operation.parameters]
    found = [
        (at, parameter.name)
        for at, step in enumerate(chain.steps)
        for parameter in step.operation.parameters
        if step.arguments[parameter.name] is not None
        and not isinstance(step.arguments[parameter.name], Made | list)
        and names.count(parameter.name) == 1
    ]
    return rng.choice(found) if found else None


def play_script(chain: Chain, script: Script) -> None:
    """Plays the chain and writes its calls, with what policies want before them."""
    if script.decide is not None and script.decide not in script.calls:
        script.calls.append(script.decide)
    confirms = [policy for policy in chain.domain.policies.values() if policy.kind == "confirm"]
    for step, arguments in zip(chain.steps, chain.play(), strict=True):
        name = step.operation.name
        tool = tool_of(chain.domain, step.operation).name
        if tool not in script.wants and any(not policy.on or name in policy.on for policy in confirms):
            script.wants.append(tool)
            asked = f"Shall I go ahead: {name.replace('_', ' ')}?"
            script.calls.append({"tool": "ask_user", "arguments": {"text": asked, "about": tool}})
        made = {"tool": tool, "arguments": shown_arguments(chain.domain, step.operation, arguments)}
        script.calls.append(made)
        script.writes.append(made)


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
