"""References: how a user names a row without its id, and the reads by which an agent finds it.

A reference is by a known id, a natural key, a hop ("the payment method ending in 4417 of ..."), the owner of something known, an
extreme ("my latest order"), or filters of a search. Each is proved to mean exactly one row in the world as it stands, by the database,
and rests on no column and no set of rows that the task's own operations change. The expression is the list of reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.chain.surface import forms, said
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import key_of, shown_value, styled
from envgym.environments.tool_world.tools import WorldTool, roles
from envgym.environments.tool_world.world import World

Step = dict[str, Any]
"""A call: {"tool", "arguments"}."""
RELATIVE = re.compile(r"today|tomorrow|yesterday|in \d+ days|\d+ days ago")
NAMING = ("name", "title", "label", "subject")


class NotSayable(Exception):
    """No reference means this row and no other."""


@dataclass(frozen=True, slots=True)
class Reference:
    """How a row is named, the reads that lead to its id, and how many relations those follow."""

    text: str
    reads: tuple[Step, ...] = ()
    hops: int = 0
    kind: str = "id"


@dataclass(slots=True)
class Referrer:
    """Names rows of one world. `avoid` are (table, field) pairs and `churn` tables that the task changes; `me` is the row of the person
    who asks.
    """

    world: World
    rng: Random
    hops: int
    avoid: frozenset[tuple[str, str]] = frozenset()
    churn: frozenset[str] = frozenset()
    me: Place | None = None
    mine: Reference | None = None
    named: dict[Place, Reference] = field(default_factory=dict)

    def refer(self, place: Place) -> Reference:
        """A reference to a row. One that was named before is "that order", where no other order was. Raises NotSayable."""
        if place == self.me and self.mine is not None:
            return Reference("me", self.mine.reads, 0, "me")
        if place in self.named:
            same = [other for other in self.named if other[0] == place[0]]
            noun = self.world.table_of(place[0]).noun
            return Reference(f"that {noun}", (), 0, "again") if len(same) == 1 else self.named[place]
        found = self._any(place, self.hops)
        self.named[place] = found
        return found

    def _any(self, place: Place, hops: int) -> Reference:
        table = self.world.table_of(place[0])
        found = list(self._all(table, place[1], hops))
        if not found:
            raise NotSayable(f"{table.noun} {place[1]}")
        own = [each for each in found if each.text.startswith("my ")]
        if own and self.rng.random() < 0.8:
            return self.rng.choice(own)
        far = [each for each in found if each.hops >= hops] or found
        return self.rng.choice(far if self.rng.random() < 0.6 else found)

    def _all(self, table: Table, id: str, hops: int) -> Iterator[Reference]:
        values = self.world.values(table, id)
        assert values is not None
        if table.known:
            yield Reference(f"{table.noun} {id}", (), 0, "id")
        yield from self._by_key(table, id, values)
        if hops > 0:
            yield from self._by_hop(table, id, values, hops)
            yield from self._by_owned(table, id)
        if table.name not in self.churn:
            yield from self._by_search(table, id, values)

    # ---- kinds of references

    def _by_key(self, table: Table, id: str, values: dict[str, Any]) -> Iterator[Reference]:
        for keys in table.find:
            if any(
                (table.name, key) in self.avoid or values[key] is None or table.fields[key].kind == "ref"
                for key in keys
            ):
                continue
            tool = roles(self.world.domain)["find", table.name, keys]
            where = " AND ".join(f'"{table.column(key)}" = ?' for key in keys)
            count = self.world.execute(
                f'SELECT count(*) FROM "{table.name}" WHERE {where}', [values[key] for key in keys]
            ).fetchone()[0]
            if count != 1 or (table.name in self.churn and not any(table.fields[key].unique for key in keys)):
                continue
            arguments = {
                key_of(self.world.domain, table, key): shown_value(self.world.domain, table.fields[key], values[key])
                for key in keys
            }
            yield Reference(self._phrase(table, keys, values), ({"tool": tool.name, "arguments": arguments},), 0, "key")

    def _by_hop(self, table: Table, id: str, values: dict[str, Any], hops: int) -> Iterator[Reference]:
        """One of the rows that belong to another: the only one, or one that a column or an extreme tells apart."""
        for name, described in table.fields.items():
            parent = values[name]
            if (
                described.kind != "ref"
                or not described.many
                or parent is None
                or (table.name, name) in self.avoid
                or table.name in self.churn
            ):
                continue
            above = self.world.table_of(described.target)
            siblings = self.world.ids(table, name, parent)
            phrases = list(self._apart(table, id, values, siblings)) if len(siblings) > 1 else [table.noun]
            if not phrases or len(siblings) > 40:
                continue
            try:
                owner = (
                    self.refer((above.name, parent))
                    if (above.name, parent) == self.me
                    else self._any((above.name, parent), hops - 1)
                )
            except NotSayable:
                continue
            tool = roles(self.world.domain)["list", above.name, described.many]
            read = {"tool": tool.name, "arguments": {key_of(self.world.domain, above, "id"): parent}}
            phrase = self.rng.choice(phrases)
            text = f"my {phrase}" if owner.kind == "me" else f"the {phrase} of {owner.text}"
            yield Reference(text, (*owner.reads, read), owner.hops + 1, "hop")

    def _by_owned(self, table: Table, id: str) -> Iterator[Reference]:
        """The row that something with a known id points at: the customer of order #W1."""
        for name, (child, reference) in table.many.items():
            together = child.fields[reference].per is not None or any(
                reference in each.same for each in child.fields.values()
            )
            if (
                not (together and child.known)
                or child.name in self.churn
                or (child.name, reference) in self.avoid
                or (table.name, id) == self.me
            ):
                continue
            owned = self.world.ids(child, reference, id)
            if not owned or len(owned) > 40:
                continue
            chosen = self.rng.choice(owned)
            tool = roles(self.world.domain)["get", child.name, ()]
            read = {"tool": tool.name, "arguments": {key_of(self.world.domain, child, "id"): chosen}}
            noun = reference.replace("_", " ")
            yield Reference(f"the {noun} of {child.noun} {chosen}", (read,), 1, f"owned {name}")

    def _by_search(self, table: Table, id: str, values: dict[str, Any]) -> Iterator[Reference]:
        tool = roles(self.world.domain).get(("search", table.name, ()))
        usable = [
            name
            for name, each in table.fields.items()
            if each.search and self._sayable(table, name, values) and not each.whole_number
        ]
        if tool is None:
            return
        for size in (2, 3):
            for names in combinations(usable, size):
                where = " AND ".join(f'"{table.column(name)}" = ?' for name in names)
                ids = self.world.execute(
                    f'SELECT id FROM "{table.name}" WHERE {where} LIMIT 2', [values[name] for name in names]
                ).fetchall()
                if ids != [(id,)]:
                    continue
                yield Reference(
                    f"{self._phrase(table, names, values)}",
                    (self._search_call(tool, table, names, values),),
                    0,
                    "search",
                )
                return

    def _search_call(self, tool: WorldTool, table: Table, names: tuple[str, ...], values: dict[str, Any]) -> Step:
        arguments: dict[str, Any] = {}
        for name in names:
            shown, field = key_of(self.world.domain, table, name), table.fields[name]
            value = shown_value(self.world.domain, field, values[name])
            if field.kind in ("date", "moment"):
                arguments |= {styled(self.world.domain, f"{table.column(name)}_{end}"): value for end in ("from", "to")}
            else:
                arguments[shown] = value
        return {"tool": tool.name, "arguments": arguments}

    # ---- telling rows apart

    def _apart(self, table: Table, id: str, values: dict[str, Any], siblings: list[str]) -> Iterator[str]:
        """Phrases that mean this row among its siblings."""
        others = [self.world.values(table, other) or {} for other in siblings if other != id]
        sayable = [name for name in table.fields if self._sayable(table, name, values)]
        for size in (1, 2):
            found = [
                names
                for names in combinations(sayable, size)
                if not any(all(_alike(other[n], values[n]) for n in names) for other in others)
            ]
            for names in found:
                yield self._phrase(table, names, values).removeprefix("the ")
            if found:
                break
        for name, described in table.fields.items():
            if (
                described.extremes is None
                or (table.name, name) in self.avoid
                or values[name] is None
                or described.hidden
            ):
                continue
            rest = [other[name] for other in others]
            if any(each is None for each in rest):
                continue
            if all(each > values[name] for each in rest):
                yield self._extreme(table, name, described.extremes[0])
            elif all(each < values[name] for each in rest):
                yield self._extreme(table, name, described.extremes[1])

    def _extreme(self, table: Table, name: str, adjective: str) -> str:
        dated = [
            each
            for each, described in table.fields.items()
            if described.kind in ("date", "moment") and not described.hidden
        ]
        by = (
            f" by its {name.replace('_', '-')} date"
            if table.fields[name].kind in ("date", "moment") and len(dated) > 1
            else ""
        )
        return f"{adjective} {table.noun}{by}"

    def _sayable(self, table: Table, name: str, values: dict[str, Any]) -> bool:
        described = table.fields[name]
        if (
            (table.name, name) in self.avoid
            or values[name] is None
            or described.hidden
            or described.kind in ("ref", "note")
        ):
            return False
        if described.kind in ("integer", "cents", "flag"):
            return bool(described.says)
        return True

    def _phrase(self, table: Table, names: tuple[str, ...], values: dict[str, Any]) -> str:
        """the {adjectives} {noun} {clauses}"""
        before: list[str] = []
        after: list[str] = []
        for name in names:
            described = table.fields[name]
            value = said(described, values[name], self.world.calendar, self.rng)
            pattern = clause(described, name)
            if described.kind in ("date", "moment") and RELATIVE.match(value):
                if "on {value}" not in pattern:  # "until in 3 days"
                    value = forms(described, values[name], self.world.calendar)[0]
                pattern = pattern.replace("on {value}", "{value}")
            if described.kind == "choice" and not described.says:
                before.append(value)
            elif name in NAMING and not described.says:
                after.insert(0, value)
            else:
                after.append(pattern.format(value=value))
        whole = [name for name in names if table.fields[name].says.startswith("the {value}")]
        if whole and len(names) == 1:
            return after[0]
        return " ".join(["the", *before, table.noun, *(part.removeprefix("the ") for part in after)])


def clause(described: Field, name: str) -> str:
    """How a column is said after its noun."""
    if described.says:
        return described.says
    words = name[:-3].replace("_", " ")
    if described.kind in ("date", "moment") and name.endswith(("_on", "_at")):
        return f"that {words} on {{value}}" if words.endswith("s") else f"{words} on {{value}}"
    if described.kind in ("date", "moment") and name.endswith(("_until", "_by")):
        return f"{name.replace('_', ' ')} {{value}}"
    if described.kind == "states":
        return "that is {value}"
    return f"with the {name.replace('_', ' ')} {{value}}"


def _alike(one: Any, other: Any) -> bool:
    """Whether a person would take two values for the same."""
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other
