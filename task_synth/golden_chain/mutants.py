"""Mutants of a golden chain: the ways in which an agent goes wrong, each of which has to score less than 1.

A mutant is a list of calls. Whether it is really wrong is decided by playing it: one that ends in the very rows, answer and outcome of
gold is equivalent and is not counted. Breaches of policy are made only where the rule is certain to be broken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import key_of
from envgym.environments.tool_world.tools import WorldTool, toolbox
from envgym.environments.tool_world.world import World
from envgym.task_synth.golden_chain.replay import Step

PER_KIND = 6


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is wrong with it, and the calls."""

    kind: str
    steps: tuple[Step, ...]


def mutants(domain: Domain, world: World, gold: list[Step], offered: list[str], rng: Random) -> Iterator[Mutant]:
    """Mutants of `gold`, at most six of a kind. `world` lies as the task begins; nothing of it is changed."""
    tools = toolbox(domain)
    writes = [at for at, step in enumerate(gold) if step["tool"] in tools and tools[step["tool"]].effect == "changes"]
    for at in writes[:PER_KIND]:
        yield Mutant("dropped", tuple(gold[:at] + gold[at + 1 :]))
        yield Mutant("duplicated", tuple(gold[: at + 1] + gold[at:]))
    if len(writes) > 1:
        order = dict(zip(writes, reversed(writes), strict=True))
        yield Mutant("reordered", tuple(gold[order.get(at, at)] for at in range(len(gold))))
    for at in writes[:PER_KIND]:
        yield from _arguments(domain, world, gold, at, rng)
    yield from _endings(domain, gold, writes)
    yield from _extras(domain, world, gold, offered, rng)
    yield from _breaches(domain, gold, writes)


def _arguments(domain: Domain, world: World, gold: list[Step], at: int, rng: Random) -> Iterator[Mutant]:
    """Each argument of a write, in turn: another row, another value."""
    tool = toolbox(domain)[gold[at]["tool"]]
    for name, value in gold[at]["arguments"].items():
        for kind, other in _others(domain, world, tool, name, value, rng):
            changed = {"tool": tool.name, "arguments": {**gold[at]["arguments"], name: other}}
            yield Mutant(kind, (*gold[:at], changed, *gold[at + 1 :]))


def _others(
    domain: Domain, world: World, tool: WorldTool, name: str, value: Any, rng: Random
) -> Iterator[tuple[str, Any]]:
    entity, field = described(domain, tool, name)
    if entity is not None:
        ids = [value] if isinstance(value, str) else list(value)
        decoys = _decoys(world, entity, ids[0], rng)
        for decoy in decoys[:2]:
            yield "decoy", decoy if isinstance(value, str) else [decoy, *ids[1:]]
        if not isinstance(value, str) and len(ids) > 1:
            yield "decoy", ids[1:]
    elif field is not None and field.kind != "note":
        for other in _literals(field, value):
            yield "literal", other


def described(domain: Domain, tool: WorldTool, name: str) -> tuple[str | None, Field | None]:
    """The table whose ids an argument takes, or the field whose value it is."""
    if tool.operation is not None:
        parameter = tool.operation.parameters[tool.arguments_of.index(name)]
        return (domain.table(parameter.entity).name, None) if parameter.entity is not None else (None, parameter.field)
    assert tool.table is not None
    if name == key_of(domain, tool.table, "id"):
        return tool.table.name, None
    for key in tool.keys:
        if key_of(domain, tool.table, key) == name:
            field = tool.table.fields[key]
            return (domain.table(field.target).name, None) if field.kind == "ref" else (None, field)
    return None, None


def _decoys(world: World, table: str, id: str, rng: Random) -> list[str]:
    """Other rows of a table, those with the same parents first."""
    described_table = world.table_of(table)
    values = world.values(described_table, id)
    if values is None:
        return []
    near: list[str] = []
    for name, field in described_table.fields.items():
        if field.kind == "ref" and values[name] is not None:
            near += [each for each in world.ids(described_table, name, values[name]) if each != id]
    far = [each for (each,) in world.execute(f'SELECT id FROM "{table}" WHERE id <> ? ORDER BY id LIMIT 200', (id,))]
    picked = ([rng.choice(near)] if near else []) + ([rng.choice(far)] if far else [])
    return list(dict.fromkeys(picked))


def _literals(field: Field, value: Any) -> Iterator[Any]:
    if field.choices:
        yield from [each for each in field.choices if each != value][:2]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)
    elif field.kind in ("date", "moment"):
        yield value[:8] + f"{int(value[8:10]) % 28 + 1:02}" + value[10:]
    elif field.kind in ("words", "email", "phone", "code"):
        yield value[:-1] + ("x" if value[-1] != "x" else "y")


def _endings(domain: Domain, gold: list[Step], writes: list[int]) -> Iterator[Mutant]:
    finish = gold[-1]["arguments"]
    if finish["outcome"] == "done":
        tool = gold[writes[-1]]["tool"] if writes else "finish"
        yield Mutant(
            "refused", (*gold[:-1], {"tool": "finish", "arguments": {**finish, "outcome": "refused", "policy": tool}})
        )
        unread = [step for at, step in enumerate(gold) if at not in writes]
        yield Mutant("refused", (*unread[:-1], {"tool": "finish", "arguments": {"outcome": "refused", "policy": tool}}))
    else:
        yield Mutant("done", (*gold[:-1], {"tool": "finish", "arguments": {"outcome": "done"}}))
        other = next(name for name in [*domain.policies, "nothing"] if name != finish["policy"])
        yield Mutant(
            "policy named", (*gold[:-1], {"tool": "finish", "arguments": {"outcome": "refused", "policy": other}})
        )
    if "answer" in finish:
        wrong = finish["answer"] + 1 if isinstance(finish["answer"], int | float) else None
        for answer in (wrong, str(finish["answer"]), None):
            yield Mutant("answer", (*gold[:-1], {"tool": "finish", "arguments": {**finish, "answer": answer}}))


def _extras(domain: Domain, world: World, gold: list[Step], offered: list[str], rng: Random) -> Iterator[Mutant]:
    """One harmful write more, on a row that some read is about."""
    edits = [toolbox(domain)[name] for name in offered if toolbox(domain)[name].kind == "edit"]
    rng.shuffle(edits)
    for tool in edits[:3]:
        assert tool.table is not None
        found = world.execute(f'SELECT id FROM "{tool.table.name}" ORDER BY id LIMIT 50').fetchall()
        if not found:
            continue
        id, key = rng.choice(found)[0], tool.keys[0]
        field = tool.table.fields[key]
        now = (world.values(tool.table, id) or {})[key]
        other = next((value for value in _different(field, now, world, rng)), None)
        if other is not None:
            arguments = {key_of(domain, tool.table, "id"): id, key_of(domain, tool.table, key): other}
            yield Mutant("extra", (*gold[:-1], {"tool": tool.name, "arguments": arguments}, gold[-1]))


def _different(field: Field, now: Any, world: World, rng: Random) -> Iterator[Any]:
    if field.kind == "flag":
        yield not now
    elif field.kind not in ("ref", "note", "cents"):
        drawn = field.draw(rng, {}, world.calendar)
        if drawn != now:
            yield drawn


def _breaches(domain: Domain, gold: list[Step], writes: list[int]) -> Iterator[Mutant]:
    """Gold without what a policy wants before or after it."""
    tools = toolbox(domain)
    done = {operation_of(tools, gold[at]["tool"]) for at in writes}
    for policy in domain.policies.values():
        concerned = bool(writes) if not policy.on else bool(done & set(policy.on))
        if not concerned:
            continue
        if policy.kind == "confirm":
            asked = set(policy.on) or done
            kept = [step for step in gold if operation_of(tools, step["arguments"].get("about", "")) not in asked]
            if len(kept) < len(gold):
                yield Mutant("breach", tuple(kept))
        elif policy.kind == "identify":
            yield Mutant("breach", tuple(step for step in gold if step["tool"] not in policy.tools))


def misuses(domain: Domain, world: World, gold: list[Step], alternatives: Sequence[list[Step]]) -> Iterator[Mutant]:
    """Where the user leaves a choice: a row that was not offered, no choice at all, and two at once, in either order."""
    if not alternatives:
        return
    apart = [_apart(calls, gold) for calls in alternatives]
    own = _apart(gold, alternatives[0])
    if not own or not all(apart):
        return  # each makes the same calls, in another order
    at, taken = own[0], [calls[places[0]] for calls, places in zip(alternatives, apart, strict=True)]
    step = gold[at]
    for name, value in step["arguments"].items():
        if isinstance(value, list):
            continue  # several rows at once: what is left open is always one
        offered = {each["arguments"].get(name) for each in taken if each["tool"] == step["tool"]} | {value}
        table = described(domain, toolbox(domain)[step["tool"]], name)[0]
        if len(offered) > 1 and table is not None:
            for third in _not_offered(world, table, offered):
                wrong = {**step, "arguments": {**step["arguments"], name: third}}
                yield Mutant("third choice", (*gold[:at], wrong, *gold[at + 1 :]))
    yield Mutant("no choice", (*gold[:at], *gold[at + 1 :]))
    for other, calls in zip(taken, alternatives, strict=True):
        asked = [each for each in calls if each["tool"] == "ask_user" and each not in gold]
        yield Mutant("both", (*gold[: at + 1], *asked, other, *gold[at + 1 :]))
        yield Mutant("both", (*gold[:at], *asked, other, *gold[at:]))


def _apart(calls: list[Step], others: Sequence[Step]) -> list[int]:
    """Where `calls` makes a call that `others` does not, or not so often; questions and the end aside."""
    left = list(others)
    found = []
    for at, step in enumerate(calls):
        if step in left:
            left.remove(step)
        elif step["tool"] not in ("ask_user", "finish"):
            found.append(at)
    return found


def _not_offered(world: World, table: str, offered: set[Any]) -> list[str]:
    """Rows of a table that are none of the offered, such with the same parent first; two at most."""
    found = world.table_of(table)
    values = world.values(found, min(offered)) or {}
    near = [
        id
        for name, field in found.fields.items()
        if field.kind == "ref" and values.get(name) is not None
        for id in world.ids(found, name, values[name])
    ]
    return [id for id in dict.fromkeys([*near, *world.ids_of(found)]) if id not in offered][:2]


def operation_of(tools: Mapping[str, WorldTool], name: str) -> str | None:
    """The operation behind a tool, None where it is no tool or has none."""
    tool = tools.get(name)
    return tool.operation.name if tool is not None and tool.operation is not None else None
