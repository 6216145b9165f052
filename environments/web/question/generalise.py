"""Saying less: a clue made vaguer, so that it still holds of the same entity and fits more others.

A number becomes a rounded range, a year its decade or a longer time, an exact count a bound, a name the description of what it names, a
value the broader value that all who have it share, and where few others are left, what they all have becomes what this one has not.
"""

import random
from collections.abc import Iterator
from typing import Any

from envgym.environments.web.corpus.facts import Entity
from envgym.environments.web.question.query import Counts, Decade, Has, Lacks, Scalar, Within
from envgym.environments.web.question.solver import Bounds, Solver

DECADES = 0.6
"""How often a year becomes a decade, and not a longer time."""
MOST_DENIED = 4
"""Others that one denial may rule out."""


class Broader:
    """Which values everything with a value has too, as what lies in Southern Europe lies in Europe; kept once it was found."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self._kept: dict[tuple[str, Scalar], list[Has]] = {}

    def of(self, clue: Has) -> list[Has]:
        """What holds wherever `clue` holds, and of twice as many entities."""
        key = (clue.relation, clue.value)
        if key not in self._kept:
            self._kept[key] = list(self._found(clue))
        return self._kept[key]

    def _found(self, clue: Has) -> Iterator[Has]:
        store = self._solver.store
        having = self._solver.statements(clue.relation).having.get(clue.value, 0)
        if having.bit_count() < 2:
            return
        for name, relation in store.relations.items():
            if relation.kind == "entity" and relation.subject == store.relations[clue.relation].subject:
                for value, wider in self._solver.statements(name).having.items():
                    if having & wider == having and wider.bit_count() >= 2 * having.bit_count():
                        yield Has(name, value)


def vaguer(broader: Broader, kind: str, clue: Any, rng: random.Random) -> Any | None:
    """A vaguer form of a clue, whose relation has values of a `kind`, that holds wherever it does; None where there is none."""
    match clue:
        case Counts(least=least, most=most) if least == most and least is not None and least >= 2:
            return Counts(clue.relation, least - rng.randint(0, min(1, least - 2)), None)
        case Decade():
            return _years(clue.relation, clue.first + 5, rng)
        case Has(turned=False) if kind == "year":
            year = int(clue.value)
            return (
                Decade(clue.relation, year // 10 * 10) if rng.random() < DECADES else _years(clue.relation, year, rng)
            )
        case Has(turned=False) if kind == "number":
            return _range(clue.relation, float(clue.value), rng)
        case Has(turned=False):
            found = broader.of(clue)
            return rng.choice(found) if found else None
    return None


def denial(solver: Solver, found: Bounds, entity: Entity, rng: random.Random) -> Lacks | None:
    """What rules out all others of a set, where they have it and `entity` certainly has not."""
    bit = solver.bit(entity)
    others = found.may & ~bit
    if not others or others.bit_count() > MOST_DENIED:
        return None
    denials = []
    for name, relation in solver.store.relations.items():
        if relation.subject != entity.type or relation.kind != "entity" or not (relation.complete and relation.many):
            continue
        said = solver.statements(name)
        if not bit & said.open:
            denials += [
                Lacks(name, value)
                for value, having in said.having.items()
                if having & others == others and not having & bit
            ]
    return rng.choice(denials) if denials else None


def _range(relation: str, number: float, rng: random.Random) -> Within | None:
    """Bounds of one significant digit around a number: beyond the lower, below the upper, or between both."""
    low, high = neighbours(number)
    kind = rng.choice(("above", "below", "between"))
    if number <= 0 or low == high:
        return None
    if kind == "between":
        return Within(relation, low, high)
    return Within(relation, low, None) if kind == "above" else Within(relation, None, high)


def neighbours(number: float) -> tuple[int | float, int | float]:
    """The round numbers, of one significant digit or the half of one, between which a positive number lies."""
    unit = 10 ** (len(str(int(number))) - 1) if number >= 10 else 1 if number >= 1 else 0.1
    parts = range(2, 41) if number >= 10 else range(1, 41)
    steps = (
        [round(unit * part / 2, 3) for part in parts] if number >= 1 else [round(unit * part, 1) for part in range(21)]
    )
    low = max((step for step in steps if step < number), default=0)
    high = min(step for step in steps if step > number)
    return _whole(low), _whole(high)


def _years(relation: str, year: int, rng: random.Random) -> Within:
    """A time of many years around a year."""
    start = year // 50 * 50
    if start == year:
        start -= 50
    kind = rng.choice(("before", "after", "between"))
    if kind == "between":
        return Within(relation, start, start + 50)
    return Within(relation, None, start + 50) if kind == "before" else Within(relation, start, None)


def _whole(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number
