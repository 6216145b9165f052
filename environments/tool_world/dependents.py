"""Rows whose columns follow from others: which of them are to be filled again when rows change.

What the `fill` of a table reads is known with the way that leads there, from a reservation over its segments to the status of a flight;
walked back, it leads from a flight to the reservations. What `tx.all` finds is on no way, and is not followed.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.guard import Hop, Path
from envgym.environments.tool_world.reading import read_fill
from envgym.environments.tool_world.world import Change, World

Row = tuple[str, str]
"""Table and id."""


@lru_cache(maxsize=64)
def followers(domain: Domain) -> dict[tuple[str, str], tuple[tuple[str, Path], ...]]:
    """For each column, by table and field, the tables that are filled from it, with the ways from them to it."""
    found: dict[tuple[str, str], dict[tuple[str, Path], None]] = {}
    for kind in domain.fills:
        ways = read_fill(domain, kind).ways
        for path, table, name in sorted(ways, key=lambda way: (len(way[0]), repr(way))):
            if path:
                found.setdefault((table, name), {})[domain.table(kind).name, path] = None
    return {column: tuple(ways) for column, ways in found.items()}


def dependents(world: World, changes: Iterable[Change]) -> list[Row]:
    """The rows that are filled from columns that these changes touch, in the order in which they are found."""
    known = followers(world.domain)
    found: dict[Row, None] = {}
    walked: dict[tuple[Path, str], list[str]] = {}
    for name, id, old, new in changes:
        for at, column in enumerate(world.table_of(name).fields):
            if old is not None and new is not None and old[at] == new[at]:
                continue
            for table, path in known.get((name, column), ()):
                starts = [id, *_left(old, at, path[-1], name, column)]
                for start in starts:
                    back = path if start == id else path[:-1]
                    for owner in _walk_back(world, start, back, walked):
                        found[table, owner] = None
    return list(found)


def _left(old: list[Any] | None, at: int, last: Hop, table: str, column: str) -> list[str]:
    """The row that a changed reference pointed at before, where it is the reference that the way goes over."""
    if old is None or not last.back or (last.table, last.field) != (table, column):
        return []
    return [] if old[at] is None else [old[at]]


def _walk_back(world: World, id: str, path: Path, walked: dict[tuple[Path, str], list[str]]) -> list[str]:
    """The rows from which a way leads to a row."""
    if not path:
        return [id]
    if (path, id) not in walked:
        hop = path[-1]
        table = world.table_of(hop.table)
        if hop.back:
            value = (world.values(table, id) or {}).get(hop.field)
            before = [] if value is None else [value]
        else:
            before = world.ids(table, hop.field, id)
        walked[path, id] = [owner for each in before for owner in _walk_back(world, each, path[:-1], walked)]
    return walked[path, id]
