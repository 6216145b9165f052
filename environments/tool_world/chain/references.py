"""References: how a user names a row without its id, and the reads by which an agent finds it.

A reference is by a known id, a natural key, a hop ("the payment method ending in 4417 of ..."), the owner of something known, an
extreme ("my latest order"), or filters of a search. Each is proved to mean exactly one row in the world as it stands, by the database,
and rests on no column and no set of rows that the task's own operations change. The expression is the list of reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, permutations
from typing import Any

from envgym.environments.tool_world.chain.describe import Describer, alike
from envgym.environments.tool_world.chain.lay import Place
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.shown import key_of, shown_value, styled
from envgym.environments.tool_world.tools import WorldTool, roles

Step = dict[str, Any]
"""A call: {"tool", "arguments"}."""
MOST = 40
"""Rows that a person would look through."""


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
class Referrer(Describer):
    """Names rows. `avoid` are (table, field) pairs and `churn` tables that the task changes; `me` is the row of the person who asks."""

    churn: frozenset[str] = frozenset()
    me: Place | None = None
    mine: Reference | None = None
    named: dict[Place, Reference] = field(default_factory=dict)
    naming: tuple[str, ...] = ()
    """Tables whose rows are being named now: nobody names an order by another order."""

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
        before, self.naming = self.naming, (*self.naming, table.name)
        try:
            found = list(self._all(table, place[1], hops))
        finally:
            self.naming = before
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
            yield from self._by_both(table, id, values, hops)
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
            yield Reference(self.phrase(table, keys, values), ({"tool": tool.name, "arguments": arguments},), 0, "key")

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
            phrases = list(self.apart(table, id, values, siblings)) if len(siblings) > 1 else [table.noun]
            if not phrases or len(siblings) > MOST:
                continue
            owner = self._owner((above.name, parent), hops)
            if owner is None:
                continue
            read = self._list_call(above, described.many, parent)
            phrase = self.rng.choice(phrases)
            text = f"my {phrase}" if owner.kind == "me" else f"the {phrase} of {owner.text}"
            yield Reference(text, (*owner.reads, read), owner.hops + 1, "hop")

    def _owner(self, place: Place, hops: int) -> Reference | None:
        """A reference to the row that another belongs to; None where it cannot be told."""
        if place == self.me:
            return self.refer(place)
        try:
            return self._any(place, hops - 1)
        except NotSayable:
            return None

    def _list_call(self, above: Table, many: str, parent: str) -> Step:
        tool = roles(self.world.domain)["list", above.name, many]
        return {"tool": tool.name, "arguments": {key_of(self.world.domain, above, "id"): parent}}

    def _by_both(self, table: Table, id: str, values: dict[str, Any], hops: int) -> Iterator[Reference]:
        """A row that joins two others, by both: the booking of a guest with a room. Neither alone would tell it."""
        pairs = [
            (name, other)
            for name, other in permutations(
                [
                    name
                    for name, each in table.fields.items()
                    if each.kind == "ref"
                    and values[name] is not None
                    and not each.hidden
                    and (table.name, name) not in self.avoid
                ],
                2,
            )
            if table.fields[name].many and not table.fields[other].same and not table.fields[name].same
        ]
        if table.name in self.churn or not pairs:
            return
        name, other = self.rng.choice(pairs)
        above, beside = (self.world.table_of(table.fields[each].target) for each in (name, other))
        siblings = self.world.ids(table, name, values[name])
        joined = [each for each in siblings if (self.world.values(table, each) or {})[other] == values[other]]
        if above is beside or joined != [id] or not 2 <= len(siblings) <= MOST:
            return
        owner, second = self._owner((above.name, values[name]), hops), self._owner((beside.name, values[other]), hops)
        if owner is None or second is None or owner.hops + second.hops >= hops:
            return
        whose = f"my {table.noun}" if owner.kind == "me" else f"the {table.noun} of {owner.text}"
        yield Reference(
            f"{whose} (the one with {second.text})",
            (*owner.reads, *second.reads, self._list_call(above, table.fields[name].many, values[name])),
            owner.hops + second.hops + 1,
            "both",
        )

    # ---- several rows by one phrase

    def refer_any(self, places: list[Place]) -> Reference:
        """ "Any of my payment methods": a reference to just these rows of one table. Raises NotSayable."""
        table = self.world.table_of(places[0][0])
        ids = [id for _, id in places]
        found = [*self._several_by_hop(table, ids), *self._several_by_search(table, ids)]
        if table.name in self.churn or not found:
            raise NotSayable(f"any of {len(ids)} {table.plural}")
        return self.rng.choice(found)

    def _several_by_hop(self, table: Table, ids: list[str]) -> Iterator[Reference]:
        """All rows that belong to another, or those of them that a column tells apart from the rest."""
        first = self.world.values(table, ids[0]) or {}
        for name, described in table.fields.items():
            if described.kind != "ref" or not described.many or not first[name] or (table.name, name) in self.avoid:
                continue
            siblings = self.world.ids(table, name, first[name])
            if len(siblings) > MOST or not set(ids) <= set(siblings):
                continue
            above = self.world.table_of(described.target)
            phrase, owner = self._common(table, ids, siblings), self._owner((above.name, first[name]), self.hops)
            if phrase is None or owner is None:
                continue
            mine = owner.kind == "me"
            text = f"any {phrase}{' of mine' if mine else f' of {owner.text}'}"
            if phrase == table.noun:
                text = f"{self.rng.choice(('any', 'any one'))} of {f'my {table.plural}' if mine else f'the {table.plural} of {owner.text}'}"
            reads = (*owner.reads, self._list_call(above, described.many, first[name]))
            yield Reference(text, reads, owner.hops + 1, "any")

    def _several_by_search(self, table: Table, ids: list[str]) -> Iterator[Reference]:
        """The rows that a search by one or two words finds."""
        tool = roles(self.world.domain).get(("search", table.name, ()))
        first = self.world.values(table, ids[0]) or {}
        usable = [
            n for n, each in table.fields.items() if each.search and each.choices and self.sayable(table, n, first)
        ]
        for names in (*combinations(usable, 1), *combinations(usable, 2)):
            where = " AND ".join(f'"{table.column(name)}" = ?' for name in names)
            found = self.world.execute(
                f'SELECT id FROM "{table.name}" WHERE {where} ORDER BY id LIMIT 9', [first[name] for name in names]
            ).fetchall()
            if tool is not None and sorted(ids) == [id for (id,) in found]:
                text = f"any {self.phrase(table, names, first).removeprefix('the ')}"
                yield Reference(text, (self._search_call(tool, table, names, first),), 0, "any")
                return

    def _common(self, table: Table, ids: list[str], siblings: list[str]) -> str | None:
        """What just these among their siblings have in common, as a phrase; the bare noun where they are all there are."""
        if len(ids) == len(siblings):
            return table.noun
        rows = [self.world.values(table, id) or {} for id in ids]
        others = [self.world.values(table, id) or {} for id in siblings if id not in ids]
        for name in table.fields:
            if not self.sayable(table, name, rows[0]) or not all(alike(row[name], rows[0][name]) for row in rows):
                continue
            if not any(alike(other[name], rows[0][name]) for other in others):
                return self.phrase(table, (name,), rows[0]).removeprefix("the ")
        return None

    def _by_owned(self, table: Table, id: str) -> Iterator[Reference]:
        """The row that something with a known id points at: the customer of order W1."""
        for name, (child, reference) in table.many.items():
            together = child.fields[reference].per is not None or any(
                reference in each.same for each in child.fields.values()
            )
            if (
                not (together and child.known)
                or child.name in self.naming
                or child.name in self.churn
                or (child.name, reference) in self.avoid
                or (table.name, id) == self.me
            ):
                continue
            owned = self.world.ids(child, reference, id)
            if not owned or len(owned) > MOST:
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
            if each.search and self.sayable(table, name, values) and not each.whole_number
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
                    f"{self.phrase(table, names, values)}",
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
