"""Questions at the end of a request: a count, a sum or an extreme over rows that belong to somebody, answered by finish(answer)."""

from dataclasses import dataclass
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.references import NotSayable, Referrer, Step
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import key_of, shown_value
from envgym.environments.tool_world.tools import roles
from envgym.environments.tool_world.world import World


@dataclass(frozen=True, slots=True)
class Question:
    """A clause of the request, the reads that answer it, and the answer as `judged_answer` takes it."""

    clause: str
    reads: tuple[Step, ...]
    answer: dict[str, Any]


def draw_question(referrer: Referrer, places: list[Place], rng: Random) -> Question | None:
    """A question about rows that belong to one of `places` and that the task does not change; None where there is none to ask."""
    world = referrer.world
    found = []
    for place in places:
        table = world.table_of(place[0])
        for name, (child, reference) in table.many.items():
            ids = world.ids(child, reference, place[1])
            if child.name in referrer.churn or (child.name, reference) in referrer.avoid or not 2 <= len(ids) <= 30:
                continue
            found.append((place, table, name, child, ids))
    rng.shuffle(found)
    for place, table, name, child, ids in found:
        try:
            owner = referrer.refer(place)
        except NotSayable:
            continue
        made = _about(referrer, table, place, name, child, ids, owner.text, rng)
        if made is not None:
            clause, answer = made
            tool = roles(world.domain)["list", table.name, name]
            read: Step = {"tool": tool.name, "arguments": {key_of(world.domain, table, "id"): place[1]}}
            return Question(clause, (*owner.reads, read), answer)
    return None


def _about(
    referrer: Referrer, table: Table, place: Place, name: str, child: Table, ids: list[str], owner: str, rng: Random
) -> tuple[str, dict[str, Any]] | None:
    """A question over one list of rows, with its answer."""
    world = referrer.world
    rows = [world.values(child, id) or {} for id in ids]
    whose = f"{name.replace('_', ' ')} {'I have' if owner == 'me' else f'there are for {owner}'}"
    usable = {
        key: field
        for key, field in child.fields.items()
        if (child.name, key) not in referrer.avoid and not field.hidden
    }
    kinds = [key for key, field in usable.items() if field.choices and len({row[key] for row in rows}) > 1]
    amounts = [
        key for key, field in usable.items() if field.kind == "cents" and all(row[key] is not None for row in rows)
    ]
    if kinds and rng.random() < 0.5:
        key = rng.choice(kinds)
        value = rng.choice(sorted({row[key] for row in rows if row[key] is not None}))
        count = sum(row[key] == value for row in rows)
        told = value.replace("_", " ")
        asked = rng.choice(
            [
                f"tell me how many {whose} with the {key.replace('_', ' ')} {told}",
                f"count how many {whose} whose {key.replace('_', ' ')} is {told}",
                f"let me know the number of {whose}, only those with {key.replace('_', ' ')} {told}",
            ]
        )
        return asked, {"type": "number", "value": count}
    if amounts:
        return _amount(world, rows, ids, rng.choice(amounts), usable, whose, rng)
    return rng.choice([f"tell me how many {whose}", f"let me know how many {whose}", f"count how many {whose}"]), {
        "type": "number",
        "value": len(ids),
    }


def _amount(
    world: World,
    rows: list[dict[str, Any]],
    ids: list[str],
    key: str,
    usable: dict[str, Field],
    whose: str,
    rng: Random,
) -> tuple[str, dict[str, Any]]:
    words = key.replace("_", " ")
    if rng.random() < 0.6:
        total = shown_value(world.domain, usable[key], sum(row[key] for row in rows))
        asked = rng.choice(
            [f"tell me the {words} of all {whose} added up", f"add up the {words} of all {whose} and tell me the sum"]
        )
        return asked, {"type": "number", "value": total, "tolerance": 0.005}
    most = rng.random() < 0.5
    value = (max if most else min)(row[key] for row in rows)
    asked = f"tell me the {'highest' if most else 'lowest'} {words} among all {whose}"
    return asked, {"type": "number", "value": shown_value(world.domain, usable[key], value), "tolerance": 0.005}
