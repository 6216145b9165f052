"""Answers formal questions by exhaustive set algebra: which entities certainly meet a description, and which may.

A set of entities of one type is an integer with one bit for each of them. Every set is held twice: `must` are the entities for which the
pages leave no doubt, `may` are those for which some reading of question and pages is left. They differ where a page may say more than its
facts do (`Entity.open`), where a number is just the bound of a range, where another spelling of a name begins with that letter, and where
two entities share a greatest value. A question has one answer only if both sets are that one entity, so uniqueness is a proof.

What holds is what the pages say. Where a relation is not complete, a page that lists eight export partners says nothing of a ninth: "has
X among its export partners" is then judged by what stands there, and a relation like that is never counted or denied.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from envgym.environments.web.corpus.facts import Entity, FactStore, Relation
from envgym.environments.web.question.query import (
    Begins,
    Counts,
    Decade,
    End,
    Has,
    Lacks,
    Letters,
    Linked,
    Query,
    Some,
    Top,
)
from envgym.errors import UsageError
from envgym.verifiers.saying import Value, folded


class Bounds(NamedTuple):
    """A set from inside and from outside, as bits."""

    must: int
    may: int

    def __and__(self, other: "Bounds") -> "Bounds":
        return Bounds(self.must & other.must, self.may & other.may)

    @property
    def one(self) -> bool:
        """Whether it is exactly one entity, beyond doubt."""
        return self.must == self.may != 0 and not self.may & (self.may - 1)


class Statements:
    """All that is said under one relation, as bits of its subjects and of its values."""

    def __init__(self, store: FactStore, relation: Relation) -> None:
        self.relation = relation
        self.subjects = {entity.id: 1 << at for at, entity in enumerate(store.of_type(relation.subject))}
        self.targets = {entity.id: 1 << at for at, entity in enumerate(store.of_type(relation.target))}
        self.having: dict[Value, int] = {}
        """Subjects by value."""
        self.reached: dict[str, int] = {}
        """Values, as bits of the targets, by subject."""
        self.values: dict[str, list[Value]] = {}
        for entity in store.of_type(relation.subject):
            for fact in store.of(entity.id, relation.name):
                self._add(entity.id, fact.value)
                if relation.symmetric:
                    self._add(str(fact.value), entity.id)
        self.open = sum(
            self.subjects[entity.id] for entity in store.of_type(relation.subject) if relation.name in entity.open
        )

    def _add(self, subject: str, value: Value) -> None:
        held = self.values.setdefault(subject, [])
        if value in held:
            return
        held.append(value)
        self.having[value] = self.having.get(value, 0) | self.subjects[subject]
        if self.relation.kind == "entity":
            self.reached[subject] = self.reached.get(subject, 0) | self.targets[str(value)]


class Solver:
    """Answers questions over one store. What was worked out for a clue is kept."""

    def __init__(self, store: FactStore) -> None:
        self.store = store
        types = dict.fromkeys(entity.type for entity in store.entities.values())
        self._bits = {entity.id: 1 << at for type_ in types for at, entity in enumerate(store.of_type(type_))}
        self._statements: dict[str, Statements] = {}
        self._clues: dict[tuple[str, Any], Bounds] = {}
        self._images: dict[tuple[str, bool, int], int] = {}

    def statements(self, relation: str) -> Statements:
        """What is said under a relation. Raises UsageError where there is none of that name."""
        found = self._statements.get(relation)
        if found is None:
            if relation not in self.store.relations:
                raise UsageError(f"the corpus has no relation {relation!r}; it has {', '.join(self.store.relations)}")
            found = self._statements[relation] = Statements(self.store, self.store.relations[relation])
        return found

    def entities(self, type_: str, bits: int) -> list[Entity]:
        """The entities of a set, in the order of the corpus."""
        entities = self.store.of_type(type_)
        return [entities[at] for at in places(bits)]

    def bit(self, entity: Entity) -> int:
        """The entity as a set."""
        return self._bits[entity.id]

    def everything(self, type_: str) -> Bounds:
        """All entities of a type."""
        everything = (1 << len(self.store.of_type(type_))) - 1
        return Bounds(everything, everything)

    def bounds(self, some: Some) -> Bounds:
        """Which entities a description fits."""
        found = self.everything(some.type)
        for clue in some.clues:
            found &= self.clue(some.type, clue)
        return found

    def clue(self, type_: str, clue: Any) -> Bounds:
        """Which entities of a type one clue fits."""
        key = (type_, clue)
        found = self._clues.get(key)
        if found is None:
            if len(self._clues) > 200_000:
                self._clues.clear()
            found = self._clues[key] = self._worked_out(type_, clue)
        return found

    def only(self, some: Some) -> Entity | None:
        """The one entity that a description fits, where it is proved to be one."""
        found = self.bounds(some)
        return self.entities(some.type, found.may)[0] if found.one else None

    def answers(self, query: Query) -> frozenset[Value]:
        """All answers that are not ruled out: one, where the question is unique."""
        found = self.bounds(query.of)
        answers = [self.answer_of(entity, query) for entity in self.entities(query.of.type, found.may)]
        return frozenset(answer for answer in answers if answer is not None)

    def answer_of(self, entity: Entity, query: Query) -> Value | None:
        """What would be answered if the description were of this entity; None where its page leaves that open, or says several things."""
        if not query.asks:
            return entity.id
        said = self.statements(query.asks)
        values = said.values.get(entity.id, [])
        if query.asks in entity.open or (query.counts and not said.relation.complete):
            return None
        if query.counts:
            return len(values)
        return values[0] if len(values) == 1 else None

    # ---- clues

    def _worked_out(self, type_: str, clue: Any) -> Bounds:
        match clue:
            case Begins() | Letters():
                return self._named(type_, clue)
            case Linked():
                return self.linked(clue.relation, self.bounds(clue.to), turned=clue.turned)
            case Top():
                return self.top(clue.relation, clue.end, self.bounds(clue.among))
        said = self.statements(clue.relation)
        everything = (1 << len(said.subjects)) - 1
        match clue:
            case Has(turned=True):
                reached = said.reached.get(str(clue.value), 0)
                unsure = said.subjects[str(clue.value)] & said.open
                return Bounds(reached, (1 << len(said.targets)) - 1 if unsure else reached)
            case Has():
                having = said.having.get(clue.value, 0)
                return Bounds(having, having | said.open)
            case Lacks():
                having = said.having.get(clue.value, 0)
                return Bounds(everything & ~(having | said.open), everything & ~having)
            case Counts():
                return _counted(said, clue)
            case Decade():
                first, last = clue.first, clue.first + 9
                inside = _holding(said, lambda value: first <= value <= last)
                return Bounds(inside, inside | said.open)
        low, high = clue.low, clue.high
        inside = _holding(said, lambda value: (low is None or low < value) and (high is None or value < high))
        edge = _holding(said, lambda value: value in (low, high))
        return Bounds(inside & ~edge, inside | edge | said.open)

    def _named(self, type_: str, clue: Begins | Letters) -> Bounds:
        """By the name of the page; other spellings of one word must agree, any other spelling may."""
        must = may = 0
        for at, entity in enumerate(self.store.of_type(type_)):
            names = [entity.name, *(alias for alias in entity.aliases if " " not in alias and not alias.isupper())]
            fits = [_fits(name, clue) for name in (entity.name, *entity.aliases)]
            must |= all(_fits(name, clue) for name in names) << at
            may |= any(fits) << at
        return Bounds(must, may)

    def linked(self, relation: str, inside: Bounds, *, turned: bool) -> Bounds:
        """What has a value among these entities, or turned, what these have as a value."""
        said = self.statements(relation)
        must, may = (self._image(said, bits, turned=turned) for bits in inside)
        if turned:
            return Bounds(must, (1 << len(said.targets)) - 1 if inside.may & said.open else may)
        return Bounds(must, may | said.open if inside.may else may)

    def _image(self, said: Statements, bits: int, *, turned: bool) -> int:
        key = (said.relation.name, turned, bits)
        image = self._images.get(key)
        if image is None:
            ids = list(said.subjects if turned else said.targets)
            sets: dict[Any, int] = said.reached if turned else said.having
            image = 0
            for at in places(bits):
                image |= sets.get(ids[at], 0)
            if len(self._images) > 50_000:
                self._images.clear()
            self._images[key] = image
        return image

    def top(self, relation: str, end: End, among: Bounds) -> Bounds:
        """What has the greatest or smallest number among these; those without a number take no part."""
        said = self.statements(relation)
        sign = 1 if end == "greatest" else -1
        ids = list(said.subjects)
        numbers = {at: [sign * float(value) for value in said.values.get(ids[at], [])] for at in places(among.may)}
        unsure = {at for at in numbers if said.open >> at & 1}
        must = may = 0
        floor = max(
            (max(held) for at, held in numbers.items() if held and among.must >> at & 1 and at not in unsure),
            default=-float("inf"),
        )
        for at, held in numbers.items():
            others = [max(each) for other, each in numbers.items() if other != at and each]
            certain = among.must >> at & 1 and held and not unsure and max(held) > max(others, default=-float("inf"))
            must |= bool(certain) << at
            may |= (at in unsure or bool(held and max(held) >= floor)) << at
        return Bounds(must, may)


def solve(query: Query, store: FactStore) -> set[Value]:
    """The answers of a query that are not ruled out by what the pages say."""
    return set(Solver(store).answers(query))


def places(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


@lru_cache(maxsize=200_000)
def letters_of(name: str) -> str:
    """The letters of a name, without case and accents, and without "the" in front."""
    return "".join(filter(str.isalpha, folded(name).removeprefix("the ")))


def _fits(name: str, clue: Begins | Letters) -> bool:
    letters = letters_of(name)
    return letters.startswith(clue.letter.casefold()) if isinstance(clue, Begins) else len(letters) == clue.count


def _holding(said: Statements, holds: Callable[[Any], bool]) -> int:
    bits = 0
    for value, having in said.having.items():
        if holds(value):
            bits |= having
    return bits


def _counted(said: Statements, clue: Counts) -> Bounds:
    must = may = 0
    least, most = clue.least or 0, clue.most
    for entity, bit in said.subjects.items():
        count = len(said.values.get(entity, ()))
        fits = least <= count and (most is None or count <= most)
        if bit & said.open:
            may |= bit if most is None or count <= most else 0
        elif fits:
            must, may = must | bit, may | bit
    return Bounds(must, may)
