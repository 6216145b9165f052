"""Exploring from an entity: all that pages say of it as clues, the entities next to it, and those that nearly meet a description.

What WebExplorer has a model collect by searching (arXiv 2509.06501, section 3.1) is read out of the facts here, so nothing is missed and
nothing is made up.
"""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from envgym.environments.web.corpus.facts import Entity
from envgym.environments.web.question.query import Begins, Counts, Has, Letters, Some
from envgym.environments.web.question.solver import Bounds, Solver, Statements, letters_of, places

MOST_OF_ONE = 12
"""Clues of one entity under one relation, where it is the value: 150 countries import from Germany."""


@dataclass(frozen=True, slots=True)
class Step:
    """From an entity to another one: as its value, or turned, as what has it as a value."""

    relation: str
    turned: bool
    to: Entity

    @property
    def clue(self) -> Has:
        """What names the entity that it leads to."""
        return Has(self.relation, self.to.id, self.turned)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An entity that meets all clues but one."""

    entity: Entity
    failed: Any


class Told(NamedTuple):
    """A clue with what it fits."""

    clue: Any
    fits: Bounds
    number: int
    """How many entities it certainly fits."""

    @classmethod
    def of(cls, solver: Solver, type_: str, clue: Any) -> "Told":
        fits = solver.clue(type_, clue)
        return cls(clue, fits, fits.must.bit_count())


class Explorer:
    """What there is to find from each entity of a store; kept once it was found."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self._clues: dict[str, list[Told]] = {}
        self._steps: dict[str, list[Step]] = {}

    def clues(self, entity: Entity, *, without: Collection[str] = (), hidden: Collection[str] = ()) -> list[Told]:
        """All clues of an entity, but those that name one of the entities `without`, or tell of the relations `hidden`."""
        told = self._clues.get(entity.id)
        if told is None:
            found = self._found(entity)
            told = self._clues[entity.id] = [Told.of(self.solver, entity.type, clue) for clue in found]
        if not without and not hidden:
            return list(told)
        return [
            each
            for each in told
            if getattr(each.clue, "relation", "") not in hidden
            and not (isinstance(each.clue, Has) and each.clue.value in without)
        ]

    def steps(self, entity: Entity) -> list[Step]:
        """The entities next to this one, with what leads to them."""
        steps = self._steps.get(entity.id)
        if steps is None:
            steps = self._steps[entity.id] = list(self._found_steps(entity))
        return steps

    def chain(self, entity: Entity, rng: random.Random, *, length: int) -> list[Step] | None:
        """A walk to `length` further entities, none of them twice; every relation that leads on is as likely as another. None where it
        ends too soon.
        """
        chain: list[Step] = []
        seen, here = {entity.id}, entity
        for left in reversed(range(length)):
            steps = [step for step in self.steps(here) if step.to.id not in seen and self._leads_on(step.to, left)]
            if not steps:
                return None
            kind = rng.choice(list(dict.fromkeys((step.relation, step.turned) for step in steps)))
            step = rng.choice([step for step in steps if (step.relation, step.turned) == kind])
            chain.append(step)
            seen.add(step.to.id)
            here = step.to
        return chain

    def _leads_on(self, entity: Entity, left: int) -> bool:
        """Whether pages tell of an entity more than the way that led to it, and its own page where no step is left."""
        return bool(entity.page) or (left > 0 and len(self.steps(entity)) > 1)

    def _found(self, entity: Entity) -> Iterator[Any]:
        for name, relation in self.solver.store.relations.items():
            said = self.solver.statements(name)
            if relation.subject == entity.type:
                yield from _stated(said, entity)
            if relation.target == entity.type and relation.turned and not relation.symmetric:
                subjects = [other for other in _subjects(said, entity) if other != entity.id]
                yield from (Has(name, other, turned=True) for other in subjects[:MOST_OF_ONE])
        letters = letters_of(entity.name)
        if letters and letters[0].isascii():
            yield Begins(letters[0].upper())
            yield Letters(len(letters))

    def _found_steps(self, entity: Entity) -> Iterator[Step]:
        store = self.solver.store
        for name, relation in store.relations.items():
            if relation.kind != "entity":
                continue
            said = self.solver.statements(name)
            others: list[tuple[str, bool]] = []
            if relation.subject == entity.type:
                others += [(str(value), False) for value in said.values.get(entity.id, [])]
            if relation.target == entity.type and relation.turned and not relation.symmetric:
                others += [(subject, True) for subject in _subjects(said, entity)]
            yield from (Step(name, turned, store.entities[other]) for other, turned in others if other != entity.id)


def _stated(said: Statements, entity: Entity) -> Iterator[Any]:
    relation, values = said.relation, said.values.get(entity.id, [])
    yield from (Has(relation.name, value) for value in values)
    if relation.many and relation.complete and values and not said.subjects[entity.id] & said.open:
        yield Counts(relation.name, len(values), len(values))


def _subjects(said: Statements, entity: Entity) -> list[str]:
    having = said.having.get(entity.id, 0)
    ids = list(said.subjects)
    return [ids[at] for at in places(having)]


def near_misses(solver: Solver, some: Some) -> list[NearMiss]:
    """The entities that certainly fail exactly one clue of a description, clue by clue: what a careless reader would answer."""
    found = []
    for number, clue in enumerate(some.clues):
        others = Some(some.type, (*some.clues[:number], *some.clues[number + 1 :]))
        bits = solver.bounds(others).must & ~solver.clue(some.type, clue).may
        found += [NearMiss(entity, clue) for entity in solver.entities(some.type, bits)]
    return found
