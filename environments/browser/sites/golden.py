"""Golden snapshots: the database of a site as bytes, made once per data seed and size, opened anew for every episode."""

import random
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from envgym.environments.browser.sites.rows import Rows, rows_of
from envgym.environments.browser.sites.site import OWN_TABLES, Site, SiteApp

KEPT = 64
"""Databases that a process keeps as bytes."""
_making = Lock()


@dataclass(frozen=True)
class Golden:
    """A database at its beginning."""

    site: Site
    content: bytes
    rows: Rows
    """All that is compared, by table and key."""

    def open(self) -> sqlite3.Connection:
        """A copy of its own; any thread may use it, one at a time."""
        db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        db.deserialize(self.content)
        db.row_factory = sqlite3.Row
        return db

    def app(self) -> SiteApp:
        """The site over such a copy."""
        return SiteApp(self.site, self.open())


def golden(site: type[Site], seed: int, size: int) -> Golden:
    """The snapshot of a site for a data seed. The same arguments give the same bytes of content."""
    with _making:
        return _made(site, seed, size)  # type: ignore[arg-type]  # mypy holds that a class has no hash


@lru_cache(maxsize=KEPT)
def _made(kind: type[Site], seed: int, size: int) -> Golden:
    site = kind()
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    db.executescript(OWN_TABLES + site.schema)
    rng = random.Random(f"{site.name}/{seed}/{size}")
    db.execute("BEGIN")
    db.execute("INSERT INTO _site VALUES (0, 0, ?)", (f"{rng.getrandbits(64):x}",))
    site.populate(db, rng, size)
    db.execute("COMMIT")
    return Golden(site, db.serialize(), rows_of(db))
