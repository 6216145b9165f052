"""Twists of a chain: a condition that decides whether a step is wanted at all, a change of mind, tools under names that say nothing.

A condition is about a column that no earlier step changes and is true or false in the world as it stands; where it is false, the
golden chain goes on without the step. A change of mind comes with the answer to the agent's first reply, before anything need be done.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.chain import Chain, Made
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.surface import said
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.reading import read_operation


@dataclass(frozen=True, slots=True)
class Condition:
    """Step `at` is wanted only if `field` of `place` is `value`; `holds` tells whether it is."""

    at: int
    place: Place
    field: str
    value: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Argument `name` of step `at` is first said to be `before`, and then revised to what the chain has."""

    at: int
    name: str
    before: Any


def draw_condition(chain: Chain, rng: Random) -> Condition | None:
    """A condition on one of the steps, None where none can be made. One that is false needs a chain that goes through without its step."""
    found = []
    for at, step in enumerate(chain.steps):
        for value in step.arguments.values():
            if isinstance(value, tuple):
                found += [(at, value, field) for field in _choices(chain, value, at)]
    rng.shuffle(found)
    for at, place, field in found:
        now = (chain.world.values(chain.world.table_of(place[0]), place[1]) or {})[field]
        if now is None:
            continue
        if rng.random() < 0.5:
            return Condition(at, place, field, now, holds=True)
        others = [value for value in chain.world.table_of(place[0]).fields[field].choices if value != now]
        if others and len(chain.steps) > 1 and _goes_without(chain, at):
            return Condition(at, place, field, rng.choice(others), holds=False)
    return None


def _choices(chain: Chain, place: Place, at: int) -> list[str]:
    """Columns of a row with a few known values that nothing before step `at` changes."""
    table = chain.world.table_of(place[0])
    written = {column for step in chain.steps[:at] for column in read_operation(chain.domain, step.operation).writes}
    return [
        name
        for name, field in table.fields.items()
        if field.choices and not field.hidden and (table.name, name) not in written
    ]


def _goes_without(chain: Chain, at: int) -> bool:
    """Whether the chain goes through, and still changes something, without a step that nothing rests on."""
    if any(isinstance(value, Made) for step in chain.steps for value in step.arguments.values()):
        return False
    if any(policy.kind == "together" for policy in chain.domain.policies.values()):
        return False
    kept = list(chain.steps)
    del chain.steps[at]
    goes = chain.fault() is None
    chain.steps[:] = kept
    return goes


def draw_change(chain: Chain, rng: Random, steps: list[int]) -> Change | None:
    """A change of mind about one of the values of `steps`, None where there is none."""
    found: list[tuple[int, str, Field, Any]] = []
    for at in steps:
        step = chain.steps[at]
        for parameter in step.operation.parameters:
            value = step.arguments[parameter.name]
            field = parameter.field
            if field is not None and value is not None and field.kind not in ("note", "ref", "flag"):
                found.append((at, parameter.name, field, value))
    rng.shuffle(found)
    for at, name, field, value in found:
        for _ in range(6):
            before = field.draw(rng, {}, chain.world.calendar)
            if before not in (value, None):
                return Change(at, name, before)
    return None


def said_again(chain: Chain, change: Change, rng: Random) -> str:
    """What the user says when it changes its mind."""
    parameter = next(each for each in chain.steps[change.at].operation.parameters if each.name == change.name)
    assert parameter.field is not None
    value = chain.steps[change.at].arguments[change.name]
    old, new = (
        said(parameter.field, each, chain.world.calendar, rng, relative=False) for each in (change.before, value)
    )
    words = change.name.replace("_", " ")
    return rng.choice(
        [
            f"Sorry, one change before you start: as for the {words}, make that {new} instead of {old}.",
            f"Wait, I was wrong about the {words}. Not {old}: {new}.",
            f"On second thoughts, the {words} should be {new}, not {old}.",
            f"Scratch what I said about the {words} ({old}); I want {new}.",
        ]
    )


def scrambled(tools: list[str], rng: Random) -> dict[str, str]:
    """Names that say nothing for all tools of a task."""
    numbers = rng.sample(range(10, 100 + len(tools) * 4), len(tools))
    return {name: f"tool_{number}" for name, number in zip(tools, numbers, strict=True)}
