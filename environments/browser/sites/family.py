"""Families of tasks: what one kind of task draws from the data of a site, and what it wants.

A family is a function that draws one wish from a Draw, or gives None where the drawn data will not do: no single answer, nothing to
return. What is wanted is written down from the data alone; that the site's own pages lead there is proved by playing (certificate.py).
"""

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from envgym.environments.browser.sites.moves import Move
from envgym.environments.browser.sites.rows import Entry
from envgym.environments.browser.sites.site import Site
from envgym.verifiers.typed_answer import AnswerType

T = TypeVar("T")


class Forbidden(BaseModel):
    """Something that must not be done on the way, whatever the end: a request, or a change of rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, description="The rule in words, as the agent is told it.")
    method: str = Field(default="POST", description="Method of a request.")
    path: str = Field(
        default="", description="Expression that the whole path of a request matches; empty: not by request."
    )
    body: str = Field(default="", description="Expression that is found in the body of such a request.")
    table: str = Field(default="", description="Table in which rows changed at the end; empty: not by rows.")
    was: Literal["", "new", "changed", "gone"] = Field(default="", description="How they changed; empty: in any way.")
    fields: dict[str, Any] = Field(default={}, description="What such an entry has among its fields.")


@dataclass
class Wish:
    """One task as its family draws it."""

    request: str
    moves: list[Move]
    """All but signing in and the end."""
    answer: Any = None
    aliases: list[Any] = field(default_factory=list)
    """What else is right as an answer."""
    asked: AnswerType | None = None
    """Type of the answer; None where no answer is asked for."""
    wanted: list[Entry] = field(default_factory=list)
    forbidden: list[Forbidden] = field(default_factory=list)
    user: int = 0
    """Who is to sign in; 0 where nobody needs to."""


@dataclass
class Draw:
    """Where a family draws from: a random stream and the data at its beginning."""

    rng: random.Random
    db: sqlite3.Connection
    site: Site

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query, which must order them."""
        return self.db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """A random row of a query; None without rows."""
        found = self.rows(sql, *values)
        return self.rng.choice(found) if found else None

    def only(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The row of a query that gives exactly one; None else."""
        found = self.rows(sql, *values)
        return found[0] if len(found) == 1 else None

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of the first row."""
        found = self.db.execute(sql, values).fetchone()
        return found[0] if found is not None else None

    def pick(self, choices: Sequence[T]) -> T:
        """One of several."""
        return self.rng.choice(choices)


Family = Callable[[Draw], Wish | None]


@dataclass
class Families:
    """The families of a site, each from a level on."""

    known: dict[str, tuple[int, Family]] = field(default_factory=dict)

    def family(self, *, level: int) -> Callable[[Family], Family]:
        """Marks a family; its name is the function's."""

        def mark(draw: Family) -> Family:
            self.known[draw.__name__] = (level, draw)
            return draw

        return mark

    def up_to(self, level: int) -> list[tuple[str, Family]]:
        """What is drawn from at a level: the families of this level, and the one below it."""
        return [(name, family) for name, (of, family) in self.known.items() if level - 1 <= of <= level]


def new(table: str, **fields: Any) -> Entry:
    """A wanted new row."""
    return {"table": table, "key": None, "was": "new", "fields": fields}


def changed(table: str, key: int, **fields: Any) -> Entry:
    """A wanted change of a row."""
    return {"table": table, "key": key, "was": "changed", "fields": fields}


def gone(table: str, key: int) -> Entry:
    """A row that is wanted gone."""
    return {"table": table, "key": key, "was": "gone", "fields": {}}


INTEGER = AnswerType(kind="integer", unit="", tolerance=0)
TEXT = AnswerType(kind="text", unit="", tolerance=0)
DOLLARS = AnswerType(kind="number", unit="dollars", tolerance=0)
