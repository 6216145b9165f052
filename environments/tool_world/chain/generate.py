"""A task of a tool world: golden chains, a refusal, a trouble or a question, written down with the rows that it needs.

The draft is pure: domain, stream and knobs in, the fields of a task out. A draft that cannot be laid down or said is thrown away and
drawn again.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.calls import Script
from envgym.environments.tool_world.chain.chain import Chain
from envgym.environments.tool_world.chain.choices import ends, lay_choice
from envgym.environments.tool_world.chain.expand import expand
from envgym.environments.tool_world.chain.inquiry import draft_answer
from envgym.environments.tool_world.chain.lay import Layer, NotLaid
from envgym.environments.tool_world.chain.levels import LEVELS, Level
from envgym.environments.tool_world.chain.phrasing import manner
from envgym.environments.tool_world.chain.references import NotSayable, Step
from envgym.environments.tool_world.chain.refusal import draft_refusal
from envgym.environments.tool_world.chain.schedule import Due
from envgym.environments.tool_world.chain.script import untold, write_script
from envgym.environments.tool_world.chain.seeds import sow_further
from envgym.environments.tool_world.chain.trouble import draft_trouble
from envgym.environments.tool_world.chain.twists import scrambled
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.kept_worlds import give_back, lend
from envgym.environments.tool_world.net import by_table, difference, net
from envgym.environments.tool_world.world import Change, World
from envgym.errors import UsageError
from envgym.task import TaskFields

DRAFTS = 40
PATIENCE = 20
"""Drafts that are about the operation that is due; later ones may be about any. In the second half rows may be told by one hop more than
the level has: some are never nearer to what people can name."""
REGROWN = 4
"""Times that a step whose rows cannot be told is replaced."""
BASES = 16
"""Generated worlds that tasks lie over, per domain and size."""


def generate(domain: Domain, rng: Random, knobs: Any, due: Due) -> TaskFields:
    """The fields of a new task, about the operation that is due where that can be laid down. Raises UsageError where the domain gives
    none in 40 drafts.
    """
    level = LEVELS[knobs.level]
    place: dict[str, Any] = {"seed": rng.randrange(BASES), "size": knobs.size}
    base = base_of(domain, place["seed"], place["size"])
    place |= {"ids": 0, "digest": base.digest}
    world = lend(domain, (place["seed"], place["size"]))
    problems: list[str] = []
    try:
        for draft in range(DRAFTS):
            if draft in (
                0,
                PATIENCE,
            ):  # the same shape again where a draft fails: else the easy ones would crowd out the others
                shape = _shape(domain, level, rng)
            ids = rng.getrandbits(40)
            world.begin([], seed=ids)
            place["ids"] = ids
            wanted = due if draft < PATIENCE else Due()
            deeper = draft % PATIENCE >= PATIENCE // 2
            depth = replace(level, hops=level.hops + 1) if deeper else level
            try:
                return _task(domain, world, Random(rng.getrandbits(64)), depth, knobs, place, shape, wanted)
            except (NotLaid, NotSayable) as error:
                problems.append(str(error))
    finally:
        give_back(world)
    raise UsageError(f"{domain.name} gave no task in {DRAFTS} drafts: {'; '.join(problems[-3:])}")


def _task(
    domain: Domain, world: World, rng: Random, level: Level, knobs: Any, place: dict[str, Any], shape: str, due: Due
) -> TaskFields:
    style = manner(rng)
    drafts: dict[str, Callable[[], tuple[list[Change], Script, dict[str, Any]]]] = {
        "chain": lambda: _chain(domain, world, rng, level, place["ids"], knobs.tools, due),
        "answer": lambda: draft_answer(domain, world, rng, level, place["ids"], due.operation),
        "refusal": lambda: draft_refusal(domain, world, rng, level, place["ids"], due.operation),
        "trouble": lambda: draft_trouble(domain, world, rng, level, place["ids"]),
    }
    changes, script, gold = drafts[shape]()
    finish: Step = {"tool": "finish", "arguments": {"outcome": gold["outcome"]}}
    if script.answer is not None:
        finish["arguments"]["answer"] = script.answer["value"]
    if gold["policy"]:
        finish["arguments"]["policy"] = gold["policy"][0]
    calls = [*script.calls, finish]
    used = [*(step["tool"] for step in [*calls, *script.forbidden]), *gold.get("tools", ())]
    tools = expand(domain, [name for name in used if name not in ("ask_user", "finish")], knobs.tools, rng)
    user: dict[str, Any] = {"facts": script.facts, "wants": script.wants, "revisions": script.revisions}
    request = style.request(script.introduction, script.clauses)
    if script.later:
        user["later"] = [{"after": turn.after, "say": style.addition(turn.clauses)} for turn in script.later]
    return {
        "public": {
            "request": request,
            "tools": tools,
            **({"names": scrambled(tools, rng)} if rng.random() < level.scrambled else {}),
        },
        "private": {
            "world": {**place, "changes": json.loads(json.dumps(by_table(changes)))},
            "user": user,
            "gold": {
                "outcome": gold["outcome"],
                "policy": gold["policy"],
                "answer": script.answer,
                "differences": json.loads(json.dumps(gold["differences"])),
                "calls": calls,
                "alternatives": [[*each, finish] for each in script.alternatives],
                "forbidden": script.forbidden,
            },
        },
        "tags": (domain.name, f"level-{knobs.level}", shape, *sorted(set(script.tricks))),
        "difficulty": float(len(calls)),
    }


def _shape(domain: Domain, level: Level, rng: Random) -> str:
    """The shape of a task, by the shares of the level; most are chains."""
    shares = {
        "refusal": level.refusals,
        "trouble": level.troubles if domain.troubles else 0.0,
        "answer": level.answers,
    }
    return rng.choices([*shares, "chain"], [*shares.values(), 1.0 - sum(shares.values())])[0]


def _chain(
    domain: Domain, world: World, rng: Random, level: Level, ids: int, floor: int, due: Due
) -> tuple[list[Change], Script, dict[str, Any]]:
    chain = Chain(domain, Layer(world, rng), rng, uses=Counter(due.uses), first=due.operation)
    _grow(chain, rng.randrange(level.operations[0], level.operations[1] + 1), level.hops)
    opened = sow_further(chain, rng, level, floor)
    _decoys(chain, rng, level.decoys)
    choice = lay_choice(chain, rng) if rng.random() < level.choices else None
    if choice is not None and untold(chain, level.hops, choice) is not None:
        choice = None
    if chain.fault() is not None:
        raise NotLaid(str(chain.fault()))
    changes = net(world.journal())
    world.begin(changes, seed=ids)
    needless = chain.needless()
    if needless is not None:
        raise NotLaid(f"{needless} is undone later on")
    wanted = ends(chain, choice) if choice is not None else []
    if wanted is None:
        raise NotLaid("the alternatives do not hold any more")
    script = write_script(chain, rng, level, choice)
    got = difference(domain, world.journal())
    if not got:
        raise NotLaid("the chain changes nothing in the end")
    tools = [*sorted(opened), *(step["tool"] for calls in script.alternatives for step in calls)]
    return changes, script, {"outcome": "done", "policy": [], "differences": [got, *wanted[1:]], "tools": tools}


def _grow(chain: Chain, count: int, hops: int) -> None:
    """Grows a chain whose rows can all be told. Raises NotLaid or NotSayable."""
    for _ in range(REGROWN):
        chain.grow(count)
        place = untold(chain, hops)
        if place is None:
            return
        if not chain.drop(place):
            raise NotSayable(f"{place[0]} {place[1]}")
    raise NotSayable(f"rows of {', '.join(step.operation.name for step in chain.steps)}")


def _decoys(chain: Chain, rng: Random, count: int) -> None:
    """Rows that are easily taken for those of the chain: others of the same owner."""
    world = chain.world
    chain.layer.free()
    places = chain.places()
    for _ in range(count):
        if not places:
            return
        name, id = rng.choice(places)
        table = world.table_of(name)
        values = world.values(table, id) or {}
        owners = [
            field
            for field, each in table.fields.items()
            if each.kind == "ref" and each.many and values[field] is not None
        ]
        if owners:
            field = rng.choice(owners)
            try:
                chain.layer.populator.row(table, {field: values[field]})
            except UsageError:
                continue
    chain.layer.settle()
