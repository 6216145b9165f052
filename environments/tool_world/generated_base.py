"""Bases: generated worlds that tasks lie over, made once per process and named by a digest of their rows.

The digest is of the rows, not of the file: another version of SQLite may write other bytes for the same rows.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.populate import base
from envgym.environments.tool_world.world import World


@dataclass(frozen=True, slots=True)
class Base:
    """A database as bytes, and the digest of its rows."""

    content: bytes
    digest: str


@lru_cache(maxsize=64)
def base_of(domain: Domain, seed: int, size: int) -> Base:
    """The base of a seed and a size, with `domain` checked."""
    content = base(domain, seed, size)
    world = World(domain, content)
    digest = hashlib.sha256()
    for table in domain.tables.values():
        digest.update(json.dumps([table.name, table.columns]).encode())
        for row in world.execute(f'SELECT * FROM "{table.name}" ORDER BY id'):
            digest.update(json.dumps(row).encode())
    world.close()
    return Base(content, digest.hexdigest())
