"""Questions at the end of a request: a count, a sum or an extreme over rows that belong to somebody, answered by finish(answer)."""

from dataclasses import dataclass
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.describe import amount
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.references import NotSayable, Referrer, Step
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import key_of
from envgym.environments.tool_world.tools import roles
from envgym.environments.tool_world.world import World

MOST = 30
"""Rows that somebody would count."""


@dataclass(frozen=True, slots=True)
class Question:
    """A clause of the request, the reads that answer it, and the answer as `judged_answer` takes it."""

    clause: str
    reads: tuple[Step, ...]
    answer: dict[str, Any]


def draw_question(referrer: Referrer, places: list[Place], rng: Random) -> Question | None:
    """A question about rows that belong to one of `places` and that the task does not change; None where there is none to ask."""
    return _drawn(referrer, places, rng, counts=True)


def draw_amount(referrer: Referrer, places: list[Place], rng: Random) -> Question | None:
    """A question about amounts of such rows: a sum or an extreme."""
    return _drawn(referrer, places, rng, counts=False)


def _drawn(referrer: Referrer, places: list[Place], rng: Random, *, counts: bool) -> Question | None:
    for place, table, name, child, ids in lists_of(referrer, places, rng):
        rows = [referrer.world.values(child, id) or {} for id in ids]
        amounts = _amounts(referrer, child, rows)
        if not (counts or amounts):
            continue
        try:
            owner = referrer.refer(place)
        except NotSayable:
            continue
        whose = f"{name.replace('_', ' ')} {'I have' if owner.kind == 'me' else f'there are for {owner.text}'}"
        if amounts and (not counts or rng.random() < 0.5):
            clause, answer = _amount(referrer.world.domain, rows, rng.choice(amounts), whose, rng)
        else:
            clause, answer = _count(referrer, child, rows, whose, rng)
        return Question(clause, (*owner.reads, listing(referrer.world, table, place, name)), answer)
    return None


def lists_of(referrer: Referrer, places: list[Place], rng: Random) -> list[tuple[Place, Table, str, Table, list[str]]]:
    """Lists of rows that belong to one of `places` and that the task leaves alone, in a drawn order: (place, its table, what they are
    called there, their table, ids).
    """
    world, found = referrer.world, []
    for place in places:
        table = world.table_of(place[0])
        for name, (child, reference) in table.many.items():
            ids = world.ids(child, reference, place[1])
            if child.name in referrer.churn or (child.name, reference) in referrer.avoid or not 2 <= len(ids) <= MOST:
                continue
            found.append((place, table, name, child, ids))
    rng.shuffle(found)
    return found


def listing(world: World, table: Table, place: Place, name: str) -> Step:
    """The read that lists the rows `name` of a row."""
    tool = roles(world.domain)["list", table.name, name]
    return {"tool": tool.name, "arguments": {key_of(world.domain, table, "id"): place[1]}}


def _usable(referrer: Referrer, child: Table) -> dict[str, Field]:
    return {
        key: field
        for key, field in child.fields.items()
        if (child.name, key) not in referrer.avoid and not field.hidden
    }


def _amounts(referrer: Referrer, child: Table, rows: list[dict[str, Any]]) -> list[str]:
    """Columns of money that all rows have, not all of them nothing."""
    return [
        key
        for key, field in _usable(referrer, child).items()
        if field.kind == "cents" and all(row[key] is not None for row in rows) and any(row[key] for row in rows)
    ]


def _count(
    referrer: Referrer, child: Table, rows: list[dict[str, Any]], whose: str, rng: Random
) -> tuple[str, dict[str, Any]]:
    kinds = [
        key for key, field in _usable(referrer, child).items() if field.choices and len({row[key] for row in rows}) > 1
    ]
    if kinds and rng.random() < 0.7:
        key = rng.choice(kinds)
        value = rng.choice(sorted({row[key] for row in rows if row[key] is not None}))
        told, words = value.replace("_", " "), key.replace("_", " ")
        asked = rng.choice(
            [
                f"tell me how many {whose} with the {words} {told}",
                f"count how many {whose} whose {words} is {told}",
                f"let me know the number of {whose}, only those with {words} {told}",
            ]
        )
        return asked, {"type": "number", "value": sum(row[key] == value for row in rows)}
    asked = rng.choice([f"tell me how many {whose}", f"let me know how many {whose}", f"count how many {whose}"])
    return asked, {"type": "number", "value": len(rows)}


def _amount(
    domain: Domain, rows: list[dict[str, Any]], key: str, whose: str, rng: Random
) -> tuple[str, dict[str, Any]]:
    words, values = amount(key.replace("_", " ")), [row[key] for row in rows]
    if rng.random() < 0.6:
        told, answer = amount_asked(domain, sum(values), rng)
        asked = rng.choice(
            [f"tell me the {words} of all {whose} added up", f"add up the {words} of all {whose} and tell me the sum"]
        )
        return f"{asked}{told}", answer
    most = rng.random() < 0.5
    told, answer = amount_asked(domain, (max if most else min)(values), rng)
    return f"tell me the {'highest' if most else 'lowest'} {words} among all {whose}{told}", answer


def amount_asked(domain: Domain, cents: int, rng: Random) -> tuple[str, dict[str, Any]]:
    """In which unit an amount is to be told, and the answer. A house that counts in cents always says which; others where it is not
    dollars.
    """
    if domain.style.money == "cents":
        in_cents = rng.random() < 0.4
        told = ", in cents" if in_cents else ", in dollars"
    else:
        in_cents = rng.random() < 0.15
        told = ", in whole cents" if in_cents else ""
    if in_cents:
        return told, {"type": "number", "value": cents}
    return told, {"type": "number", "value": cents / 100, "tolerance": 0.005}
