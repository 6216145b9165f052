"""From long to short: a description that says everything becomes one that says just enough.

It begins with all clues of an entity, named as the pages name them. In a bounded number of rounds names are replaced by descriptions of
what they name, which makes the chain of entities to find, and clues are made vaguer. Then clues are dropped, the most specific ones first,
for as long as exactly one entity fits. What is left is minimal: without any one of its clues, at any depth, it would not be unique. No
clue alone gives away what it speaks of, and the chain cannot be cut short, for nothing of it could be dropped.

Order and rounds are those of WebExplorer's evolution (arXiv 2509.06501, section 3.2), where a model judges what is proved here.
"""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.web.corpus.facts import Entity
from envgym.environments.web.question.explore import Explorer, Step, Told
from envgym.environments.web.question.generalise import Broader, denial, vaguer
from envgym.environments.web.question.query import (
    Begins,
    End,
    Has,
    Lacks,
    Letters,
    Linked,
    Some,
    Top,
    clues_in,
    edited,
    inner,
    leaves,
)
from envgym.environments.web.question.rejected import Rejected, require
from envgym.environments.web.question.solver import Bounds, Solver, places

MOST_LEAVES = 6
"""Clues that a person can hold in mind."""
MOST_DECOYS = 16
"""Other entities that are looked at for one that shares clues."""
AMONG = range(3, 9)
"""Entities among which one is the greatest or smallest."""
PICKS = 12
"""Clues that are looked at in one round for one that can be vaguer."""
NAMES = 0.25
"""How often anything is said of how a name is written: questions are about the world."""
DENIALS = 0.25
"""How often it is said what the entity has not, where that tells it apart."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of evolution: what became of a clue."""

    kind: str
    before: Any
    after: Any = None


@dataclass(slots=True)
class Level:
    """One entity of the chain, what is told of it, and how it leads to the next one."""

    entity: Entity
    told: list[Told]
    step: Step | None = None

    def alone(self, everything: Bounds, but: Told | None = None) -> Bounds:
        """What fits all that is told here, or all but one, whatever hangs below."""
        must, may = everything
        for each in self.told:
            if each is not but:
                must, may = must & each.fits.must, may & each.fits.may
        return Bounds(must, may)


@dataclass(slots=True)
class Evolution:
    """A description on its way, always of the entity of the first level and of nothing else."""

    explorer: Explorer
    broader: Broader
    rng: random.Random
    levels: list[Level]
    best: tuple[str, End] | None = None
    """The number by which the first entity is the greatest or smallest of those that fit, in place of being the only one."""
    changes: list[Change] = field(default_factory=list)
    before: tuple[Any, ...] = ()
    """All clues of the entity, as it began."""

    def __post_init__(self) -> None:
        self.before = tuple(each.clue for each in self.levels[0].told)

    @property
    def solver(self) -> Solver:
        return self.explorer.solver

    @property
    def entity(self) -> Entity:
        return self.levels[0].entity

    def description(self) -> Some:
        """What is said, as one tree."""
        whole: Some | None = None
        for level in reversed(self.levels):
            link = (
                () if whole is None or level.step is None else (Linked(level.step.relation, whole, level.step.turned),)
            )
            whole = Some(level.entity.type, (*(each.clue for each in level.told), *link))
        assert whole is not None
        return whole if self.best is None else Some(whole.type, (Top(*self.best, whole),))

    # ---- what fits

    def fits(self, found: Bounds) -> bool:
        """Whether a set is what the first level may be: the entity alone, or few among which it is the greatest or smallest."""
        if self.best is None:
            return found.must == found.may == self.solver.bit(self.entity)
        few = found.must == found.may and found.may.bit_count() < AMONG.stop
        return few and self.solver.top(*self.best, found) == (self.solver.bit(self.entity),) * 2

    def alone(self, depth: int, but: Told | None = None) -> Bounds:
        """What fits all that is told at one level, or all but one, whatever hangs below."""
        level = self.levels[depth]
        return level.alone(self.solver.everything(level.entity.type), but)

    def below(self, depth: int) -> Bounds:
        """What fits the step to the next level, with all that is told there."""
        level = self.levels[depth]
        if level.step is None:
            return self.solver.everything(level.entity.type)
        inside = self.alone(depth + 1) & self.below(depth + 1)
        return self.solver.linked(level.step.relation, inside, turned=level.step.turned)

    def above(self, depth: int) -> Callable[[Bounds], bool]:
        """Whether the whole still fits, by what fits at one level."""
        outer = [(self.levels[at].step, self.alone(at)) for at in reversed(range(depth))]

        def whole(found: Bounds) -> bool:
            for step, others in outer:
                assert step is not None
                found = others & self.solver.linked(step.relation, found, turned=step.turned)
            return self.fits(found)

        return whole

    @property
    def unique(self) -> bool:
        return self.fits(self.alone(0) & self.below(0))

    # ---- rounds

    def link(self, steps: list[Step]) -> None:
        """Replaces a name by all that is said of what it names, and a name in that, ...: a round for every step.

        What else stands at the other end of a step that leads backwards is left out: it would be read as a part of the chain.
        """
        known = {self.entity.id, *(step.to.id for step in steps)}
        relations = self.solver.store.relations
        first = self.levels[0]
        first.told = [each for each in first.told if not _names(each.clue, known)]
        for step in steps:
            self.levels[-1].step = step
            told = self.explorer.clues(step.to, without=known)
            if not step.turned and not relations[step.relation].symmetric:
                told = [
                    each
                    for each in told
                    if not (each.clue.node == "has" and each.clue.turned and each.clue.relation == step.relation)
                ]
            self.levels.append(Level(step.to, told))
            self.changes.append(Change("described", step.clue))

    def generalise(self, rounds: int) -> None:
        """Makes clues vaguer, one in a round."""
        relations = self.solver.store.relations
        for _ in range(rounds):
            level = self.rng.choice(self.levels)
            for _ in range(PICKS if level.told else 0):
                at = self.rng.randrange(len(level.told))
                clue = level.told[at].clue
                if isinstance(clue, Begins | Letters):
                    continue
                new = vaguer(self.broader, relations[clue.relation].kind, clue, self.rng)
                if new is not None:
                    level.told[at] = Told.of(self.solver, level.entity.type, new)
                    self.changes.append(Change("vaguer", clue, new))
                    break

    # ---- shorter

    def shorten(self) -> None:
        """Drops clues until nothing can be dropped. Raises Rejected where only a give-away tells the entity apart."""
        least = self.rng.choice((2, 2, 3, 5, 9))
        if self.rng.random() >= NAMES:
            for level in self.levels:
                self._keep(level, [each for each in level.told if not isinstance(each.clue, Begins | Letters)])
        for level in self.levels:
            self._keep(level, [each for each in level.told if not self._gives_away(level, each)])
        require(self.best is not None or self.unique, "only a give-away tells it apart")
        if self.best is not None or self.levels[0].step is not None:
            self._keep_decoys()
        for depth, level in enumerate(self.levels):
            self._drop(depth, [each for each in self._ordered(level) if each.number < least], self.above(depth))
        for depth in range(1 if self.best is None else 0, len(self.levels) - 1):
            self._need_below(depth)
        for depth in reversed(range(len(self.levels))):
            self._drop(depth, self._ordered(self.levels[depth])[::-1], self.above(depth))
        if self.best is None and self.rng.random() < DENIALS:
            self._deny()

    def _gives_away(self, level: Level, each: Told) -> bool:
        """Whether it fits one entity alone, or tells a number to the digit, which can be searched for."""
        exact = isinstance(each.clue, Has) and self.solver.store.relations[each.clue.relation].kind == "number"
        few = AMONG.start if self.best is not None and level is self.levels[0] else 2
        return exact or each.number < few

    def _keep_decoys(self) -> None:
        """Leaves of the outer clues those that some other entity meets as well, so that only what hangs below tells them apart; or those
        that a few others meet, among which this one is the greatest or smallest.
        """
        level, below = self.levels[0], self.below(0)
        beyond = self.solver.everything(level.entity.type).may & ~self.solver.bit(self.entity)
        if self.best is None:
            beyond &= ~below.may
        for bits in self._decoys(level, beyond, 1 if self.best is None else AMONG.start - 1):
            told = [each for each in level.told if each.fits.must & bits == bits]
            found = below
            for each in told:
                found &= each.fits
            if self.best is not None:
                self.best = self._standing_out(found) or self.best
            if self.fits(found):
                self._keep(level, told)
                return
        raise Rejected("the chain does not tell it apart" if self.best is None else "nothing to stand out from")

    def _decoys(self, level: Level, beyond: int, size: int) -> Iterator[int]:
        """Sets of a few other entities, those first that share the rarest clues."""
        others = [1 << at for at in places(beyond)]
        drawn = self.rng.sample(others, min(len(others), MOST_DECOYS * size**2))
        drawn.sort(key=lambda bit: sum(1 / each.number for each in level.told if each.fits.must & bit), reverse=True)
        for first in range(len(drawn) - size + 1):
            yield sum(drawn[first : first + size])

    def _standing_out(self, found: Bounds) -> tuple[str, End] | None:
        """By what number the entity is the greatest or smallest of a set of a few."""
        if found.must != found.may or found.may.bit_count() not in AMONG:
            return None
        ends: tuple[End, End] = ("greatest", "smallest")
        ways = [(relation, end) for relation in compared(self.solver, self.entity) for end in ends]
        self.rng.shuffle(ways)
        alone = (self.solver.bit(self.entity),) * 2
        return next((way for way in ways if self.solver.top(*way, found) == alone), None)

    def _need_below(self, depth: int) -> None:
        """Drops clues of a level, the most specific ones first, until it is not unique without the next level."""
        level, whole, below = self.levels[depth], self.above(depth), self.below(depth)
        waiting = self._ordered(level)
        while whole(self.alone(depth)):
            found = next((each for each in waiting if whole(self.alone(depth, each) & below)), None)
            if found is None:
                raise Rejected("the chain does not tell it apart")
            waiting = [each for each in waiting if each is not found]
            self._keep(level, [each for each in level.told if each is not found])

    def _drop(
        self, depth: int, ordered: list[Told], allowed: Callable[[Bounds], bool], *, start: Bounds | None = None
    ) -> None:
        """Drops clues of one level in turn where what fits the others, and `start`, is allowed; `start` is what hangs below."""
        level = self.levels[depth]
        in_turn = set(map(id, ordered))
        so_far = self.below(depth) if start is None else start
        for each in level.told:
            if id(each) not in in_turn:
                so_far &= each.fits
        later = [self.solver.everything(level.entity.type)]
        for each in reversed(ordered):
            later.append(later[-1] & each.fits)
        dropped = set()
        for each, rest in zip(ordered, later[-2::-1], strict=True):
            if allowed(so_far & rest):
                dropped.add(id(each))
            else:
                so_far &= each.fits
        self._keep(level, [each for each in level.told if id(each) not in dropped])

    def _keep(self, level: Level, told: list[Told]) -> None:
        kept = set(map(id, told))
        self.changes += [Change("dropped", each.clue) for each in level.told if id(each) not in kept]
        level.told = told

    def _ordered(self, level: Level) -> list[Told]:
        """Clues from the most specific on, with a little chance: the same entity gives other questions. What was made vaguer counts as more
        specific than it is, and what tells of a name only as less.
        """
        made, uniform = {id(change.after) for change in self.changes}, self.rng.uniform
        weights = [
            each.number
            * (8.0 if isinstance(each.clue, Begins | Letters) else 0.1 if id(each.clue) in made else 1.0)
            * uniform(0.4, 1.6)
            for each in level.told
        ]
        return [level.told[at] for at in sorted(range(len(weights)), key=weights.__getitem__)]

    def _deny(self) -> None:
        """Says what the entity has not, in place of something that it has."""
        level, below = self.levels[0], self.below(0)
        for each in level.told if len(level.told) > 1 else ():
            left = self.alone(0, each) & below
            new = denial(self.solver, left, self.entity, self.rng)
            if new is not None and self.fits(left & self.solver.clue(level.entity.type, new)):
                level.told = [
                    *(other for other in level.told if other is not each),
                    Told.of(self.solver, level.entity.type, new),
                ]
                self.changes.append(Change("denied", each.clue, new))
                return


def minimal(solver: Solver, some: Some) -> None:
    """Raises Rejected where a description is not of exactly one entity, has a clue too many, or one that gives it away."""
    require(solver.only(some) is not None, "not unique")
    for path, type_, clue in clues_in(some):
        if isinstance(clue, Top):
            require(solver.bounds(clue.among).may.bit_count() in AMONG, "a superlative among too few or too many")
            continue
        require(isinstance(clue, Lacks) or solver.clue(type_, clue).must.bit_count() >= 2, "a clue gives it away")
        require(solver.only(edited(some, path, None)) != solver.only(some), "a clue could be dropped")
    for _, _, clue in clues_in(some):
        told = inner(clue)
        require(
            told is None or any(not isinstance(each, Begins | Letters) for each in told.clues), "a chain to a mere name"
        )
    require(len(leaves(some)) <= MOST_LEAVES, "too many clues to read")


def evolve(
    explorer: Explorer,
    broader: Broader,
    entity: Entity,
    rng: random.Random,
    *,
    hops: int,
    rounds: int,
    hidden: Collection[str] = (),
    best: bool = False,
) -> Evolution:
    """A description of `entity` with a chain of `hops` entities, in at most `rounds` rounds, that tells nothing of the relations
    `hidden`. With `best` it is the greatest or smallest of a few. Raises Rejected where none comes of it.
    """
    evolution = Evolution(explorer, broader, rng, [Level(entity, explorer.clues(entity, hidden=hidden))])
    further = hops - 1 - best
    steps = explorer.chain(entity, rng, length=further)
    if steps is None:
        raise Rejected("the pages do not lead on")
    evolution.link(steps)
    require(evolution.unique, "not unique with all its clues")
    evolution.generalise(rounds - further)
    if best:
        numbers = compared(explorer.solver, entity)
        require(bool(numbers), "nothing to compare by")
        evolution.best = (numbers[0], "greatest")
    evolution.shorten()
    return evolution


def compared(solver: Solver, entity: Entity) -> list[str]:
    """The relations whose numbers an entity can be compared by."""
    return [
        relation.name
        for relation in solver.store.relations.values()
        if (relation.subject, relation.kind, relation.many, relation.complete) == (entity.type, "number", False, True)
        and solver.statements(relation.name).values.get(entity.id)
    ]


def _names(clue: Any, ids: Collection[str]) -> bool:
    return isinstance(clue, Has) and clue.value in ids
