"""From a chain to a task: what the user says, what it keeps back, and the golden calls with the difference that they make.

References are taken in the world as it stands before the first call, and rest on nothing that the chain changes; then the chain is
played once, which gives the ids of what it makes. Every argument of a golden call is either said by the user or shown by a call before
it.
"""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.calls import Script, Turn, alternatives_of, call_of_step, play_script
from envgym.environments.tool_world.chain.chain import Chain, ChainStep, Made, of_customers, places_of
from envgym.environments.tool_world.chain.choices import Choice
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.person import introduce, person_tools
from envgym.environments.tool_world.chain.phrasing import Clause, worded
from envgym.environments.tool_world.chain.question import draw_question
from envgym.environments.tool_world.chain.references import NotSayable, Reference, Referrer, Step
from envgym.environments.tool_world.chain.surface import said
from envgym.environments.tool_world.chain.twists import Condition, draw_change, draw_condition, said_again
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.operation import Parameter
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.shown import key_of, styled
from envgym.environments.tool_world.tools import roles

STAGED = 0.5
"""Share of further seed chains that are asked for later on, when the first is done."""
ELLIPSIS = 0.6
"""How often a step like the one before it is said in short."""


def referrer_of(chain: Chain, rng: Random, hops: int, choice: Choice | None = None) -> Referrer:
    """A referrer that keeps off what the chain changes, whatever is chosen."""
    steps = [*chain.steps, *(choice.steps if choice is not None else ())]
    readings = [read_operation(chain.domain, step.operation) for step in steps]
    avoid = frozenset(column for reading in readings for column in reading.writes)
    churn = frozenset(table for reading in readings for table in reading.inserts | reading.deletes)
    return Referrer(chain.world, rng, hops, avoid, churn)


def asked_by_customer(chain: Chain) -> bool:
    """Whether a customer asks, who says who they are; else a colleague does."""
    return bool(person_tools(chain.domain)) and any(of_customers(chain.domain, step.operation) for step in chain.steps)


def untold(chain: Chain, hops: int, choice: Choice | None = None) -> Place | None:
    """A row of the chain, or of a choice in it, that cannot be told as the world stands; None where all can."""
    rng = Random(0)
    referrer = referrer_of(chain, rng, hops, choice)
    if asked_by_customer(chain):
        introduce(referrer, chain.places(), rng)
    several = [step.arguments[choice.name] for step in choice.steps] if choice is not None and choice.name else []
    others = list(choice.steps) if choice is not None and not choice.name else []
    for place in [each for each in places_of([*chain.steps, *others]) if each not in several]:
        try:
            referrer.refer(place)
        except NotSayable:
            return place
    try:
        if several:
            referrer.refer_any(several)
    except NotSayable:
        return several[0]  # type: ignore[no-any-return]
    return None


def write_script(chain: Chain, rng: Random, level: Level, choice: Choice | None = None) -> Script:
    """The whole script of a chain. Raises NotSayable where a row cannot be told, NotLaid where the chain cannot be played."""
    script = Script()
    referrer = referrer_of(chain, rng, level.hops, choice)
    introduced = introduce(referrer, chain.places(), rng) if asked_by_customer(chain) else None
    if introduced is not None:
        script.introduction, found = introduced
        script.read(found)
    staged = [seed for seed in range(1, chain.seed + 1) if rng.random() < STAGED]
    settled = [at for at in range(len(chain.steps)) if choice is None or at != choice.at]
    at_once = [at for at in settled if not any(seed <= chain.steps[at].seed for seed in staged)]
    held = _held_back(chain, rng, settled) if rng.random() < level.withheld else None
    change = draw_change(chain, rng, at_once) if held is None and rng.random() < level.changes else None
    condition = draw_condition(chain, rng) if choice is None and rng.random() < level.conditions else None
    apart = {each.at for each in (choice, change, condition) if each is not None} | ({held[0]} if held else set())
    for at, step in enumerate(chain.steps):
        if step.seed in staged and step.seed not in [turn.seed for turn in script.later]:
            script.later.append(Turn(step.seed))
        if choice is not None and choice.at == at:
            _say_choice(chain, referrer, script, choice, rng)
            continue
        spoken = step
        if change is not None and change.at == at:
            spoken = replace(step, arguments={**step.arguments, change.name: change.before})
        again = _again(chain, at, apart) and bool(script.said) and rng.random() < ELLIPSIS
        kept = held if held is not None and held[0] == at else None
        say_step(chain, referrer, script, spoken, rng, kept, again=again)
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
        script.forbidden.append(call_of_step(chain.domain, dropped))
    if choice is not None:
        script.alternatives = alternatives_of(chain, script, choice)
    read_first = bool(script.calls)
    play_script(chain, script)
    if not read_first and (change is not None or any(turn.after == 0 for turn in script.later)):
        raise NotSayable("nothing is read before the user goes on")
    if question is not None:
        script.said.append(Clause(question.clause))
        script.calls += [step for step in question.reads if step not in script.calls]
        script.answer = question.answer
        script.tricks.append("question")
    script.tricks += ["further chain"] * bool(chain.seed) + ["later"] * bool(script.later)
    return script


def _restrict(chain: Chain, referrer: Referrer, script: Script, condition: Condition) -> None:
    """Adds a condition to the clause that was said last, and the read that decides it."""
    table = chain.world.table_of(condition.place[0])
    words = condition.field.replace("_", " ")
    told = f"my {words}" if condition.place == referrer.me else f"the {words} of that {table.noun}"
    last = script.said[-1]
    text = f"{last.text}, but only if {told} is {condition.value.replace('_', ' ')}"
    script.said[-1] = Clause(text, last.whole)
    key = key_of(chain.domain, table, "id")
    script.add(
        {"tool": roles(chain.domain)["get", table.name, ()].name, "arguments": {key: condition.place[1]}},
    )
    script.tricks.append("condition")


def _say_choice(chain: Chain, referrer: Referrer, script: Script, choice: Choice, rng: Random) -> None:
    """Adds the clause of a step that the user leaves open."""
    step = choice.steps[0]
    script.tricks.append("any of them" if choice.name else "either")
    if not choice.name:
        words = [_clause(chain, referrer, script, each, rng, imperative=True) for each in choice.steps]
        if any(each.whole for each in words):
            raise NotSayable("no imperative for a choice")
        leave = rng.choice(["whichever is easier", "I do not mind which", "one of the two is enough", "not both"])
        script.said.append(Clause(f"either {' or '.join(each.text for each in words)} ({leave})"))
        return
    places = [each.arguments[choice.name] for each in choice.steps]
    script.said.append(_clause(chain, referrer, script, step, rng, {choice.name: referrer.refer_any(places)}))
    parameter = next(each for each in step.operation.parameters if each.name == choice.name)
    shown = styled(chain.domain, parameter.shown)
    script.facts.setdefault(shown, f"Any {chain.world.table_of(places[0][0]).noun} that I said will do.")


def _again(chain: Chain, at: int, apart: set[int]) -> bool:
    """Whether a step is like the one before it, with nothing special about either."""
    return (
        at > 0
        and not {at - 1, at} & apart
        and chain.steps[at - 1].operation is chain.steps[at].operation
        and chain.steps[at - 1].seed == chain.steps[at].seed
    )


def say_step(
    chain: Chain,
    referrer: Referrer,
    script: Script,
    step: ChainStep,
    rng: Random,
    held: tuple[int, str] | None,
    *,
    again: bool = False,
) -> None:
    """Adds the clause of one step, and the reads of the references in it; a short one where the step before was like it (`again`)."""
    given = {}
    if held is not None:
        parameter = next(each for each in step.operation.parameters if each.name == held[1])
        text, references = _words(chain, referrer, parameter, step.arguments[held[1]], rng)
        if text != "me":
            script.facts[styled(chain.domain, parameter.shown)] = f"{text[0].upper()}{text[1:]}."
            script.tricks.append("withheld")
            reads = [read for each in references for read in each.reads]
            given[held[1]] = Reference(_kept_back(parameter, rng), (_ask(chain.domain, parameter), *reads))
    script.said.append(_clause(chain, referrer, script, step, rng, given, again=again))


def _clause(
    chain: Chain,
    referrer: Referrer,
    script: Script,
    step: ChainStep,
    rng: Random,
    given: Mapping[str, Reference] | None = None,
    *,
    imperative: bool = False,
    again: bool = False,
) -> Clause:
    """A step in words, but for parameters that are `given`; adds the reads of the references in it."""
    words: dict[str, str] = {}
    for parameter in step.operation.parameters:
        value = step.arguments[parameter.name]
        if value is None:
            continue
        text, references = _words(chain, referrer, parameter, value, rng, (given or {}).get(parameter.name))
        words[parameter.name] = text
        for reference in references:
            script.read(reference)
    if again and len(words) == 1 and step.operation.parameters[0].entity is not None:
        return Clause(f"do the same for {next(iter(words.values()))}")
    return worded(step.operation.say, words, rng, imperative=imperative)


def _kept_back(parameter: Parameter, rng: Random) -> str:
    """How the user speaks of what it keeps back."""
    noun, field_ = parameter.name.replace("_", " "), parameter.field
    if field_ is not None and field_.kind == "integer":
        return f"a number of {noun} (ask me how many)"
    if field_ is not None and field_.kind in ("date", "moment", "time"):
        noun = "day" if field_.kind == "date" else "time"
    if field_ is not None and field_.kind == "cents":
        noun = "amount"
    article = "an" if noun[0] in "aeiou" else "a"
    return rng.choice(
        [f"the {noun} that I have in mind (ask me)", f"{article} {noun} that I will tell you when you ask"]
    )


def _ask(domain: Domain, parameter: Parameter) -> Step:
    """Asks for an argument by its name in the tool."""
    text = f"Which {parameter.name.replace('_', ' ')} do you mean?"
    return {"tool": "ask_user", "arguments": {"text": text, "about": styled(domain, parameter.shown)}}


def _words(
    chain: Chain, referrer: Referrer, parameter: Parameter, value: Any, rng: Random, given: Reference | None = None
) -> tuple[str, list[Reference]]:
    """How an argument is said, and the references in it."""
    if given is not None:
        return given.text, [given]
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


def _held_back(chain: Chain, rng: Random, steps: list[int]) -> tuple[int, str] | None:
    """One of `steps` and a parameter of it that the user keeps back until it is asked."""
    names = [parameter.name for step in chain.steps for parameter in step.operation.parameters]
    found = [
        (at, parameter.name)
        for at in steps
        for parameter in chain.steps[at].operation.parameters
        if chain.steps[at].arguments[parameter.name] is not None
        and not isinstance(chain.steps[at].arguments[parameter.name], Made | list)
        and names.count(parameter.name) == 1
    ]
    return rng.choice(found) if found else None
