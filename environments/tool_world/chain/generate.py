"""A task of a tool world: a golden chain, a refusal or a trouble, written down with the rows that it needs.

The draft is pure: domain, stream and knobs in, the fields of a task out. A draft that cannot be laid down or said is thrown away and
drawn again.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.chain import Chain
from envgym.environments.tool_world.chain.expand import expand
from envgym.environments.tool_world.chain.lay import Layer, NotLaid
from envgym.environments.tool_world.chain.levels import LEVELS, Level
from envgym.environments.tool_world.chain.phrasing import manner
from envgym.environments.tool_world.chain.references import NotSayable, Step
from envgym.environments.tool_world.chain.refusal import draft_refusal
from envgym.environments.tool_world.chain.script import Script, write_script
from envgym.environments.tool_world.chain.trouble import draft_trouble
from envgym.environments.tool_world.chain.twists import scrambled
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.net import by_table, difference, net
from envgym.environments.tool_world.world import Change, World
from envgym.errors import UsageError
from envgym.task import TaskFields

DRAFTS = 40
BASES = 16
"""Generated worlds that tasks lie over, per domain and size."""


def generate(domain: Domain, rng: Random, knobs: Any) -> TaskFields:
    """The fields of a new task. Raises UsageError where the domain gives none in 40 drafts."""
    level = LEVELS[knobs.level]
    place = {"seed": rng.randrange(BASES), "size": knobs.size}
    base = base_of(domain, place["seed"], place["size"])
    world = World(domain, base.content, base=(place["seed"], place["size"]))
    problems: list[str] = []
    try:
        for _ in range(DRAFTS):
            ids = rng.getrandbits(40)
            world.begin([], seed=ids)
            try:
                return _task(
                    domain,
                    world,
                    Random(rng.getrandbits(64)),
                    level,
                    knobs,
                    {**place, "ids": ids, "digest": base.digest},
                )
            except (NotLaid, NotSayable) as error:
                problems.append(str(error))
    finally:
        world.close()
    raise UsageError(f"{domain.name} gave no task in {DRAFTS} drafts: {'; '.join(problems[-3:])}")


def _task(domain: Domain, world: World, rng: Random, level: Level, knobs: Any, place: dict[str, Any]) -> TaskFields:
    style = manner(rng)
    draw, options = rng.random(), _shapes(domain, level)
    shape = next(name for name, upto in options if draw < upto)
    drafts: dict[str, Callable[[], tuple[list[Change], Script, dict[str, Any]]]] = {
        "chain": lambda: _chain(domain, world, rng, level, place),
        "refusal": lambda: draft_refusal(domain, world, rng, level, place["ids"]),
        "trouble": lambda: draft_trouble(domain, world, rng, level, place["ids"]),
    }
    changes, script, gold = drafts[shape]()
    finish: Step = {"tool": "finish", "arguments": {"outcome": gold["outcome"]}}
    if script.answer is not None:
        finish["arguments"]["answer"] = script.answer["value"]
    if gold["policy"]:
        finish["arguments"]["policy"] = gold["policy"][0]
    calls = [*script.calls, finish]
    used = [step["tool"] for step in [*calls, *script.forbidden] if step["tool"] not in ("ask_user", "finish")]
    tools = expand(domain, [*used, *gold.get("tools", ())], knobs.tools, rng)
    user: dict[str, Any] = {"facts": script.facts, "wants": script.wants, "revisions": script.revisions}
    return {
        "public": {
            "request": style.request(script.introduction, script.clauses),
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
                "differences": [json.loads(json.dumps(gold["difference"]))],
                "calls": calls,
                "forbidden": script.forbidden,
            },
        },
        "tags": (domain.name, f"level-{knobs.level}", shape, *sorted(set(script.tricks))),
        "difficulty": float(len(calls)),
    }


def _shapes(domain: Domain, level: Level) -> list[tuple[str, float]]:
    """Shapes of tasks with the upper ends of their shares."""
    trouble = level.troubles if domain.troubles else 0.0
    return [("refusal", level.refusals), ("trouble", level.refusals + trouble), ("chain", 1.0)]


def _chain(
    domain: Domain, world: World, rng: Random, level: Level, place: dict[str, Any]
) -> tuple[list[Change], Script, dict[str, Any]]:
    layer = Layer(world, rng)
    chain = Chain(domain, layer, rng)
    chain.grow(rng.randrange(level.operations[0], level.operations[1] + 1))
    _decoys(chain, rng, level.decoys)
    if chain.fault() is not None:
        raise NotLaid(str(chain.fault()))
    changes = net(world.journal())
    world.begin(changes, seed=place["ids"])
    needless = chain.needless()
    if needless is not None:
        raise NotLaid(f"{needless} is undone later on")
    script = write_script(chain, rng, level)
    gold = {"outcome": "done", "policy": [], "difference": difference(domain, world.journal())}
    if not gold["difference"]:
        raise NotLaid("the chain changes nothing in the end")
    return changes, script, gold


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
