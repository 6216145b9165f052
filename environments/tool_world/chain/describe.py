"""Descriptions of rows: by which of its columns a person would tell a row from others, and how that is said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

from envgym.environments.tool_world.chain.surface import forms, said
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.world import World

RELATIVE = re.compile(r"today|tomorrow|yesterday|in \d+ days|\d+ days ago")
NAMING = ("name", "title", "label", "subject")
PRICE = re.compile(r"price|total|cost|fare|rate|fee")


@dataclass(slots=True)
class Describer:
    """Describes rows of one world, by none of the (table, field) pairs in `avoid`."""

    world: World
    rng: Random
    hops: int
    avoid: frozenset[tuple[str, str]] = frozenset()

    def apart(self, table: Table, id: str, values: dict[str, Any], siblings: list[str]) -> Iterator[str]:
        """Phrases that mean this row among its siblings."""
        others = [self.world.values(table, other) or {} for other in siblings if other != id]
        sayable = [name for name in table.fields if self.sayable(table, name, values)]
        for size in (1, 2):
            found = [
                names
                for names in combinations(sayable, size)
                if not any(all(alike(other[n], values[n]) for n in names) for other in others)
            ]
            for names in found:
                yield self.phrase(table, names, values).removeprefix("the ")
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
                yield self.extreme(table, name, described.extremes[0])
            elif all(each < values[name] for each in rest):
                yield self.extreme(table, name, described.extremes[1])

    def extreme(self, table: Table, name: str, adjective: str) -> str:
        """The row with the largest or smallest value: by the adjective of its column, else by what the column says."""
        described = table.fields[name]
        last = described.extremes is not None and adjective == described.extremes[1]
        words = name.replace("_", " ")
        if described.kind in ("date", "moment") and described.extremes == ("earliest", "latest"):
            verb = re.sub(r" (on|at|until|by)$", "", words)
            if participle(verb):
                return f"{table.noun} {verb} {'last' if last else 'first'}"
            if verb.endswith("s") and verb != words:
                return f"{table.noun} that {verb} {'last' if last else 'first'}"
            return f"{table.noun} with the {adjective} {verb} date" if verb != "date" else f"{adjective} {table.noun}"
        if (
            described.kind == "cents"
            and described.extremes == ("cheapest", "most expensive")
            and not PRICE.search(words)
        ):
            return f"{table.noun} with the {'highest' if last else 'lowest'} {amount(words)}"
        return f"{adjective} {table.noun}"

    def sayable(self, table: Table, name: str, values: dict[str, Any]) -> bool:
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

    def phrase(self, table: Table, names: tuple[str, ...], values: dict[str, Any]) -> str:
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


def alike(one: Any, other: Any) -> bool:
    """Whether a person would take two values for the same."""
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other


def participle(word: str) -> bool:
    """Whether a word tells what was done: placed, born, paid."""
    return word.rsplit(" ", 1)[-1].endswith(("ed", "born", "paid", "held", "sent", "written", "taken", "made", "left"))


def amount(words: str) -> str:
    """A column of money as a noun: the total, the amount paid."""
    return f"amount {words}" if participle(words) else words
