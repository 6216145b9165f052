"""The person who asks: a row that the rules of the house want looked up, or whom the rows of a chain belong to."""

from random import Random

from envgym.environments.tool_world.chain.describe import clause
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.references import Reference, Referrer, Step
from envgym.environments.tool_world.chain.surface import forms
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.shown import key_of, shown_value
from envgym.environments.tool_world.tools import WorldTool, roles, toolbox
from envgym.environments.tool_world.world import World

STEPS = 4


def person_tools(domain: Domain) -> list[WorldTool]:
    """The finding tools by which a person is looked up: those of the identifying policies, else of the first entity that has a name and a
    key.
    """
    named = [name for policy in domain.policies.values() if policy.kind == "identify" for name in policy.tools]
    found = [tool for tool in toolbox(domain).values() if tool.name in named and tool.kind == "find"]
    if found:
        return found
    for table in domain.tables.values():
        if table.find and "name" in table.fields:
            return [roles(domain)["find", table.name, keys] for keys in table.find]
    return []


def nearest(world: World, table: Table, places: list[Place]) -> Place | None:
    """A row of `table` that the places belong to, by the fewest references followed."""
    waiting, seen = list(places), set(places)
    for _ in range(STEPS):
        for place in waiting:
            if place[0] == table.name:
                return place
        following = []
        for name, id in waiting:
            values = world.values(world.table_of(name), id) or {}
            for field_name, field in world.table_of(name).fields.items():
                if field.kind == "ref" and values.get(field_name) is not None:
                    place = (world.table_of(field.target).name, values[field_name])
                    if place not in seen:
                        seen.add(place)
                        following.append(place)
        waiting = following
    return None


def introduce(referrer: Referrer, places: list[Place], rng: Random) -> tuple[str, Reference] | None:
    """How the person says who they are, and the lookup that finds them; None where the places belong to nobody with a key."""
    world = referrer.world
    tools = person_tools(world.domain)
    rng.shuffle(tools)
    for tool in tools:
        assert tool.table is not None
        place = nearest(world, tool.table, places)
        if place is None:
            continue
        values = world.values(tool.table, place[1]) or {}
        if any((tool.table.name, key) in referrer.avoid or values[key] is None for key in tool.keys):
            continue
        where = " AND ".join(f'"{tool.table.column(key)}" = ?' for key in tool.keys)
        if (
            world.execute(
                f'SELECT count(*) FROM "{tool.table.name}" WHERE {where}', [values[key] for key in tool.keys]
            ).fetchone()[0]
            != 1
        ):
            continue
        fields = tool.table.fields
        read: Step = {
            "tool": tool.name,
            "arguments": {
                key_of(world.domain, tool.table, key): shown_value(world.domain, fields[key], values[key])
                for key in tool.keys
            },
        }
        spoken = {key: rng.choice(list(forms(fields[key], values[key], world.calendar))) for key in tool.keys}
        referrer.me, referrer.mine = place, Reference("me", (read,), 0, "me")
        return _introduction(spoken, {key: clause(fields[key], key) for key in tool.keys}, rng), referrer.mine
    return None


def _introduction(spoken: dict[str, str], clauses: dict[str, str], rng: Random) -> str:
    if "name" in spoken:
        others = [
            clauses[key].format(value=value) if key.endswith("_on") else f"my {key.replace('_', ' ')} is {value}"
            for key, value in spoken.items()
            if key != "name"
        ]
        start = rng.choice([f"This is {spoken['name']}", f"My name is {spoken['name']}", f"I am {spoken['name']}"])
        return f"{start}{', ' + ' and '.join(others) if others else ''}."
    parts = [f"{key.replace('_', ' ')} is {value}" for key, value in spoken.items() if not key.endswith("_on")]
    dated = "".join(f", {clauses[key].format(value=value)}" for key, value in spoken.items() if key.endswith("_on"))
    return rng.choice(
        [
            f"My {' and my '.join(parts)}{dated}.",
            f"You will find me under this: {' and '.join(parts)}{dated}.",
            f"My account: {', '.join(parts)}{dated}.",
        ]
    )
