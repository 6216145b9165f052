"""Tasks whose goal is an answer and nothing else: every change, however willingly it goes through, is one too many.

The rows are those of a chain, so that there is something to look at and a change that would be possible; the answer is an amount, a
date, a number or an id that only a look at the rows gives: counts and words of a short list would be guessed.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.calls import Script, call_of_step
from envgym.environments.tool_world.chain.chain import Chain
from envgym.environments.tool_world.chain.describe import amount, participle
from envgym.environments.tool_world.chain.lay import Layer, Place
from envgym.environments.tool_world.chain.levels import Level
from envgym.environments.tool_world.chain.person import introduce
from envgym.environments.tool_world.chain.phrasing import Clause
from envgym.environments.tool_world.chain.question import Question, amount_asked, draw_amount, listing, lists_of
from envgym.environments.tool_world.chain.references import NotSayable, Referrer
from envgym.environments.tool_world.chain.script import asked_by_customer
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.net import net
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.shown import key_of
from envgym.environments.tool_world.tools import roles
from envgym.environments.tool_world.world import Change, World

TOLD = ("cents", "date", "moment", "code", "email", "phone")
"""Kinds of columns whose values nobody guesses."""
SMALL = 12
"""The largest number that somebody might try."""


def draft_answer(
    domain: Domain, world: World, rng: Random, level: Level, ids: int, first: Operation | None
) -> tuple[list[Change], Script, dict[str, Any]]:
    """A question and a world that knows the answer. Raises NotLaid or NotSayable."""
    chain = Chain(domain, Layer(world, rng), rng, first=first)
    chain.grow(1)
    changes = net(world.journal())
    world.begin(changes, seed=ids)
    script = Script(tricks=["read only"])
    referrer = Referrer(world, rng, level.hops)
    if asked_by_customer(chain):
        introduced = introduce(referrer, chain.places(), rng)
        if introduced is not None:
            script.introduction, found = introduced
            script.read(found)
    places = [*([referrer.me] if referrer.me else []), *_around(world, chain.places())]
    question = draw_inquiry(referrer, list(dict.fromkeys(places)), rng)
    script.said.append(Clause(question.clause))
    for step in question.reads:
        script.add(step)
    script.answer = question.answer
    script.forbidden.append(call_of_step(domain, chain.steps[0]))
    value = question.answer["value"]
    if str(value) in f"{script.introduction} {question.clause}" or (not isinstance(value, str) and value <= SMALL):
        raise NotSayable("the answer would be guessed")
    return changes, script, {"outcome": "done", "policy": [], "differences": [[]]}


def _around(world: World, places: list[Place]) -> list[Place]:
    """Rows, and those that they belong to."""
    found = list(places)
    for name, id in places:
        table = world.table_of(name)
        values = world.values(table, id) or {}
        for key, field in table.fields.items():
            if field.kind == "ref" and values[key] is not None and not field.hidden:
                found.append((world.table_of(field.target).name, values[key]))
    return found


def draw_inquiry(referrer: Referrer, places: list[Place], rng: Random) -> Question:
    """A question with an answer that has to be looked up. Raises NotSayable where there is none."""
    ways = [draw_amount, _extreme, _column]
    rng.shuffle(ways)
    for way in ways:
        question = way(referrer, places, rng)
        if question is not None:
            return question
    raise NotSayable("nothing to ask")


def _column(referrer: Referrer, places: list[Place], rng: Random) -> Question | None:
    """What one column of one row holds."""
    world = referrer.world
    found = [(place, name, field) for place in places for name, field, _ in _columns(world, place)]
    rng.shuffle(found)
    for place, name, field in found:
        table = world.table_of(place[0])
        value = (world.values(table, place[1]) or {})[name]
        asked = replace(referrer, avoid=referrer.avoid | {(table.name, name)}, named={})
        try:
            reference = asked.refer(place)
        except NotSayable:
            continue
        get = {
            "tool": roles(world.domain)["get", table.name, ()].name,
            "arguments": {key_of(world.domain, table, "id"): place[1]},
        }
        if reference.kind == "me" and any(name in key for key in table.find):
            continue
        told, answer = _answer(world.domain, field, value, rng)
        what = _what(name, field, reference.text)
        words = rng.choice([f"tell me {what}", f"let me know {what}", f"look up {what} for me", f"check {what}"])
        return Question(f"{words}{told}", (*reference.reads, get), answer)
    return None


def _columns(world: World, place: Place) -> Iterator[tuple[str, Field, Any]]:
    """Columns of a row that can be asked for, with their values."""
    table = world.table_of(place[0])
    for name, value in (world.values(table, place[1]) or {}).items():
        field = table.fields[name]
        if field.kind in TOLD and value not in (None, 0) and not field.hidden:
            yield name, field, value


def _what(name: str, field: Field, whose: str) -> str:
    """A column of a row as it is asked for."""
    words = name.replace("_", " ")
    dated = field.kind in ("date", "moment")
    if dated and words.endswith((" on", " at")):
        verb = words[:-3]
        shape = f"when {whose if whose != 'me' else 'I'} {'was ' if participle(verb) else ''}{verb}"
        if participle(verb) or (verb.endswith("s") and whose != "me"):
            return shape
        words = f"{verb} date"
    words = amount(words) if field.kind == "cents" else words
    return f"my {words}" if whose == "me" else f"the {words} of {whose}"


def _answer(domain: Domain, field: Field, value: Any, rng: Random) -> tuple[str, dict[str, Any]]:
    """How the answer is to be given, and the answer."""
    if field.kind == "cents":
        return amount_asked(domain, value, rng)
    told = {"date": " (as year-month-day)", "moment": " (as year-month-day hour:minute)"}.get(field.kind, "")
    return told, {"type": "text", "value": value}


def _extreme(referrer: Referrer, places: list[Place], rng: Random) -> Question | None:
    """Which of several rows that people know by number has the most or the least of something."""
    world = referrer.world
    for place, table, name, child, ids in lists_of(referrer, places, rng):
        rows = [world.values(child, id) or {} for id in ids]
        if not child.known:
            continue
        keys = [
            key
            for key, field in child.fields.items()
            if field.kind in ("cents", "date", "moment") and not field.hidden and all(row[key] for row in rows)
        ]
        for key in rng.sample(keys, len(keys)):
            values = sorted(row[key] for row in rows)
            most = rng.random() < 0.5
            if values[-1 if most else 0] == values[-2 if most else 1]:
                continue
            owner = referrer.refer(place)
            id = ids[[row[key] for row in rows].index(values[-1 if most else 0])]
            whose = f"my {child.plural}" if owner.kind == "me" else f"the {child.plural} of {owner.text}"
            clause = f"tell me which of {whose} {_most(child, key, most)} (its number)"
            return Question(clause, (*owner.reads, listing(world, table, place, name)), {"type": "text", "value": id})
    return None


def _most(child: Table, key: str, most: bool) -> str:
    """What is true of just one row: "has the highest total", "was placed last"."""
    words = key.replace("_", " ")
    if child.fields[key].kind == "cents":
        return f"has the {'highest' if most else 'lowest'} {amount(words)}"
    verb = words.removesuffix(" on").removesuffix(" at")
    if participle(verb) or (verb != words and verb.endswith("s")):
        return f"{'was ' if participle(verb) else ''}{verb} {'last' if most else 'first'}"
    return f"has the {'latest' if most else 'earliest'} {words if words.endswith('date') else f'{verb} date'}"
