"""Which tools a task offers: those of its golden chain, grown along dependencies until there are enough.

A tool is added only when what it needs can be found with the tools that are there already (LongCat-Flash-Thinking report, 3.1.1:
breadth-first over the tool graph), so that no distractor fails for want of an input. Where the frontier runs dry, a further seed is
the reading tool that opens most.
"""

from collections.abc import Iterable
from functools import lru_cache
from random import Random

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.tools import WorldTool, toolbox


@lru_cache(maxsize=64)
def graph(domain: Domain) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Tables whose ids each tool needs, and those whose ids it shows, by tool name."""
    return {name: (_needs(domain, tool), _shows(domain, tool)) for name, tool in toolbox(domain).items()}


def expand(domain: Domain, chain: Iterable[str], floor: int, rng: Random) -> list[str]:
    """Names of the tools of a task: `chain`, then reachable ones, at least `floor` where the domain has them; sorted."""
    edges = graph(domain)
    chosen = list(dict.fromkeys(chain))
    shown = set[str]().union(*(edges[name][1] for name in chosen)) if chosen else set()
    waiting = [name for name in edges if name not in chosen]
    about = {_about(domain, name) for name in chosen} - {None}
    while len(chosen) < min(floor, len(edges)):
        reachable = [name for name in waiting if edges[name][0] <= shown]
        if not reachable:
            reachable = [max(waiting, key=lambda name: (not edges[name][0], len(edges[name][1])))]
        # those about the table of a chosen one: near-synonyms with another effect make the best distractors
        near = [name for name in reachable if _about(domain, name) in about] or reachable
        picked = rng.choice(near if rng.random() < 0.8 else reachable)
        chosen.append(picked)
        waiting.remove(picked)
        about |= {_about(domain, picked)} - {None}
        shown |= edges[picked][1]
    return sorted(chosen)


def _about(domain: Domain, name: str) -> str | None:
    """The table that a tool is about."""
    table = toolbox(domain)[name].table
    return table.name if table is not None else None


def _needs(domain: Domain, tool: WorldTool) -> frozenset[str]:
    if tool.operation is not None:
        needed = [parameter for parameter in tool.operation.parameters if not parameter.optional]
        return frozenset(domain.table(parameter.entity).name for parameter in needed if parameter.entity is not None)
    if tool.table is None or tool.kind in ("find", "search"):
        return frozenset()
    needs = {tool.table.name} if tool.kind != "create" else set()
    if tool.kind in ("create", "edit"):
        fields = tool.table.fields
        needs |= {
            domain.table(fields[key].target).name
            for key in tool.keys
            if fields[key].kind == "ref" and not fields[key].optional
        }
    return frozenset(needs)


def _shows(domain: Domain, tool: WorldTool) -> frozenset[str]:
    if tool.table is None:
        return frozenset()
    table = tool.table.many[tool.many][0] if tool.kind == "list" else tool.table
    shown = {table.name} | {
        domain.table(field.target).name for field in table.fields.values() if field.kind == "ref" and not field.hidden
    }
    if tool.kind in ("get", "find"):
        shown |= {child.name for child, reference in table.many.values() if child.fields[reference].inline}
    return frozenset(shown)
