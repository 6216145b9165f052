"""Worlds that lie ready: those that were given back last, with the tasks that lie in them.

Opening a world takes long, for each of its statements is compiled anew, and so does laying a task down; starting over takes next to
nothing. So whoever is done with a world gives it back, and gets the one in which its task still lies, if it is there.
"""

from threading import Lock

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.world import World

PER_BASE = 2
"""Idle worlds over a base from which on one of them is taken for a task that lies in none, and no further one opened."""
KEPT_BYTES = 16_000_000
"""What the bases of idle worlds may hold together: some 50 worlds of the size that domains declare."""
_lock = Lock()
_idle: list[World] = []
"""The one that was given back first comes first."""


def lend(domain: Domain, base: tuple[int, int], task: str = "") -> World:
    """A world over a base, which nobody else has. The task of this hash may lie in it already (`world.task`), or anything else."""
    with _lock:
        fitting = [world for world in _idle if world.domain is domain and world.base == base]
        found = next((world for world in fitting if world.task == task), None)
        if found is None and len(fitting) >= PER_BASE:
            found = fitting[0]
        if found is not None:
            _idle.remove(found)
            return found
    return World(domain, base_of(domain, *base).content, base=base)


def give_back(world: World) -> None:
    """Keeps a world for whoever needs it next. The caller must not touch it any more."""
    with _lock:
        _idle.append(world)
        while sum(each.base_bytes for each in _idle) > KEPT_BYTES:
            _idle.pop(0).close()
